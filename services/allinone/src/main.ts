import { runService } from '@tandem/service';
import { createAllInOneApp } from './app.ts';
import { readAllInOneConfig } from './config.ts';

await runService('tandem', ({ logger, env }) => createAllInOneApp(readAllInOneConfig(env), logger));
