import { runService } from '@tandem/service';
import { createAuthApp } from './app.ts';
import { readAuthConfig } from './config.ts';

await runService('auth', ({ logger, env }) => createAuthApp(readAuthConfig(env), { logger }));
