import type { ServiceName } from '@tandem/config';
import { readServiceSettings } from '@tandem/service';
import type { ServiceConfig } from '@tandem/service';
import { z } from 'zod';

/** How the journal runs. */
export interface JournalConfig extends ServiceConfig {
  /** Consumer group; several deployments on one Kafka need one each. @default 'tandem-journal' */
  readonly kafkaGroup?: string | undefined;
  /** How long entries, and what is counted by the minute, are kept. */
  readonly days: number;
  /** How long what is counted by the hour is kept. */
  readonly historyDays: number;
  /** A file in MaxMind's format, in place of the one that ships with the switch. */
  readonly countriesFile?: string | undefined;
}

/** How long what is kept where nothing else is said. */
export const journalDefaults = { days: 30, historyDays: 400 } as const;

const days = (byDefault: number) =>
  z.coerce
    .number('write a number of days from 1 to 3650')
    .int('write whole days')
    .min(1, 'write 1 to 3650 days')
    .max(3650, 'write 1 to 3650 days')
    .default(byDefault);

const own = z.object({
  TANDEM_JOURNAL_GROUP: z.string().optional(),
  TANDEM_JOURNAL_DAYS: days(journalDefaults.days),
  TANDEM_JOURNAL_HISTORY_DAYS: days(journalDefaults.historyDays),
  TANDEM_COUNTRIES_FILE: z.string().optional(),
});

/**
 * @param beside the services of the same process: where none from outside asks the journal, it need not listen
 * @throws ConfigurationError naming every mistake
 */
export function readJournalConfig(
  env: NodeJS.ProcessEnv,
  beside: readonly ServiceName[] = [],
): JournalConfig {
  const { shell, own: values } = readServiceSettings('journal', own, { env, beside });
  return {
    ...shell,
    kafkaGroup: values.TANDEM_JOURNAL_GROUP,
    days: values.TANDEM_JOURNAL_DAYS,
    historyDays: values.TANDEM_JOURNAL_HISTORY_DAYS,
    countriesFile: values.TANDEM_COUNTRIES_FILE,
  };
}
