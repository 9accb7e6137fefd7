import { readEnvironment, settings } from '@tandem/config';
import { z } from 'zod';
import type { ServiceAddresses } from './adapters/grpc-ports.ts';

/** Settings of the api. */
export interface ApiConfig {
  /** Address and port of the REST API; port 0 = any free one. */
  readonly listen: string;
  /** Directory of the token file. */
  readonly dataDir: string;
  /** Undefined where the pool is given as a resource. */
  readonly postgresUrl?: string;
  /** Undefined where the key is given as a resource. */
  readonly secretKeyFile?: string;
  /** Undefined where the ports are given as resources. */
  readonly services?: ServiceAddresses;
}

const schema = z.object({
  TANDEM_API_LISTEN: settings.listen.default('127.0.0.1:8080'),
  TANDEM_DATA_DIR: z.string().default('.tandem'),
  TANDEM_POSTGRES_URL: settings.postgresUrl,
  TANDEM_SECRET_KEY_FILE: z.string(),
  TANDEM_AUTH_ADDRESS: settings.address,
  TANDEM_ROUTING_ADDRESS: settings.address,
  TANDEM_BILLING_ADDRESS: settings.address,
  TANDEM_EDGE_ADDRESS: settings.address,
});

/**
 * Reads the settings of a process of its own.
 * @throws ConfigurationError naming every mistake
 */
export function readApiConfig(env: NodeJS.ProcessEnv): ApiConfig {
  const values = readEnvironment(schema, env);
  return {
    listen: values.TANDEM_API_LISTEN,
    dataDir: values.TANDEM_DATA_DIR,
    postgresUrl: values.TANDEM_POSTGRES_URL,
    secretKeyFile: values.TANDEM_SECRET_KEY_FILE,
    services: {
      auth: values.TANDEM_AUTH_ADDRESS,
      routing: values.TANDEM_ROUTING_ADDRESS,
      billing: values.TANDEM_BILLING_ADDRESS,
      edge: values.TANDEM_EDGE_ADDRESS,
    },
  };
}
