import type { KeyObject } from 'node:crypto';
import { randomFillSync } from 'node:crypto';
import { readSecretKey } from '@tandem/config';
import { SwitchError } from '@tandem/domain';
import { createKafkaPublisher } from '@tandem/events';
import type { EventPublisher } from '@tandem/events';
import { EdgeServiceService } from '@tandem/proto/edge';
import { connectRedis, grpcService, serveGrpc } from '@tandem/service';
import type { App, GrpcServer, Logger, Redis } from '@tandem/service';
import { UdpTransport, systemTimers } from '@tandem/sip';
import { grpcAuthClient } from './adapters/grpc-auth-client.ts';
import { grpcRoutingClient } from './adapters/grpc-routing-client.ts';
import { redisCallStore } from './adapters/redis-call-store.ts';
import { redisPodRegistry } from './adapters/redis-pod-registry.ts';
import { networkProber } from './adapters/network-prober.ts';
import { EdgeStatus } from './api/edge-status.ts';
import type { EdgeMoment } from './api/edge-status.ts';
import { edgeHandlers } from './api/grpc-handlers.ts';
import type { EdgeHandlers } from './api/grpc-handlers.ts';
import type { EdgeConfig } from './config.ts';
import type { LocalIdentity } from './core/local-identity.ts';
import { formatPeerAddress, hostOf } from './core/peer-address.ts';
import type { PeerAddress } from './core/peer-address.ts';
import { Sealer } from './core/seal.ts';
import { CallOutbox } from './driver/call-outbox.ts';
import { EdgeServer } from './driver/edge-server.ts';
import { NetworkTest } from './driver/self-test.ts';
import type { AuthClient, CallStore, Clock, PodRegistry, RoutingClient } from './ports.ts';
import { drains } from './telemetry.ts';

export { memoryCallStore } from './adapters/memory-call-store.ts';
export { MemoryPods, soloPodRegistry } from './adapters/memory-pod-registry.ts';
export type { EdgeHandlers } from './api/grpc-handlers.ts';
export { edgeDefaults, readEdgeConfig, sipAddress } from './config.ts';
export type { EdgeConfig } from './config.ts';
export type { AuthClient, CallStore, Clock, PodRegistry, RoutingClient } from './ports.ts';

/** What the process around it brings along; what is left out is opened from the configuration. */
export interface EdgeResourcesGiven {
  readonly logger: Logger;
  readonly auth?: AuthClient | undefined;
  readonly routing?: RoutingClient | undefined;
  readonly store?: CallStore | undefined;
  readonly pods?: PodRegistry | undefined;
  /** Closed by the edge, whose it is. */
  readonly publisher?: EventPublisher | undefined;
  readonly secretKey?: KeyObject | undefined;
}

export interface EdgeApp extends App {
  readonly handlers: EdgeHandlers;
  /** Advertised `host:port`; undefined before `start`. */
  readonly advertised: string | undefined;
  readonly grpcPort: number | undefined;
}

/** The wall clock with Node's timers. */
export const systemClock: Clock = { now: Date.now, ...systemTimers };

/** How long a draining edge waits for calls without a final answer (edge.md §5). */
const DRAIN_MS = 15_000;
const DRAIN_STEP_MS = 100;

/**
 * Puts an edge together.
 * @throws SwitchError SWITCH_CONFIGURATION_INVALID or SWITCH_SECRET_INVALID
 */
export async function createEdgeApp(
  config: EdgeConfig,
  resources: EdgeResourcesGiven,
): Promise<EdgeApp> {
  const secretKey =
    resources.secretKey ??
    (await readSecretKey(required(config.secretKeyFile, 'TANDEM_SECRET_KEY_FILE')));
  return new Edge(config, resources, secretKey);
}

