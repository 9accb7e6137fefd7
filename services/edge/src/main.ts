import { runService } from '@tandem/service';
import { createEdgeApp } from './app.ts';
import { readEdgeConfig } from './config.ts';

await runService('edge', ({ logger, env }) => createEdgeApp(readEdgeConfig(env), { logger }));
