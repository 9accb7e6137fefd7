import { runService } from '@tandem/service';
import { createApiApp } from './app.ts';
import { readApiConfig } from './config.ts';

await runService('api', ({ logger, env }) => createApiApp(readApiConfig(env), { logger, env }));
