import { hostname } from 'node:os';
import {
  ConfigurationError,
  parseHostPort,
  parsedText,
  readEnvironment,
  readTogether,
  settings,
} from '@tandem/config';
import type { Mistake, ServiceName } from '@tandem/config';
import { parseEndpoint } from '@tandem/pod-link';
import type { LinkEndpoint } from '@tandem/pod-link';
import { relayId } from '@tandem/rtpengine';
import type { RelayAddress } from '@tandem/rtpengine';
import { readGrpcTls, readKafkaSecurity } from '@tandem/service';
import type { ServiceConfig } from '@tandem/service';
import { z } from 'zod';
import { DEADLINE_MS } from './core/call/deadline.ts';
import type { LocalAddressGiven } from './core/network/local-addresses.ts';
import { ipLiteral } from './core/network/peer-address.ts';
import type { EdgeRole } from './ports.ts';
import type { SipListen } from './network/network.ts';
import { connectionMistakes, connectionSettings, connectionsOf } from './sip-connections.ts';
import type { SipConnections } from './sip-connections.ts';
import { advertisedAddresses, placeMistakes, sipAddresses } from './sip-places.ts';

/** How an edge runs. What it decides by comes with each call from auth and routing. */
export interface EdgeConfig extends ServiceConfig, SipConnections {
  /** Name of the pod, in CDRs and logs. */
  readonly name: string;
  readonly role: EdgeRole;
  /** The SIP sockets; none in role `worker`. */
  readonly sipListen: readonly SipListen[];
  /** Whether another process of this machine listens on the same ports; the kernel spreads the peers. */
  readonly isSipPortShared: boolean;
  /** What peers reach it by; written into Via and Contact (CALL-07). @default as listened on */
  readonly sipAdvertised?: readonly LocalAddressGiven[] | undefined;
  /** What the operator says of the source addresses of clients; undefined: the network is tested (CALL-07). */
  readonly sipSource?: 'preserved' | 'hidden' | undefined;
  /** Server and User-Agent of what it writes. @default neither is written */
  readonly sipProduct?: string | undefined;
  /** Whether MESSAGE out of a dialog is passed on. @default false: refused */
  readonly relaysMessages?: boolean | undefined;
  /** Link addresses of fronts that are not among the pods. */
  readonly sipFronts: readonly string[];
  /** Media relays; none: no media is anchored (CALL-08). */
  readonly rtpengines: readonly RelayAddress[];
  /** Where datagrams of other pods are taken; undefined: there are no other pods. */
  readonly podListen?: LinkEndpoint | undefined;
  /** @default as listened on */
  readonly podAdvertised?: LinkEndpoint | undefined;
  /** Whether this process refuses what is new past its capacity (CALL-11). @default false */
  readonly isOverloadOn: boolean;
  /** New calls a second that it begins at most. @default no limit but its capacity */
  readonly overloadRate?: number | undefined;
  /** Folder of the fault hooks; undefined: not armed. */
  readonly faults?: string | undefined;
  /** Folder of the keys that calls are signed with (CALL-12). @default none is signed */
  readonly stirKeys?: string | undefined;
  /** Unused where the resources bring clients. */
  readonly authAddress?: string | undefined;
  readonly routingAddress?: string | undefined;
  /** @default none: nobody registers */
  readonly registrarAddress?: string | undefined;
  readonly redisPrefix: string;
  /** Unused where the resources bring a publisher. */
  readonly kafkaBrokers?: readonly string[] | undefined;
  readonly kafkaTopic?: string | undefined;
  /** Whether SIP messages are kept (OPS-09). @default true */
  readonly recordsMessages?: boolean | undefined;
  /** @default 'tandem.messages.v1' */
  readonly messagesTopic?: string | undefined;
  /** How long auth and routing may take for one call. */
  readonly deadlineMs: number;
}

/** What is the same for a process of its own and inside another. */
export const edgeDefaults = {
  role: 'both',
  isSipPortShared: false,
  sipFronts: [],
  rtpengines: [],
  isOverloadOn: true,
  redisPrefix: 'tandem',
  deadlineMs: DEADLINE_MS,
} as const satisfies Partial<EdgeConfig>;

const roles = ['front', 'worker', 'both'] as const satisfies readonly EdgeRole[];
/** What a socket listens on for all addresses of the machine. */
const anywhere = new Set(['0.0.0.0', '::']);

