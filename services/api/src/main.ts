import { runService } from '@tandem/service';
import { createApiApp } from './app.ts';
import { readApiConfig } from './config.ts';

await runService('api', ({ env, ...process_ }) => createApiApp(readApiConfig(env), process_));
