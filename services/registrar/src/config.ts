import { parsedText, settings, type ServiceName } from '@tandem/config';
import { readServiceSettings, type ServiceConfig } from '@tandem/service';
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

const own = z.object({
  TANDEM_REDIS_PREFIX: settings.redisPrefix,
  TANDEM_DNS_SERVERS: parsedText(nameServers, nameServersExpected).optional(),
});

/**
 * @param beside the services of the same process: where none from outside asks the registrar, it need not listen
 * @throws ConfigurationError naming every mistake in the environment and in TANDEM_CONFIG_FILE
 */
export function readRegistrarConfig(
  env: NodeJS.ProcessEnv,
  beside: readonly ServiceName[] = [],
): RegistrarConfig {
  const { shell, own: values } = readServiceSettings('registrar', own, { env, beside });
  return {
    ...shell,
    redisPrefix: values.TANDEM_REDIS_PREFIX,
    dnsServers: values.TANDEM_DNS_SERVERS,
  };
}
