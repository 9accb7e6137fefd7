import { readTogether, settings, type ServiceName } from '@tandem/config';
import { readServiceSettings, type ServiceConfig } from '@tandem/service';
import { z } from 'zod';
import type { ServiceAddresses } from './adapters/grpc-ports.ts';
import { readAlarmSettings, type AlarmSettings } from './alarm-settings.ts';
import { readOperatorSettings, type OperatorSettings } from './operator-settings.ts';

/** Settings of the api. */
export interface ApiConfig extends ServiceConfig, OperatorSettings {
  /** Address and port of the REST API; port 0 = any free one. */
  readonly listen: string;
  /** Directory of the token file. */
  readonly dataDir: string;
  /** Where services outside the process are. */
  readonly services?: ServiceAddresses;
  /** How alarms are judged and told. @default every 15 s, and no channel reaches anybody */
  readonly alarms?: AlarmSettings | undefined;
}

const schema = z.object({
  TANDEM_API_LISTEN: settings.listen.default('127.0.0.1:8080'),
  TANDEM_DATA_DIR: z.string().default('.tandem'),
});

/**
 * Reads the settings of the api.
 * @param beside the services of the same process, whose addresses are not needed
 * @throws ConfigurationError naming every mistake
 */
export function readApiConfig(
  env: NodeJS.ProcessEnv,
  beside: readonly ServiceName[] = [],
): ApiConfig {
  const addressOf = (name: ServiceName) =>
    beside.includes(name) ? settings.address.optional() : settings.address;
  const own = schema.extend({
    TANDEM_AUTH_ADDRESS: addressOf('auth'),
    TANDEM_ROUTING_ADDRESS: addressOf('routing'),
    TANDEM_REGISTRAR_ADDRESS: settings.address.optional(),
    TANDEM_BILLING_ADDRESS: addressOf('billing'),
    TANDEM_JOURNAL_ADDRESS: settings.address.optional(),
    TANDEM_EDGE_ADDRESS: addressOf('edge'),
  });
  const read = readTogether({
    service: () => readServiceSettings('api', own, { env, beside }),
    operators: () => readOperatorSettings(env),
    alarms: () => readAlarmSettings(env),
  });
  const values = read.service.own;
  return {
    ...read.service.shell,
    ...read.operators,
    alarms: read.alarms,
    listen: values.TANDEM_API_LISTEN,
    dataDir: values.TANDEM_DATA_DIR,
    services: {
      auth: values.TANDEM_AUTH_ADDRESS,
      routing: values.TANDEM_ROUTING_ADDRESS,
      registrar: values.TANDEM_REGISTRAR_ADDRESS,
      billing: values.TANDEM_BILLING_ADDRESS,
      journal: values.TANDEM_JOURNAL_ADDRESS,
      edge: values.TANDEM_EDGE_ADDRESS,
    },
  };
}
