import { hostname } from 'node:os';
import { parseHostPort, readEnvironment, settings } from '@tandem/config';
import { readGrpcTls } from '@tandem/service';
import type { GrpcTls } from '@tandem/service';
import { z } from 'zod';
import { ipLiteral } from './core/peer-address.ts';

/** How an edge runs. What it decides by comes with each call from auth and routing. */
export interface EdgeConfig {
  /** Name of the pod, in CDRs and logs. */
  readonly name: string;
  /** Address and port of the SIP socket. */
  readonly sipListen: { readonly address: string; readonly port: number };
  /** What peers reach it by; written into Via and Contact (CALL-07). @default as listened on */
  readonly sipAdvertised?: { readonly host: string; readonly port: number } | undefined;
  /** Where the gRPC server listens; undefined: none. */
  readonly grpcListen?: string | undefined;
  readonly tls?: GrpcTls | undefined;
  /** Unused where the resources bring clients. */
  readonly authAddress?: string | undefined;
  readonly routingAddress?: string | undefined;
  /** Unused where the resources bring a store. */
  readonly redisUrl?: string | undefined;
  readonly redisPrefix: string;
  /** Unused where the resources bring a publisher. */
  readonly kafkaBrokers?: readonly string[] | undefined;
  readonly kafkaTopic?: string | undefined;
  /** File of the key that seals tokens; unused where the resources bring the key. */
  readonly secretKeyFile?: string | undefined;
  /** How long auth and routing may take for one call. */
  readonly deadlineMs: number;
}

/** What is the same for a process of its own and inside another. */
export const edgeDefaults = {
  redisPrefix: 'tandem',
  deadlineMs: 4000,
} as const satisfies Partial<EdgeConfig>;

const sipListen = z.string().transform((text, context) => {
  const parsed = sipAddress(text);
  if (parsed !== undefined) return parsed;
  context.addIssue({
    code: 'custom',
    message: 'write the transport, an IP address and a port, such as udp:192.0.2.1:5060',
  });
  return z.NEVER;
});

const advertised = z.string().transform((text, context) => {
  const parsed = parseHostPort(text, 5060);
  // Port 0 is a free one where we listen, but no place that peers could send to.
  if (typeof parsed !== 'string' && parsed.port !== 0) return parsed;
  context.addIssue({
    code: 'custom',
    message: 'write a host and a port, such as 203.0.113.1:5060',
  });
  return z.NEVER;
});

const schema = z.object({
  TANDEM_POD_NAME: z
    .string()
    .regex(/^[\w.-]{1,63}$/, 'write letters, digits, dots and hyphens')
    .default(hostname()),
  TANDEM_SIP_LISTEN: sipListen,
  TANDEM_SIP_ADVERTISED: advertised.optional(),
  TANDEM_GRPC_LISTEN: settings.listen.optional(),
  TANDEM_AUTH_ADDRESS: settings.address,
  TANDEM_ROUTING_ADDRESS: settings.address,
  TANDEM_REDIS_URL: settings.redisUrl,
  TANDEM_REDIS_PREFIX: z
    .string()
    .regex(/^[\w.-]+$/, 'write letters, digits, dots and hyphens')
    .default(edgeDefaults.redisPrefix),
  TANDEM_KAFKA_BROKERS: settings.kafkaBrokers,
  TANDEM_KAFKA_TOPIC: z.string().optional(),
  TANDEM_SECRET_KEY_FILE: z.string('name the file that holds the key'),
});

/** @throws ConfigurationError naming every mistake in the environment and in TANDEM_CONFIG_FILE */
export function readEdgeConfig(env: NodeJS.ProcessEnv): EdgeConfig {
  const values = readEnvironment(schema, env);
  return {
    name: values.TANDEM_POD_NAME,
    sipListen: values.TANDEM_SIP_LISTEN,
    sipAdvertised: values.TANDEM_SIP_ADVERTISED,
    grpcListen: values.TANDEM_GRPC_LISTEN,
    tls: readGrpcTls(env),
    authAddress: values.TANDEM_AUTH_ADDRESS,
    routingAddress: values.TANDEM_ROUTING_ADDRESS,
    redisUrl: values.TANDEM_REDIS_URL,
    redisPrefix: values.TANDEM_REDIS_PREFIX,
    kafkaBrokers: values.TANDEM_KAFKA_BROKERS,
    kafkaTopic: values.TANDEM_KAFKA_TOPIC,
    secretKeyFile: values.TANDEM_SECRET_KEY_FILE,
    deadlineMs: edgeDefaults.deadlineMs,
  };
}

/** Reads `udp:127.0.0.1:5060`; the transport may be left out. */
export function sipAddress(text: string): { address: string; port: number } | undefined {
  const parsed = parseHostPort(text.replace(/^udp:/, ''), 5060);
  if (typeof parsed === 'string') return undefined;
  const address = ipLiteral(parsed.host);
  return address === undefined ? undefined : { address, port: parsed.port };
}
