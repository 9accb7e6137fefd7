import { readEnvironment, settings } from '@tandem/config';
import { z } from 'zod';

/** What billing is started with. */
export interface BillingConfig {
  /** `host:port` of the gRPC server; undefined = none. */
  readonly grpcListen: string | undefined;
  readonly postgresUrl: string;
  /** Where live balances are; undefined = given as a resource. */
  readonly redis: RedisConfig | undefined;
  /** Where call events come from; undefined = given as a resource. */
  readonly kafkaBrokers: readonly string[] | undefined;
  /** @default 'tandem.call-events.v1' */
  readonly kafkaTopic?: string | undefined;
  /** Consumer group; several deployments on one Kafka need one each. @default 'tandem-billing' */
  readonly kafkaGroup?: string | undefined;
  /** After this time without a sign of life a call is closed as lost, in ms. @default 3600000 */
  readonly lostAfterMs?: number | undefined;
}

interface RedisConfig {
  readonly kind: 'redis';
  readonly url: string;
  readonly prefix: string;
}

// Signs of life come every 5 minutes; fewer than three of them may be late for other reasons.
const lostMinutes = z.coerce
  .number('write a number of minutes from 15 to 10080')
  .int('write whole minutes')
  .min(15, 'write 15 to 10080 minutes')
  .max(10_080, 'write 15 to 10080 minutes')
  .default(60);

const schema = z.object({
  TANDEM_GRPC_LISTEN: settings.listen,
  TANDEM_POSTGRES_URL: settings.postgresUrl,
  TANDEM_REDIS_URL: settings.redisUrl,
  TANDEM_REDIS_PREFIX: z.string().default('tandem'),
  TANDEM_KAFKA_BROKERS: settings.kafkaBrokers,
  TANDEM_KAFKA_TOPIC: z.string().optional(),
  TANDEM_KAFKA_GROUP: z.string().optional(),
  TANDEM_BILLING_LOST_MINUTES: lostMinutes,
});

/**
 * Reads the settings of a billing process.
 * @throws ConfigurationError naming every mistake.
 */
export function readBillingConfig(env: NodeJS.ProcessEnv): BillingConfig {
  const values = readEnvironment(schema, env);
  return {
    grpcListen: values.TANDEM_GRPC_LISTEN,
    postgresUrl: values.TANDEM_POSTGRES_URL,
    redis: { kind: 'redis', url: values.TANDEM_REDIS_URL, prefix: values.TANDEM_REDIS_PREFIX },
    kafkaBrokers: values.TANDEM_KAFKA_BROKERS,
    kafkaTopic: values.TANDEM_KAFKA_TOPIC,
    kafkaGroup: values.TANDEM_KAFKA_GROUP,
    lostAfterMs: values.TANDEM_BILLING_LOST_MINUTES * 60_000,
  };
}
