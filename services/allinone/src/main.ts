import { runService } from '@tandem/service';
import { createAllInOneApp } from './app.ts';
import { readAllInOneConfig } from './config.ts';

await runService('tandem', ({ env, ...process_ }) =>
  createAllInOneApp(readAllInOneConfig(env), process_),
);
