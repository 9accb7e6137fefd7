import { challengeAlgorithms, parsedText, settings, type ServiceName } from '@tandem/config';
import { readServiceSettings, type ServiceConfig } from '@tandem/service';
import { nameServers, nameServersExpected } from '@tandem/sip-names';
import type { NameServer } from '@tandem/sip-names';
import { z } from 'zod';
import type { ChallengeAlgorithm } from './core/auth-configuration.ts';

/** How auth runs. What it decides by is in the configuration snapshot instead. */
export interface AuthConfig extends ServiceConfig, StirConfig {
  /** First part of the Redis keys. */
  readonly redisPrefix: string;
  /** Offered in challenges, strongest first. */
  readonly algorithms: readonly ChallengeAlgorithm[];
  /** How long a challenge may be answered. */
  readonly nonceLifetimeMs: number;
  /** Asked for the names of routing gateways. @default those of the system */
  readonly dnsServers?: readonly NameServer[] | undefined;
  /** Topic of the call events. @default 'tandem.call-events.v1' */
  readonly kafkaTopic?: string | undefined;
}

/** How signatures of calls are verified (CALL-12). */
export interface StirConfig {
  /** File of the authorities that may sign calls. @default none */
  readonly stirTrust?: string | undefined;
  /** Folder of certificates that are not fetched. @default none */
  readonly stirCertificates?: string | undefined;
  /** Where other certificates are fetched from. */
  readonly stirFetch: 'public' | 'any' | 'none';
}

// MD5 alone by default: SIPp and many phones take the first challenge they see, whatever its algorithm.
const DEFAULT_ALGORITHMS = 'MD5';
const DEFAULT_NONCE_LIFETIME_SECONDS = 60;

/** What is the same for a process of its own and inside another: for the composition of `allinone`. */
export const authDefaults = {
  redisPrefix: 'tandem',
  algorithms: ['MD5'],
  nonceLifetimeMs: DEFAULT_NONCE_LIFETIME_SECONDS * 1000,
  stirFetch: 'public',
} as const satisfies Partial<AuthConfig>;

const algorithms = z
  .string()
  .default(DEFAULT_ALGORITHMS)
  .superRefine((text, context) => {
    const wrong = listed(text).filter((name) => !isChallengeAlgorithm(name));
    if (wrong.length === 0 && text.trim() !== '') return;
    const message = `write one or more of ${challengeAlgorithms.join(', ')}, with commas`;
    context.addIssue({ code: 'custom', message });
  })
  .transform((text) => {
    const names = listed(text);
    return challengeAlgorithms.filter((algorithm) => names.includes(algorithm));
  });

const lifetimeSeconds = z.coerce
  .number('write a number of seconds from 10 to 3600')
  .int('write whole seconds')
  .min(10, 'write 10 s to 3600 s')
  .max(3600, 'write 10 s to 3600 s')
  .default(DEFAULT_NONCE_LIFETIME_SECONDS);

/** The variables of `StirConfig`. */
export const stirSettings = {
  TANDEM_STIR_TRUST: z.string().optional(),
  TANDEM_STIR_CERTIFICATES: z.string().optional(),
  TANDEM_STIR_FETCH: z
    .enum(['public', 'any', 'none'], 'write public, any or none')
    .default(authDefaults.stirFetch),
};

/** What those variables say. */
export function readStirConfig(values: {
  readonly TANDEM_STIR_TRUST?: string | undefined;
  readonly TANDEM_STIR_CERTIFICATES?: string | undefined;
  readonly TANDEM_STIR_FETCH: StirConfig['stirFetch'];
}): StirConfig {
  return {
    stirTrust: values.TANDEM_STIR_TRUST,
    stirCertificates: values.TANDEM_STIR_CERTIFICATES,
    stirFetch: values.TANDEM_STIR_FETCH,
  };
}

const own = z.object({
  TANDEM_REDIS_PREFIX: settings.redisPrefix,
  TANDEM_KAFKA_TOPIC: z.string().optional(),
  TANDEM_DNS_SERVERS: parsedText(nameServers, nameServersExpected).optional(),
  TANDEM_AUTH_ALGORITHMS: algorithms,
  TANDEM_AUTH_NONCE_SECONDS: lifetimeSeconds,
  ...stirSettings,
});

/**
 * @param beside the services of the same process: where none from outside asks auth, it need not listen
 * @throws ConfigurationError naming every mistake in the environment and in TANDEM_CONFIG_FILE
 */
export function readAuthConfig(
  env: NodeJS.ProcessEnv,
  beside: readonly ServiceName[] = [],
): AuthConfig {
  const { shell, own: values } = readServiceSettings('auth', own, { env, beside });
  return {
    ...shell,
    redisPrefix: values.TANDEM_REDIS_PREFIX,
    kafkaTopic: values.TANDEM_KAFKA_TOPIC,
    dnsServers: values.TANDEM_DNS_SERVERS,
    algorithms: values.TANDEM_AUTH_ALGORITHMS,
    nonceLifetimeMs: values.TANDEM_AUTH_NONCE_SECONDS * 1000,
    ...readStirConfig(values),
  };
}

function listed(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim().toUpperCase())
    .filter((name) => name !== '');
}

function isChallengeAlgorithm(name: string): name is ChallengeAlgorithm {
  return challengeAlgorithms.some((known) => known === name);
}
