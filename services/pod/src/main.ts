import { runService } from '@tandem/service';
import { createModules } from './app.ts';
import { readModuleConfigs } from './config.ts';

await runService('pod', async ({ env, ...process_ }) =>
  createModules(await readModuleConfigs(env), process_),
);
