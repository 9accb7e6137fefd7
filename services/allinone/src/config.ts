import { fileURLToPath } from 'node:url';
import {
  readAlarmSettings,
  readOperatorSettings,
  type AlarmSettings,
  type OperatorSettings,
} from '@tandem/api';
import { readStirConfig, stirSettings } from '@tandem/auth';
import type { StirConfig } from '@tandem/auth';
import {
  ConfigurationError,
  parsedText,
  readEnvironment,
  readTogether,
  settings,
} from '@tandem/config';
import {
  connectionMistakes,
  connectionSettings,
  connectionsOf,
  relayAddresses,
  sipAddresses,
} from '@tandem/edge';
import type { RelayAddress, SipConnections, SipListen } from '@tandem/edge';
import { z } from 'zod';

/** How the embedded switch runs. */
export interface AllInOneConfig {
  readonly sip: readonly SipListen[];
  /** @default what `SipConnections` says */
  readonly sipConnections?: SipConnections;
  /** Media relays; none: no media is anchored. */
  readonly rtpengines?: readonly RelayAddress[] | undefined;
  /** `host:port`. */
  readonly apiListen: string;
  readonly dataDir: string;
  /** How operators come in. */
  readonly operators?: OperatorSettings;
  /** How alarms are judged and told. */
  readonly alarms?: AlarmSettings;
  /** Configuration for the first start. */
  readonly example: string;
  /** CALL-12: what calls are signed and verified with. @default nothing */
  readonly stir?: StirConfig & { readonly stirKeys: string | undefined };
}

const example = new URL('../../../examples/first-call.yaml', import.meta.url);

const schema = z.object({
  TANDEM_SIP_LISTEN: parsedText(
    sipAddresses,
    'an address such as 127.0.0.1:5060, or udp:127.0.0.1:5060',
  ).prefault('127.0.0.1:5060'),
  TANDEM_RTPENGINES: parsedText(
    relayAddresses,
    'udp, an IP address and a port, such as udp:127.0.0.1:2223',
  ).optional(),
  TANDEM_API_LISTEN: settings.listen.default('127.0.0.1:8080'),
  TANDEM_DATA_DIR: z.string().default('.tandem'),
  TANDEM_EXAMPLE: z.string().default(fileURLToPath(example)),
  ...stirSettings,
  TANDEM_STIR_KEYS: z.string().optional(),
  ...connectionSettings,
});

/** @throws ConfigurationError naming every mistake */
export function readAllInOneConfig(env: NodeJS.ProcessEnv): AllInOneConfig {
  const { alarms, operators, values } = readTogether({
    values: () => readEnvironment(schema, env),
    operators: () => readOperatorSettings(env),
    alarms: () => readAlarmSettings(env),
  });
  const sipConnections = connectionsOf(values);
  const mistakes = connectionMistakes(values.TANDEM_SIP_LISTEN, sipConnections);
  if (mistakes.length > 0) throw new ConfigurationError(mistakes);
  return {
    sip: values.TANDEM_SIP_LISTEN,
    sipConnections,
    rtpengines: values.TANDEM_RTPENGINES,
    apiListen: values.TANDEM_API_LISTEN,
    dataDir: values.TANDEM_DATA_DIR,
    operators,
    alarms,
    example: values.TANDEM_EXAMPLE,
    stir: { ...readStirConfig(values), stirKeys: values.TANDEM_STIR_KEYS },
  };
}
