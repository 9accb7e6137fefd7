import { runService } from '@tandem/service';
import { createPodApp } from './app.ts';
import { readEdgeConfig } from './config.ts';

await runService('edge', ({ logger, env }) => createPodApp(readEdgeConfig(env), { logger }));
