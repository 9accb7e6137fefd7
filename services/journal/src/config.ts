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
  /** How long SIP messages are kept, and what they may take of PostgreSQL: the oldest go. */
  readonly messagesHours: number;
  readonly messagesMegabytes: number;
  /** @default 'tandem.messages.v1' */
  readonly messagesTopic?: string | undefined;
  /** Consumer group of SIP messages. @default 'tandem-messages' */
  readonly messagesGroup?: string | undefined;
  /** A file in MaxMind's format, in place of the one that ships with the switch. */
  readonly countriesFile?: string | undefined;
}

/** How long what is kept where nothing else is said. */
export const journalDefaults = {
  days: 30,
  historyDays: 400,
  messagesHours: 72,
  messagesMegabytes: 20_000,
} as const;

const whole = (byDefault: number, [from, until]: readonly [number, number], unit: string) =>
  z.coerce
    .number(`write a number of ${unit} from ${String(from)} to ${String(until)}`)
    .int(`write whole ${unit}`)
    .min(from, `write ${String(from)} to ${String(until)} ${unit}`)
    .max(until, `write ${String(from)} to ${String(until)} ${unit}`)
    .default(byDefault);

const days = (byDefault: number) => whole(byDefault, [1, 3650], 'days');

const own = z.object({
  TANDEM_JOURNAL_GROUP: z.string().optional(),
  TANDEM_JOURNAL_DAYS: days(journalDefaults.days),
  TANDEM_JOURNAL_HISTORY_DAYS: days(journalDefaults.historyDays),
  TANDEM_MESSAGES_HOURS: whole(journalDefaults.messagesHours, [1, 720], 'hours'),
  TANDEM_MESSAGES_MEGABYTES: whole(
    journalDefaults.messagesMegabytes,
    [64, 10_000_000],
    'megabytes',
  ),
  TANDEM_MESSAGES_TOPIC: z.string().optional(),
  TANDEM_MESSAGES_GROUP: z.string().optional(),
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
    messagesHours: values.TANDEM_MESSAGES_HOURS,
    messagesMegabytes: values.TANDEM_MESSAGES_MEGABYTES,
    messagesTopic: values.TANDEM_MESSAGES_TOPIC,
    messagesGroup: values.TANDEM_MESSAGES_GROUP,
    countriesFile: values.TANDEM_COUNTRIES_FILE,
  };
}
