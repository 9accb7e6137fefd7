import { logVerbosity, Server, setLogVerbosity } from '@grpc/grpc-js';
import type {
  ServerDuplexStream,
  ServerUnaryCall,
  ServiceDefinition,
  UntypedServiceImplementation,
  sendUnaryData,
} from '@grpc/grpc-js';
import { SwitchError } from '@tandem/domain';
import { contextFrom, context, isTelemetryOn } from '@tandem/telemetry';
import { statusOf } from './grpc-error.ts';
import type { ServiceShape, StreamHandlers, StreamSession, UnaryHandlers } from './grpc-methods.ts';
import { serverCredentials } from './grpc-tls.ts';
import type { GrpcTls } from './grpc-tls.ts';
import { parseListenAddress } from './listen-address.ts';
import type { Logger } from './logger.ts';

/** One service of a server: build it with `grpcService`, which checks the handlers' types. */
export interface GrpcService {
  readonly definition: ServiceShape;
  readonly handlers: object;
  readonly streams: object;
}

/** What a server serves, and where. */
export interface GrpcServerSettings {
  /** `host:port`; port 0 takes a free one. */
  readonly listen: string;
  readonly services: readonly GrpcService[];
  readonly logger: Logger;
  /** Certificates; plain text without them. */
  readonly tls?: GrpcTls | undefined;
}

/** A listening server. */
export interface GrpcServer {
  readonly port: number;
  /** Lets streams and calls finish (at most two seconds), then closes. */
  close(): Promise<void>;
}

const CLOSE_LIMIT_MS = 2000;

/** Joins a generated definition with its handlers; every method must have one. */
export function grpcService<const Definition extends ServiceShape>(
  definition: Definition,
  handlers: UnaryHandlers<Definition>,
  ...[streams]: keyof StreamHandlers<Definition> extends never
    ? []
    : [streams: StreamHandlers<Definition>]
): GrpcService {
  return { definition, handlers, streams: streams ?? {} };
}

/**
 * Opens a gRPC server over promise-based handlers. A SwitchError becomes UNAVAILABLE and keeps its code,
 * any other failure INTERNAL without a word about its cause.
 * @throws SwitchError SWITCH_CONFIGURATION_INVALID where the address cannot be listened on.
 */
export async function serveGrpc(settings: GrpcServerSettings): Promise<GrpcServer> {
  // Failures are reported by us; gRPC's own lines on standard error would break the JSON log.
  setLogVerbosity(logVerbosity.NONE);
  const server = new Server({
    'grpc.max_receive_message_length': 16 * 1024 * 1024,
    // Connections are renewed so that callers find new pods; streams live shorter than the grace.
    'grpc.max_connection_age_ms': 10 * 60_000,
    'grpc.max_connection_age_grace_ms': 10 * 60_000,
    'grpc.keepalive_time_ms': 30_000,
  });
  const sessions = new Set<StreamSession>();
  for (const service of settings.services) {
    server.addService(
      service.definition as unknown as ServiceDefinition,
      implement(service, settings.logger, sessions),
    );
  }
  if (settings.tls !== undefined) settings.tls.logger = settings.logger;
  const port = await bind(server, settings);
  return { port, close: () => close(server, sessions) };
}

function implement(
  { definition, handlers, streams }: GrpcService,
  logger: Logger,
  sessions: Set<StreamSession>,
): UntypedServiceImplementation {
  const implementation: UntypedServiceImplementation = {};
  for (const [name, method] of Object.entries(definition)) {
    if (method.requestStream) {
      const open = (streams as Record<string, OpenStream>)[name];
      if (open !== undefined) implementation[name] = streamHandler(open, sessions);
    } else {
      const handle = (handlers as Record<string, Handle>)[name];
      if (handle !== undefined) implementation[name] = unaryHandler(handle, logger, name);
    }
  }
  return implementation;
}

type Handle = (request: unknown) => Promise<unknown>;
type OpenStream = (call: ServerDuplexStream<unknown, unknown>) => StreamSession;

function unaryHandler(handle: Handle, logger: Logger, name: string) {
  return (call: ServerUnaryCall<unknown, unknown>, reply: sendUnaryData<unknown>): void => {
    const work = isTelemetryOn()
      ? context.with(contextFrom(String(call.metadata.get('traceparent')[0] ?? '')), () =>
          handle(call.request),
        )
      : handle(call.request);
    work.then(
      (response) => {
        reply(null, response);
      },
      (error: unknown) => {
        reply(statusOf(error, logger, name));
      },
    );
  };
}

function streamHandler(open: OpenStream, sessions: Set<StreamSession>) {
  return (call: ServerDuplexStream<unknown, unknown>): void => {
    const session = open(call);
    sessions.add(session);
    const forget = (): void => {
      sessions.delete(session);
    };
    call.once('close', forget);
    call.once('cancelled', forget);
    call.once('finish', forget);
  };
}

function bind(server: Server, { listen, tls }: GrpcServerSettings): Promise<number> {
  const { host, port } = parseListenAddress(listen);
  const address = host.includes(':') ? `[${host}]:${String(port)}` : `${host}:${String(port)}`;
  return new Promise((resolve, reject) => {
    server.bindAsync(address, serverCredentials(tls), (error, bound) => {
      if (error === null) resolve(bound);
      else {
        const message = `cannot listen for gRPC on ${listen}: ${error.message}`;
        reject(new SwitchError('SWITCH_CONFIGURATION_INVALID', message, { cause: error }));
      }
    });
  });
}

function close(server: Server, sessions: ReadonlySet<StreamSession>): Promise<void> {
  return new Promise((resolve) => {
    const limit = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, CLOSE_LIMIT_MS);
    server.tryShutdown(() => {
      clearTimeout(limit);
      resolve();
    });
    for (const session of sessions) session.close();
  });
}
