import { runService } from '@tandem/service';
import { createRoutingApp } from './app.ts';
import { readRoutingConfig } from './config.ts';

await runService('routing', ({ logger, env }) =>
  createRoutingApp(readRoutingConfig(env), { logger }),
);
