import { runService } from '@tandem/service';
import { createJournalApp } from './app.ts';
import { readJournalConfig } from './config.ts';

await runService('journal', ({ env, ...process_ }) =>
  createJournalApp(readJournalConfig(env), process_),
);
