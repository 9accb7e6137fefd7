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
}

interface RedisConfig {
  readonly kind: 'redis';
  readonly url: string;
  readonly prefix: string;
}

const schema = z.object({
  TANDEM_GRPC_LISTEN: settings.listen,
  TANDEM_POSTGRES_URL: settings.postgresUrl,
  TANDEM_REDIS_URL: settings.redisUrl,
  TANDEM_REDIS_PREFIX: z.string().default('tandem'),
  TANDEM_KAFKA_BROKERS: settings.kafkaBrokers,
  TANDEM_KAFKA_TOPIC: z.string().optional(),
  TANDEM_KAFKA_GROUP: z.string().optional(),
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
  };
}
