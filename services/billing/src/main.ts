import { runService } from '@tandem/service';
import { createBillingApp } from './app.ts';
import { readBillingConfig } from './config.ts';

await runService('billing', ({ env, ...process_ }) =>
  createBillingApp(readBillingConfig(env), process_),
);
