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

/** How routing runs. What it decides by is in the configuration snapshot instead. */
export interface RoutingConfig extends ServiceConfig {
  /** First part of the Redis keys. */
  readonly redisPrefix: string;
  /** Asked for the names of gateways, in this order. @default those of the machine */
  readonly dnsServers?: readonly NameServer[] | undefined;
  /** `host:port`. @default none: phones are not registered anywhere */
  readonly registrarAddress?: string | undefined;
}

const fields = {
  TANDEM_GRPC_LISTEN: settings.listen,
  TANDEM_REDIS_URL: settings.redisUrl,
  TANDEM_REDIS_PREFIX: settings.redisPrefix,
  TANDEM_POSTGRES_URL: settings.postgresUrl,
  TANDEM_SECRET_KEY_FILE: settings.secretKeyFile,
  TANDEM_DNS_SERVERS: parsedText(nameServers, nameServersExpected).optional(),
  TANDEM_REGISTRAR_ADDRESS: settings.address.optional(),
};

/**
 * @param beside the services of the same process: where none from outside asks routing, it need not listen
 * @throws ConfigurationError naming every mistake in the environment and in TANDEM_CONFIG_FILE
 */
export function readRoutingConfig(
  env: NodeJS.ProcessEnv,
  beside: readonly ServiceName[] = [],
): RoutingConfig {
  const isAsked = isAskedFromOutside('routing', beside);
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
    secretKeyFile: values.TANDEM_SECRET_KEY_FILE,
    dnsServers: values.TANDEM_DNS_SERVERS,
    registrarAddress: values.TANDEM_REGISTRAR_ADDRESS,
  };
}
