import {
  isAskedFromOutside,
  readEnvironment,
  readTogether,
  services,
  settings,
} from '@tandem/config';
import type { EnvironmentVariable, Service, ServiceName } from '@tandem/config';
import { z } from 'zod';
import { readGrpcTls } from './grpc-tls.ts';
import { readKafkaSecurity } from './kafka-security.ts';
import type { ServiceConfig } from './service-shell.ts';

/** What a service is given: what its shell needs of it, and what is its own. */
export interface ServiceSettings<Own extends z.ZodObject> {
  readonly shell: ServiceConfig;
  readonly own: z.output<Own>;
}

/** Where the settings are read, and who needs none of them. */
export interface ServiceSurroundings {
  readonly env: NodeJS.ProcessEnv;
  /** The services of the same process: where none from outside asks the service, it need not listen. */
  readonly beside: readonly ServiceName[];
}

/** What the shell of a service may need, by the variable that says it. */
const shellSettings = {
  TANDEM_GRPC_LISTEN: { key: 'grpcListen', schema: settings.listen },
  TANDEM_REDIS_URL: { key: 'redisUrl', schema: settings.redisUrl },
  TANDEM_POSTGRES_URL: { key: 'postgresUrl', schema: settings.postgresUrl },
  TANDEM_SECRET_KEY_FILE: { key: 'secretKeyFile', schema: settings.secretKeyFile },
  TANDEM_KAFKA_BROKERS: { key: 'kafkaBrokers', schema: settings.kafkaBrokers },
  TANDEM_JOURNAL_TOPIC: { key: 'journalTopic', schema: z.string().optional() },
} as const satisfies Partial<
  Record<EnvironmentVariable, { readonly key: keyof ServiceConfig; readonly schema: z.ZodType }>
>;

/**
 * Reads what a service is given. Its shell needs those of `shellSettings` that `services` of libs/config names.
 * @param own the schema of its other variables
 * @throws ConfigurationError naming every mistake in the environment and in TANDEM_CONFIG_FILE
 */
export function readServiceSettings<Own extends z.ZodObject>(
  name: ServiceName,
  own: Own,
  { env, beside }: ServiceSurroundings,
): ServiceSettings<Own> {
  const shape = shellShape(name, beside);
  const read = readTogether({
    shell: () => readEnvironment(z.object(shape), env),
    own: () => readEnvironment(own, env),
    tls: () => readGrpcTls(env),
    kafkaSecurity: () => ('TANDEM_KAFKA_BROKERS' in shape ? readKafkaSecurity(env) : undefined),
  });
  const shell = Object.keys(shape).map((variable) => [
    shellSettings[variable as keyof typeof shellSettings].key,
    read.shell[variable],
  ]);
  const { kafkaSecurity, own: values, tls } = read;
  return {
    shell: {
      ...Object.fromEntries(shell),
      tls,
      ...(kafkaSecurity && { kafkaSecurity }),
    } as ServiceConfig,
    own: values,
  };
}

/** The schemas of what the shell of this service needs. */
function shellShape(
  name: ServiceName,
  beside: readonly ServiceName[],
): Readonly<Record<string, z.ZodType>> {
  const { ports, settings: variables }: Service = services[name];
  const needed = Object.entries(shellSettings).flatMap(([variable, { schema }]) =>
    variables.some((each) => each === variable) ? [[variable, schema] as const] : [],
  );
  // Who has no gRPC server is not told where it would listen.
  const isOptional = ports.grpc !== undefined && !isAskedFromOutside(name, beside);
  const listen = isOptional ? { TANDEM_GRPC_LISTEN: settings.listen.optional() } : {};
  return { ...Object.fromEntries(needed), ...listen };
}