const fields = {
  TANDEM_POD_NAME: z
    .string()
    .regex(/^[\w.-]{1,63}$/, 'write letters, digits, dots and hyphens')
    .default(hostname()),
  TANDEM_EDGE_ROLE: z.enum(roles, 'write front, worker or both').default(edgeDefaults.role),
  TANDEM_SIP_LISTEN: parsedText(
    sipAddresses,
    'the transport, an IP address and a port, several with commas, such as udp:192.0.2.1:5060,tls:192.0.2.1:5061, and behind = what its peers are told, such as udp:10.0.0.5:5060=203.0.113.1:5060',
  ),
  ...connectionSettings,
  TANDEM_SIP_PORT_SHARED: z
    .enum(['true', 'false'], 'write true or false')
    .default('false')
    .transform((text) => text === 'true'),
  TANDEM_SIP_ADVERTISED: parsedText(
    advertisedAddresses,
    'hosts and ports that peers can reach, such as 203.0.113.1:5060, one for each IP version, and those for a network behind it, such as 10.0.0.0/8=10.0.0.5:5060',
  ),
  TANDEM_SIP_SOURCE: z
    .enum(['test', 'preserved', 'hidden'], 'write test, preserved or hidden')
    .default('test')
    .transform((text) => (text === 'test' ? undefined : text)),
  TANDEM_SIP_PRODUCT: z
    .string()
    // RFC 3261 §20.35, without comments.
    .regex(
      /^[\w.!%*+`'~-]+(\/[\w.!%*+`'~-]+)?( [\w.!%*+`'~-]+(\/[\w.!%*+`'~-]+)?)*$/,
      "write one or more words such as Example/2.0, of letters, digits and . ! % * _ + ` ' ~ -",
    )
    .max(64, 'write 64 characters at most')
    .optional(),
  TANDEM_SIP_MESSAGE: z
    .enum(['refuse', 'relay'], 'write refuse or relay')
    .default('refuse')
    .transform((text) => text === 'relay'),
  TANDEM_SIP_FRONTS: parsedText(
    frontAddresses,
    'IP addresses with ports, several with commas, such as 192.0.2.10:7100',
  ),
  TANDEM_RTPENGINES: parsedText(
    relayAddresses,
    'udp, an IP address and a port, several different ones with commas, such as udp:192.0.2.20:2223,udp:192.0.2.21:2223;weight=2',
  ),
  TANDEM_POD_LISTEN: parsedText(parseEndpoint, 'an IP address and a port, such as 192.0.2.1:7100'),
  TANDEM_POD_ADVERTISED: parsedText(
    parseEndpoint,
    'an IP address and a port, such as 192.0.2.1:7100',
  ),
  TANDEM_OVERLOAD: z
    .enum(['on', 'off'], 'write on or off')
    .default('on')
    .transform((text) => text === 'on'),
  TANDEM_OVERLOAD_RATE: z.coerce
    .number('write a whole number from 1 to 100000')
    .int('write a whole number from 1 to 100000')
    .min(1, 'write a whole number from 1 to 100000')
    .max(100_000, 'write a whole number from 1 to 100000'),
  TANDEM_FAULTS: z.string(),
  TANDEM_STIR_KEYS: z.string(),
  TANDEM_GRPC_LISTEN: settings.listen,
  TANDEM_AUTH_ADDRESS: settings.address,
  TANDEM_ROUTING_ADDRESS: settings.address,
  TANDEM_REGISTRAR_ADDRESS: settings.address,
  TANDEM_REDIS_URL: settings.redisUrl,
  TANDEM_REDIS_PREFIX: settings.redisPrefix,
  TANDEM_KAFKA_BROKERS: settings.kafkaBrokers,
  TANDEM_KAFKA_TOPIC: z.string(),
  TANDEM_JOURNAL_TOPIC: z.string().optional(),
  TANDEM_MESSAGES: z
    .enum(['on', 'off'], 'write on or off')
    .default('on')
    .transform((text) => text === 'on'),
  TANDEM_MESSAGES_TOPIC: z.string().optional(),
  TANDEM_SECRET_KEY_FILE: settings.secretKeyFile,
};

/** Needed in any role; the others as the role says. */
const baseSchema = z.object({
  ...fields,
  TANDEM_SIP_LISTEN: fields.TANDEM_SIP_LISTEN.optional(),
  TANDEM_SIP_ADVERTISED: fields.TANDEM_SIP_ADVERTISED.optional(),
  TANDEM_SIP_FRONTS: fields.TANDEM_SIP_FRONTS.optional(),
  TANDEM_RTPENGINES: fields.TANDEM_RTPENGINES.optional(),
  TANDEM_POD_LISTEN: fields.TANDEM_POD_LISTEN.optional(),
  TANDEM_POD_ADVERTISED: fields.TANDEM_POD_ADVERTISED.optional(),
  TANDEM_OVERLOAD_RATE: fields.TANDEM_OVERLOAD_RATE.optional(),
  TANDEM_FAULTS: fields.TANDEM_FAULTS.optional(),
  TANDEM_STIR_KEYS: fields.TANDEM_STIR_KEYS.optional(),
  TANDEM_GRPC_LISTEN: fields.TANDEM_GRPC_LISTEN.optional(),
  TANDEM_AUTH_ADDRESS: fields.TANDEM_AUTH_ADDRESS.optional(),
  TANDEM_ROUTING_ADDRESS: fields.TANDEM_ROUTING_ADDRESS.optional(),
  TANDEM_REGISTRAR_ADDRESS: fields.TANDEM_REGISTRAR_ADDRESS.optional(),
  TANDEM_KAFKA_BROKERS: fields.TANDEM_KAFKA_BROKERS.optional(),
  TANDEM_KAFKA_TOPIC: fields.TANDEM_KAFKA_TOPIC.optional(),
});
type EdgeVariables = z.output<typeof baseSchema>;

const sockets = { TANDEM_SIP_LISTEN: fields.TANDEM_SIP_LISTEN };
const link = { TANDEM_POD_LISTEN: fields.TANDEM_POD_LISTEN };

function schemaOf(role: EdgeRole, beside: readonly ServiceName[]) {
  if (role === 'front') return baseSchema.extend({ ...sockets, ...link });
  // Who is in the same process is asked directly.
  const addressOf = (name: ServiceName) =>
    beside.includes(name) ? settings.address.optional() : settings.address;
  const called = baseSchema.extend({
    TANDEM_KAFKA_BROKERS: fields.TANDEM_KAFKA_BROKERS,
    TANDEM_AUTH_ADDRESS: addressOf('auth'),
    TANDEM_ROUTING_ADDRESS: addressOf('routing'),
  });
  if (role === 'both') return called.extend(sockets);
  return called.extend({ ...link, TANDEM_SIP_ADVERTISED: fields.TANDEM_SIP_ADVERTISED });
}

/**
 * @param beside the services of the same process, whose addresses are not needed
 * @throws ConfigurationError naming every mistake in the environment and in TANDEM_CONFIG_FILE
 */
export function readEdgeConfig(
  env: NodeJS.ProcessEnv,
  beside: readonly ServiceName[] = [],
): EdgeConfig {
  const { values, tls, kafkaSecurity } = readTogether({
    values: () => readVariables(env, beside),
    tls: () => readGrpcTls(env),
    kafkaSecurity: () => readKafkaSecurity(env),
  });
  return {
    name: values.TANDEM_POD_NAME,
    role: values.TANDEM_EDGE_ROLE,
    sipListen: values.TANDEM_SIP_LISTEN ?? [],
    ...connectionsOf(values),
    isSipPortShared: values.TANDEM_SIP_PORT_SHARED,
    sipAdvertised: values.TANDEM_SIP_ADVERTISED,
    sipProduct: values.TANDEM_SIP_PRODUCT,
    sipSource: values.TANDEM_SIP_SOURCE,
    relaysMessages: values.TANDEM_SIP_MESSAGE,
    sipFronts: values.TANDEM_SIP_FRONTS ?? [],
    rtpengines: values.TANDEM_RTPENGINES ?? [],
    podListen: values.TANDEM_POD_LISTEN,
    podAdvertised: values.TANDEM_POD_ADVERTISED,
    isOverloadOn: values.TANDEM_OVERLOAD,
    overloadRate: values.TANDEM_OVERLOAD_RATE,
    faults: values.TANDEM_FAULTS,
    stirKeys: values.TANDEM_STIR_KEYS,
    grpcListen: values.TANDEM_GRPC_LISTEN,
    tls,
    authAddress: values.TANDEM_AUTH_ADDRESS,
    routingAddress: values.TANDEM_ROUTING_ADDRESS,
    registrarAddress: values.TANDEM_REGISTRAR_ADDRESS,
    redisUrl: values.TANDEM_REDIS_URL,
    redisPrefix: values.TANDEM_REDIS_PREFIX,
    kafkaBrokers: values.TANDEM_KAFKA_BROKERS,
    kafkaSecurity,
    kafkaTopic: values.TANDEM_KAFKA_TOPIC,
    journalTopic: values.TANDEM_JOURNAL_TOPIC,
    recordsMessages: values.TANDEM_MESSAGES,
    messagesTopic: values.TANDEM_MESSAGES_TOPIC,
    secretKeyFile: values.TANDEM_SECRET_KEY_FILE,
    deadlineMs: edgeDefaults.deadlineMs,
  };
}

function readVariables(env: NodeJS.ProcessEnv, beside: readonly ServiceName[]): EdgeVariables {
  const values: EdgeVariables = readEnvironment(schemaOf(roleIn(env), beside), env);
  const mistakes = contradictions(values, { env, beside });
  if (mistakes.length > 0) throw new ConfigurationError(mistakes);
  return values;
}

/** Reads `udp:192.0.2.20:2223,udp:192.0.2.21:2223;weight=2`; undefined for anything else, and where one stands there twice. */
export function relayAddresses(text: string): readonly RelayAddress[] | undefined {
  const relays: RelayAddress[] = [];
  for (const part of text.split(',')) {
    const [, place = '', weight = '1'] =
      /^udp:([^;]+)(?:;weight=([1-9]\d{0,2}))?$/.exec(part.trim()) ?? [];
    const parsed = place === '' ? '' : parseHostPort(place, 2223);
    const host = typeof parsed === 'string' ? undefined : ipLiteral(parsed.host);
    if (typeof parsed === 'string' || host === undefined || parsed.port === 0) return undefined;
    relays.push({ host, port: parsed.port, weight: Number(weight) });
  }
  // Tokens know them by their ids.
  return new Set(relays.map(relayId)).size === relays.length ? relays : undefined;
}

function frontAddresses(text: string): readonly string[] | undefined {
  const addresses = text.split(',').map((part) => part.trim());
  return addresses.every((address) => (parseEndpoint(address)?.port ?? 0) > 0)
    ? addresses
    : undefined;
}

/** The role decides what else must be set; a wrong one is named with all the rest. */
function roleIn(env: NodeJS.ProcessEnv): EdgeRole {
  try {
    const schema = z.object({ TANDEM_EDGE_ROLE: fields.TANDEM_EDGE_ROLE });
    return readEnvironment(schema, env).TANDEM_EDGE_ROLE;
  } catch {
    return edgeDefaults.role;
  }
}

/** What no single variable shows. */
function contradictions(
  values: EdgeVariables,
  { env, beside }: { readonly env: NodeJS.ProcessEnv; readonly beside: readonly ServiceName[] },
): Mistake[] {
  const mistakes: Mistake[] = [];
  const listen = values.TANDEM_SIP_LISTEN ?? [];
  const pod = values.TANDEM_POD_LISTEN;
  // A worker's requests, and those that leave by fronts of our own, have other sockets.
  const isAlone = values.TANDEM_EDGE_ROLE !== 'worker' && values.TANDEM_SIP_FRONTS === undefined;
  mistakes.push(...connectionMistakes(listen, connectionsOf(values)));
  mistakes.push(...placeMistakes(listen, values.TANDEM_SIP_ADVERTISED ?? [], isAlone));
  if (
    pod !== undefined &&
    anywhere.has(pod.address) &&
    values.TANDEM_POD_ADVERTISED === undefined
  ) {
    const message = `is not set: other pods cannot reach ${pod.address}`;
    mistakes.push({ path: 'TANDEM_POD_ADVERTISED', message });
  }
  if (values.TANDEM_SIP_FRONTS !== undefined && pod === undefined) {
    const message = 'is not set: the fronts of TANDEM_SIP_FRONTS are reached over it';
    mistakes.push({ path: 'TANDEM_POD_LISTEN', message });
  }
  if (values.TANDEM_EDGE_ROLE === 'front' && beside.some((name) => name !== 'edge')) {
    const message = `is front, which has no calls, in a process with ${beside.join(', ')}: give it a process of its own, with TANDEM_MODULES=edge`;
    mistakes.push({ path: 'TANDEM_EDGE_ROLE', message });
  }
  if (values.TANDEM_FAULTS !== undefined && env['NODE_ENV'] === 'production') {
    const message = 'is set, but NODE_ENV is production, where no fault is made: unset it';
    mistakes.push({ path: 'TANDEM_FAULTS', message });
  }
  return mistakes;
}
