import { runService } from '@tandem/service';
import { createRoutingApp } from './app.ts';
import { readRoutingConfig } from './config.ts';

await runService('routing', ({ env, ...process_ }) =>
  createRoutingApp(readRoutingConfig(env), process_),
);
