import { settings } from '@tandem/config';
import type { ServiceName } from '@tandem/config';
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
}

// Signs of life come every 5 minutes; fewer than three of them may be late for other reasons.
const lostMinutes = z.coerce
  .number('write a number of minutes from 15 to 10080')
  .int('write whole minutes')
  .min(15, 'write 15 to 10080 minutes')
  .max(10_080, 'write 15 to 10080 minutes')
  .default(60);

const own = z.object({
  TANDEM_REDIS_PREFIX: settings.redisPrefix,
  TANDEM_KAFKA_TOPIC: z.string().optional(),
  TANDEM_KAFKA_GROUP: z.string().optional(),
  TANDEM_BILLING_LOST_MINUTES: lostMinutes,
});

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
  return {
    ...shell,
    redisPrefix: values.TANDEM_REDIS_PREFIX,
    kafkaTopic: values.TANDEM_KAFKA_TOPIC,
    kafkaGroup: values.TANDEM_KAFKA_GROUP,
    lostAfterMs: values.TANDEM_BILLING_LOST_MINUTES * 60_000,
  };
}
