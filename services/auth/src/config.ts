import { readEnvironment, settings } from '@tandem/config';
import { readGrpcTls, type GrpcTls } from '@tandem/service';
import { z } from 'zod';
import { challengeAlgorithms, type ChallengeAlgorithm } from './core/auth-configuration.ts';

/** How auth runs. What it decides by is in the configuration snapshot instead. */
export interface AuthConfig {
  /** Where the gRPC server listens; undefined: none. */
  readonly grpcListen: string | undefined;
  /** TLS between services. */
  readonly tls?: GrpcTls | undefined;
  /** Nonces, failures and suspensions; unused where the resources bring a store. */
  readonly redis: { readonly kind: 'redis'; readonly url: string } | { readonly kind: 'memory' };
  /** First part of the Redis keys. */
  readonly redisPrefix: string;
  /** The configuration store; unused where the resources bring a source of snapshots. */
  readonly postgresUrl?: string | undefined;
  /** File of the key that opens sealed passwords; unused where the resources bring the key. */
  readonly secretKeyFile?: string | undefined;
  /** Offered in challenges, strongest first. */
  readonly algorithms: readonly ChallengeAlgorithm[];
  /** How long a challenge may be answered. */
  readonly nonceLifetimeMs: number;
}

// MD5 alone by default: SIPp and many phones take the first challenge they see, whatever its algorithm.
const DEFAULT_ALGORITHMS = 'MD5';
const DEFAULT_NONCE_LIFETIME_SECONDS = 60;

/** What is the same for a process of its own and inside another: for the composition of `allinone`. */
export const authDefaults = {
  redisPrefix: 'tandem',
  algorithms: ['MD5'],
  nonceLifetimeMs: DEFAULT_NONCE_LIFETIME_SECONDS * 1000,
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

const schema = z.object({
  TANDEM_GRPC_LISTEN: settings.listen,
  TANDEM_REDIS_URL: settings.redisUrl,
  TANDEM_REDIS_PREFIX: z.string().regex(/^[\w.-]+$/).default('tandem'), // prettier-ignore
  TANDEM_POSTGRES_URL: settings.postgresUrl,
  TANDEM_SECRET_KEY_FILE: z.string(),
  TANDEM_AUTH_ALGORITHMS: algorithms,
  TANDEM_AUTH_NONCE_SECONDS: lifetimeSeconds,
});

/** @throws ConfigurationError naming every mistake in the environment and in TANDEM_CONFIG_FILE */
export function readAuthConfig(env: NodeJS.ProcessEnv): AuthConfig {
  const values = readEnvironment(schema, env);
  return {
    grpcListen: values.TANDEM_GRPC_LISTEN,
    tls: readGrpcTls(env),
    redis: { kind: 'redis', url: values.TANDEM_REDIS_URL },
    redisPrefix: values.TANDEM_REDIS_PREFIX,
    postgresUrl: values.TANDEM_POSTGRES_URL,
    secretKeyFile: values.TANDEM_SECRET_KEY_FILE,
    algorithms: values.TANDEM_AUTH_ALGORITHMS,
    nonceLifetimeMs: values.TANDEM_AUTH_NONCE_SECONDS * 1000,
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
