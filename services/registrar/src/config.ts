import {
  isAskedFromOutside,
  parsedText,
  readEnvironment,
  readTogether,
  settings,
  type ServiceName,
} from '@tandem/config';
import { readGrpcTls, type ServiceConfig } from '@tandem/service';
import { nameServers, nameServersExpected } from '@tandem/sip-names';
import type { NameServer } from '@tandem/sip-names';
import { z } from 'zod';

/** How the registrar runs. What it decides by is in the configuration snapshot instead. */
export interface RegistrarConfig extends ServiceConfig {
  /** First part of the Redis keys. */
  readonly redisPrefix: string;
  /** Asked for the names of carriers' registrars, in this order. @default those of the machine */
  readonly dnsServers?: readonly NameServer[] | undefined;
}

const fields = {
  TANDEM_GRPC_LISTEN: settings.listen,
  TANDEM_REDIS_URL: settings.redisUrl,
  TANDEM_REDIS_PREFIX: settings.redisPrefix,
  TANDEM_POSTGRES_URL: settings.postgresUrl,
  TANDEM_KAFKA_BROKERS: settings.kafkaBrokers,
  TANDEM_JOURNAL_TOPIC: z.string().optional(),
  TANDEM_DNS_SERVERS: parsedText(nameServers, nameServersExpected).optional(),
};

/**
 * @param beside the services of the same process: where none from outside asks the registrar, it need not listen
 * @throws ConfigurationError naming every mistake in the environment and in TANDEM_CONFIG_FILE
 */
export function readRegistrarConfig(
  env: NodeJS.ProcessEnv,
  beside: readonly ServiceName[] = [],
): RegistrarConfig {
  const isAsked = isAskedFromOutside('registrar', beside);
  const listen = isAsked ? settings.listen : settings.listen.optional();
  const schema = z.object({ ...fields, TANDEM_GRPC_LISTEN: listen });
  const { values, tls } = readTogether({
    values: () => readEnvironment(schema, env),
    tls: () => readGrpcTls(env),
  });
  return {
    grpcListen: values.TANDEM_GRPC_LISTEN,
    tls,
    redisUrl: values.TANDEM_REDIS_URL,
    redisPrefix: values.TANDEM_REDIS_PREFIX,
    postgresUrl: values.TANDEM_POSTGRES_URL,
    kafkaBrokers: values.TANDEM_KAFKA_BROKERS,
    journalTopic: values.TANDEM_JOURNAL_TOPIC,
    dnsServers: values.TANDEM_DNS_SERVERS,
  };
}
