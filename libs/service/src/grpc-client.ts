import { Client, Metadata } from '@grpc/grpc-js';
import type { ChannelOptions, ServiceError } from '@grpc/grpc-js';
import { isTelemetryOn, trace, traceParentOf } from '@tandem/telemetry';
import { switchErrorOf } from './grpc-error.ts';
import type { MethodShape, ServiceShape, UnaryMethods, UnaryOptions } from './grpc-methods.ts';
import { clientCredentials } from './grpc-tls.ts';
import type { GrpcTls } from './grpc-tls.ts';
import { rpcDuration, rpcFailures } from './telemetry.ts';

/** How a service is reached. */
export interface GrpcClientSettings {
  /** Certificates; plain text without them. */
  readonly tls?: GrpcTls | undefined;
}

/** Settings of a client of unary methods. */
export interface UnaryClientSettings extends GrpcClientSettings {
  /** A call without an answer after this time fails with SWITCH_DEADLINE_EXCEEDED. */
  readonly deadlineMs: number;
}

// Several pods behind one name share the requests; a peer that is silent while it owes an answer is left after two seconds.
const channelOptions: ChannelOptions = {
  'grpc.keepalive_time_ms': 1000,
  'grpc.keepalive_timeout_ms': 1000,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.min_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1000,
  'grpc.dns_min_time_between_resolutions_ms': 1000,
};

/** Methods that read alone, by their names. */
const READING = /\/(?:(?:List|Get|Analyse)\w*|\w+(?:History|Analysis))$/;

/** How pods share the requests; what reads alone is asked of a second one where the first is away. */
function serviceConfigOf(definition: ServiceShape): string {
  const name = Object.values(definition).flatMap(({ path }) => {
    const [, service, method] = path.split('/');
    return READING.test(path) ? [{ service, method }] : [];
  });
  const retryPolicy = {
    maxAttempts: 2,
    initialBackoff: '0.1s',
    maxBackoff: '0.1s',
    backoffMultiplier: 1,
    retryableStatusCodes: ['UNAVAILABLE'],
  };
  return JSON.stringify({
    loadBalancingConfig: [{ round_robin: {} }],
    methodConfig: name.length === 0 ? [] : [{ name, retryPolicy }],
  });
}

/**
 * Opens a client whose unary methods return promises and reject with a SwitchError: the code that the
 * service named, else SWITCH_DEADLINE_EXCEEDED or SWITCH_SERVICE_UNAVAILABLE. What only reads is asked of another pod, once, where
 * the first is away. Close it with `close()`.
 * @param address `host:port`; several IPv4 ones with commas share the requests, those that are away left out
 */
export function unaryClient<Definition extends ServiceShape>(
  definition: Definition,
  address: string,
  settings: UnaryClientSettings,
): UnaryMethods<Definition> & { close(): void } {
  const target = address.includes(',') ? `ipv4:${address}` : address;
  const client = new Client(target, clientCredentials(settings.tls), {
    ...channelOptions,
    'grpc.service_config': serviceConfigOf(definition),
  });
  const methods = Object.entries(definition)
    .filter(([, method]) => !method.requestStream && !method.responseStream)
    .map(([name, method]) => [
      name,
      (request: unknown, options: UnaryOptions = {}) =>
        callUnary({
          client,
          method,
          address,
          request,
          deadlineMs: options.deadlineMs ?? settings.deadlineMs,
        }),
    ]);
  for (const { path } of Object.values(definition)) rpcFailures.add(0, { method: path });
  const closeable = {
    ...(Object.fromEntries(methods) as UnaryMethods<Definition>),
    close: () => {
      client.close();
    },
  };
  return closeable;
}

interface UnaryCall {
  readonly client: Client;
  readonly method: MethodShape;
  readonly address: string;
  readonly request: unknown;
  readonly deadlineMs: number;
}

function callUnary({ client, method, address, request, deadlineMs }: UnaryCall): Promise<unknown> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      method.path,
      method.requestSerialize as (value: unknown) => Buffer,
      method.responseDeserialize,
      request,
      traceMetadata(),
      { deadline: Date.now() + deadlineMs },
      (error: ServiceError | null, response: unknown) => {
        rpcDuration.record((performance.now() - startedAt) / 1000, { method: method.path });
        if (error === null) {
          resolve(response);
          return;
        }
        rpcFailures.add(1, { method: method.path });
        reject(switchErrorOf(error, `${method.path} at ${address}`));
      },
    );
  });
}

function traceMetadata(): Metadata {
  const metadata = new Metadata();
  const span = isTelemetryOn() ? trace.getActiveSpan() : undefined;
  if (span !== undefined) metadata.set('traceparent', traceParentOf(span));
  return metadata;
}
