import { parsedText, settings, type ServiceName } from '@tandem/config';
import { readServiceSettings, type ServiceConfig } from '@tandem/service';
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

const own = z.object({
  TANDEM_REDIS_PREFIX: settings.redisPrefix,
  TANDEM_DNS_SERVERS: parsedText(nameServers, nameServersExpected).optional(),
  TANDEM_REGISTRAR_ADDRESS: settings.address.optional(),
});

/**
 * @param beside the services of the same process: where none from outside asks routing, it need not listen
 * @throws ConfigurationError naming every mistake in the environment and in TANDEM_CONFIG_FILE
 */
export function readRoutingConfig(
  env: NodeJS.ProcessEnv,
  beside: readonly ServiceName[] = [],
): RoutingConfig {
  const { shell, own: values } = readServiceSettings('routing', own, { env, beside });
  return {
    ...shell,
    redisPrefix: values.TANDEM_REDIS_PREFIX,
    dnsServers: values.TANDEM_DNS_SERVERS,
    registrarAddress: values.TANDEM_REGISTRAR_ADDRESS,
  };
}
