import { runService } from '@tandem/service';
import { createModules } from './app.ts';
import { readModuleConfigs } from './config.ts';

await runService('pod', ({ env, ...process_ }) => createModules(readModuleConfigs(env), process_));