class Edge implements EdgeApp {
  readonly handlers: EdgeHandlers;
  readonly #config: EdgeConfig;
  readonly #given: EdgeResourcesGiven;
  readonly #logger: Logger;
  readonly #sealer: Sealer;
  readonly #redis: Redis | undefined;
  readonly #store: CallStore;
  readonly #pods: PodRegistry;
  readonly #publisher: EventPublisher;
  readonly #outbox: CallOutbox;
  readonly #status: EdgeStatus;
  readonly #server = new EdgeServer();
  readonly #closers: (() => void)[] = [];
  #transport: UdpTransport | undefined;
  #grpc: GrpcServer | undefined;
  #local: LocalIdentity | undefined;
  #network: NetworkTest | undefined;
  #isDraining = false;

  constructor(config: EdgeConfig, given: EdgeResourcesGiven, secretKey: KeyObject) {
    const { logger } = given;
    this.#config = config;
    this.#given = given;
    this.#logger = logger;
    this.#sealer = new Sealer([secretKey.export()]);
    if (given.store === undefined || given.pods === undefined) {
      this.#redis = connectRedis({ url: required(config.redisUrl, 'TANDEM_REDIS_URL'), logger });
    }
    this.#store = given.store ?? redisCallStore(this.#openRedis(), config.redisPrefix);
    this.#pods = given.pods ?? redisPodRegistry(this.#openRedis(), config.redisPrefix, logger);
    this.#publisher = given.publisher ?? openPublisher(config, logger);
    this.#outbox = new CallOutbox({
      store: this.#store,
      publisher: this.#publisher,
      clock: systemClock,
      logger,
    });
    this.#status = new EdgeStatus({
      name: config.name,
      role: 'both',
      store: this.#store,
      pods: this.#pods,
      clock: systemClock,
      moment: () => this.#moment(),
      network: () => this.#network,
    });
    this.handlers = edgeHandlers(this.#store, this.#status);
  }

  get advertised(): string | undefined {
    return this.#local?.hostPort;
  }

  get grpcPort(): number | undefined {
    return this.#grpc?.port;
  }

  async start(): Promise<void> {
    const { sipListen, grpcListen, tls } = this.#config;
    const transport = await UdpTransport.bind({ ...sipListen, listener: this.#server });
    this.#transport = transport;
    const reached = this.#reached(transport);
    const local = await this.#join(reached);
    this.#local = local;
    const auth = this.#given.auth ?? this.#openAuth();
    const routing = this.#given.routing ?? this.#openRouting();
    this.#server.open({
      local,
      sealer: this.#sealer,
      auth,
      routing,
      store: this.#store,
      publisher: this.#publisher,
      outbox: this.#outbox,
      clock: systemClock,
      pods: this.#pods,
      transport: {
        send: (bytes, peer) => {
          transport.send(bytes, peer.address, peer.port);
        },
      },
      logger: this.#logger,
      network: this.#openNetworkTest(reached),
      random: randomPool(),
    });
    this.#network?.start();
    this.#outbox.start();
    if (grpcListen !== undefined) {
      const services = [grpcService(EdgeServiceService, this.handlers)];
      this.#grpc = await serveGrpc({ listen: grpcListen, services, logger: this.#logger, tls });
    }
    const { slot, epoch, hostPort } = local;
    this.#logger.info({ sip: `udp:${hostPort}`, slot, epoch }, 'taking calls');
  }

  async drain(): Promise<void> {
    if (!this.#isDraining) drains.add(1);
    this.#isDraining = true;
    this.#server.drain();
    for (
      let waited = 0;
      waited < DRAIN_MS && this.#server.pendingCalls > 0;
      waited += DRAIN_STEP_MS
    ) {
      await new Promise((resolve) => setTimeout(resolve, DRAIN_STEP_MS));
    }
  }

  async stop(): Promise<void> {
    this.#isDraining = true;
    this.#network?.close();
    this.#status.close();
    this.#server.close();
    await this.#transport?.close();
    await this.#grpc?.close();
    await this.#outbox.close();
    await this.#publisher.close();
    for (const close of this.#closers) close();
    await this.#pods.leave().catch((error: unknown) => {
      // The slot's lease runs out by itself.
      this.#logger.debug({ err: error }, 'slot not given back');
    });
    this.#redis?.disconnect();
  }

  isReady(): boolean {
    return this.#local !== undefined && !this.#isDraining;
  }

  /** What peers send to (CALL-07). */
  #reached(transport: UdpTransport): { readonly address: string; readonly port: number } {
    const { sipAdvertised, sipListen } = this.#config;
    if (sipAdvertised === undefined && isUnspecified(sipListen.address)) {
      throw new SwitchError(
        'SWITCH_CONFIGURATION_INVALID',
        `TANDEM_SIP_ADVERTISED is not set: peers cannot reach ${sipListen.address}`,
      );
    }
    return {
      address: sipAdvertised?.host ?? transport.local.address,
      port: sipAdvertised?.port ?? transport.local.port,
    };
  }

  async #join(reached: PeerAddress): Promise<LocalIdentity> {
    const { name } = this.#config;
    const host = hostOf(reached);
    const hostPort = formatPeerAddress(reached);
    const { slot, epoch } = await this.#pods.join({
      name,
      role: 'both',
      address: '',
      figures: () => this.#status.figures(),
    });
    return { name, slot, epoch, host, hostPort };
  }

  #moment(): EdgeMoment {
    const none = { received: 0, sent: 0, malformed: 0, garbage: 0 };
    const { received, sent, malformed, garbage } = this.#transport?.counters ?? none;
    return {
      place: this.#local,
      isDraining: this.#isDraining,
      pendingCalls: this.#server.pendingCalls,
      connections: 0,
      traffic: { received, sent, malformed, garbage },
    };
  }

  /** CALL-07: the advertised address by each transport that is listened on. */
  #openNetworkTest({ address, port }: PeerAddress): NetworkTest {
    this.#network = new NetworkTest({
      targets: [{ transport: 'udp', host: address, port }],
      probe: networkProber(this.#sealer),
      clock: systemClock,
      logger: this.#logger,
    });
    return this.#network;
  }

  #openAuth(): AuthClient {
    const address = required(this.#config.authAddress, 'TANDEM_AUTH_ADDRESS');
    const client = grpcAuthClient({ ...this.#clientSettings(), address });
    this.#closers.push(() => {
      client.close();
    });
    return client;
  }

  #openRouting(): RoutingClient {
    const address = required(this.#config.routingAddress, 'TANDEM_ROUTING_ADDRESS');
    const client = grpcRoutingClient({ ...this.#clientSettings(), address });
    this.#closers.push(() => {
      client.close();
    });
    return client;
  }

  #clientSettings(): { deadlineMs: number; logger: Logger; tls: EdgeConfig['tls'] } {
    return { deadlineMs: this.#config.deadlineMs, logger: this.#logger, tls: this.#config.tls };
  }

  #openRedis(): Redis {
    if (this.#redis === undefined) throw new SwitchError('SWITCH_STOPPED', 'no Redis was opened');
    return this.#redis;
  }
}

function openPublisher(config: EdgeConfig, logger: Logger): EventPublisher {
  const brokers = config.kafkaBrokers;
  if (brokers === undefined) throw notSet('TANDEM_KAFKA_BROKERS');
  return createKafkaPublisher({
    brokers,
    clientId: `tandem-edge-${config.name}`,
    // The outbox holds the event meanwhile; fewer, larger requests are what costs least at both ends.
    lingerMs: 100,
    logger,
    ...(config.kafkaTopic === undefined ? {} : { topic: config.kafkaTopic }),
  });
}

function isUnspecified(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

function required(value: string | undefined, name: string): string {
  if (value === undefined) throw notSet(name);
  return value;
}

function notSet(name: string): SwitchError {
  return new SwitchError('SWITCH_CONFIGURATION_INVALID', `${name} is not set`);
}

/** Random text from a pool that is filled now and then: one system call for hundreds of calls (edge.md §8). */
function randomPool(): (bytes: number) => string {
  const pool = Buffer.alloc(8192);
  let used = pool.length;
  return (bytes) => {
    if (used + bytes > pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    used += bytes;
    return pool.toString('base64url', used - bytes, used);
  };
}
