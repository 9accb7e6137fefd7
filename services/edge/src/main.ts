import { runService } from '@tandem/service';
import { createPodApp } from './app.ts';
import { readEdgeConfig } from './config.ts';

await runService('edge', ({ env, ...process_ }) => createPodApp(readEdgeConfig(env), process_));
