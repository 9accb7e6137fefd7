import { runService } from '@tandem/service';
import { createRegistrarApp } from './app.ts';
import { readRegistrarConfig } from './config.ts';

await runService('registrar', ({ env, ...process_ }) =>
  createRegistrarApp(readRegistrarConfig(env), process_),
);
