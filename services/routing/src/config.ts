import { readEnvironment, settings } from '@tandem/config';
import { readGrpcTls, type GrpcTls } from '@tandem/service';
import { z } from 'zod';

/** How routing runs. What it decides by is in the configuration snapshot instead. */
export interface RoutingConfig {
  /** Where the gRPC server listens; undefined: none. */
  readonly grpcListen: string | undefined;
  /** TLS between services. */
  readonly tls?: GrpcTls | undefined;
  /** Lines and balances; unused where the resources bring them. */
  readonly redis: { readonly kind: 'redis'; readonly url: string } | { readonly kind: 'memory' };
  /** First part of the Redis keys. */
  readonly redisPrefix: string;
  /** The configuration store; unused where the resources bring a source of snapshots. */
  readonly postgresUrl?: string | undefined;
  /** File of the key that opens sealed passwords; unused where the resources bring the key. */
  readonly secretKeyFile?: string | undefined;
}

const schema = z.object({
  TANDEM_GRPC_LISTEN: settings.listen,
  TANDEM_REDIS_URL: settings.redisUrl,
  TANDEM_REDIS_PREFIX: z.string().regex(/^[\w.-]+$/).default('tandem'), // prettier-ignore
  TANDEM_POSTGRES_URL: settings.postgresUrl,
  TANDEM_SECRET_KEY_FILE: z.string(),
});

/** @throws ConfigurationError naming every mistake in the environment and in TANDEM_CONFIG_FILE */
export function readRoutingConfig(env: NodeJS.ProcessEnv): RoutingConfig {
  const values = readEnvironment(schema, env);
  return {
    grpcListen: values.TANDEM_GRPC_LISTEN,
    tls: readGrpcTls(env),
    redis: { kind: 'redis', url: values.TANDEM_REDIS_URL },
    redisPrefix: values.TANDEM_REDIS_PREFIX,
    postgresUrl: values.TANDEM_POSTGRES_URL,
    secretKeyFile: values.TANDEM_SECRET_KEY_FILE,
  };
}
