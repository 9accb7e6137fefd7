import { runService } from '@tandem/service';
import { createBillingApp } from './app.ts';
import { readBillingConfig } from './config.ts';

await runService('billing', ({ logger, env }) =>
  createBillingApp(readBillingConfig(env), { logger }),
);
