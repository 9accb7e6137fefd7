import { ConfigurationError, settings } from '@tandem/config';
import type { Mistake, ServiceName } from '@tandem/config';
import { readServiceSettings } from '@tandem/service';
import type { ServiceConfig } from '@tandem/service';
import { z } from 'zod';

/** What billing is started with. */
export interface BillingConfig extends ServiceConfig {
  /** First part of the Redis keys. @default 'tandem' */
  readonly redisPrefix?: string | undefined;
  /** Where call events come from; undefined = given as a resource. */
  readonly kafkaBrokers?: readonly string[] | undefined;
  /** @default 'tandem.call-events.v1' */
  readonly kafkaTopic?: string | undefined;
  /** Consumer group; several deployments on one Kafka need one each. @default 'tandem-billing' */
  readonly kafkaGroup?: string | undefined;
  /** After this time without a sign of life a call is closed as lost, in ms. @default 3600000 */
  readonly lostAfterMs?: number | undefined;
  /** So many days of CDRs are kept. @default all of them */
  readonly cdrDays?: number | undefined;
  /** Where CDRs are written before they go. @default they go without a copy, where `cdrDays` is set */
  readonly archiveDir?: string | undefined;
  /** Folder of the files that others are fed with CDRs by. @default none */
  readonly feedDir?: string | undefined;
  /** Pause between two of those files, in ms. @default 300000 */
  readonly feedMs?: number | undefined;
  /** Web hook that CDRs are sent to. @default none */
  readonly feedHook?: { readonly url: string; readonly secretFile: string } | undefined;
}

// Signs of life come every 5 minutes; fewer than three of them may be late for other reasons.
const lostMinutes = z.coerce
  .number('write a number of minutes from 15 to 10080')
  .int('write whole minutes')
  .min(15, 'write 15 to 10080 minutes')
  .max(10_080, 'write 15 to 10080 minutes')
  .default(60);

// Events may wait in the log for a week, and what is read again must find its CDR.
const cdrDays = z.coerce
  .number('write a number of days from 30 to 36500')
  .int('write whole days')
  .min(30, 'write 30 to 36500 days')
  .max(36_500, 'write 30 to 36500 days')
  .optional();

const feedSeconds = z.coerce
  .number('write a number of seconds from 10 to 86400')
  .int('write whole seconds')
  .min(10, 'write 10 to 86400 seconds')
  .max(86_400, 'write 10 to 86400 seconds')
  .default(300);

const own = z.object({
  TANDEM_REDIS_PREFIX: settings.redisPrefix,
  TANDEM_KAFKA_TOPIC: z.string().optional(),
  TANDEM_KAFKA_GROUP: z.string().optional(),
  TANDEM_BILLING_LOST_MINUTES: lostMinutes,
  TANDEM_BILLING_CDR_DAYS: cdrDays,
  TANDEM_BILLING_ARCHIVE_DIR: z.string().min(1).optional(),
  TANDEM_BILLING_FEED_DIR: z.string().min(1).optional(),
  TANDEM_BILLING_FEED_SECONDS: feedSeconds,
  TANDEM_BILLING_FEED_URL: z
    .url({ protocol: /^https?$/, error: 'write an http or https URL' })
    .optional(),
  TANDEM_BILLING_FEED_SECRET_FILE: z.string().min(1).optional(),
});

/** Where CDRs shall go without a copy. */
const NO_ARCHIVE = 'none';

/**
 * Reads the settings of billing.
 * @param beside the services of the same process: where none from outside asks billing, it need not listen
 * @throws ConfigurationError naming every mistake.
 */
export function readBillingConfig(
  env: NodeJS.ProcessEnv,
  beside: readonly ServiceName[] = [],
): BillingConfig {
  const { shell, own: values } = readServiceSettings('billing', own, { env, beside });
  const { TANDEM_BILLING_ARCHIVE_DIR: archiveDir, TANDEM_BILLING_CDR_DAYS: days } = values;
  const { TANDEM_BILLING_FEED_SECRET_FILE: secretFile, TANDEM_BILLING_FEED_URL: url } = values;
  const mistakes: Mistake[] = [];
  if (days !== undefined && archiveDir === undefined) {
    mistakes.push({
      path: 'TANDEM_BILLING_ARCHIVE_DIR',
      message: `is not set, and TANDEM_BILLING_CDR_DAYS is: name the folder that CDRs are written to before they are dropped, or write ${NO_ARCHIVE}`,
    });
  }
  if ((url === undefined) !== (secretFile === undefined)) {
    mistakes.push({
      path: url === undefined ? 'TANDEM_BILLING_FEED_URL' : 'TANDEM_BILLING_FEED_SECRET_FILE',
      message:
        'is not set: the web hook needs both its URL and the file of the secret that requests are signed with',
    });
  }
  if (mistakes.length > 0) throw new ConfigurationError(mistakes);
  return {
    ...shell,
    redisPrefix: values.TANDEM_REDIS_PREFIX,
    kafkaTopic: values.TANDEM_KAFKA_TOPIC,
    kafkaGroup: values.TANDEM_KAFKA_GROUP,
    lostAfterMs: values.TANDEM_BILLING_LOST_MINUTES * 60_000,
    cdrDays: days,
    archiveDir: archiveDir === NO_ARCHIVE ? undefined : archiveDir,
    feedDir: values.TANDEM_BILLING_FEED_DIR,
    feedMs: values.TANDEM_BILLING_FEED_SECONDS * 1000,
    feedHook: url !== undefined && secretFile !== undefined ? { url, secretFile } : undefined,
  };
}
