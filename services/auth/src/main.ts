import { runService } from '@tandem/service';
import { createAuthApp } from './app.ts';
import { readAuthConfig } from './config.ts';

await runService('auth', ({ env, ...process_ }) => createAuthApp(readAuthConfig(env), process_));
