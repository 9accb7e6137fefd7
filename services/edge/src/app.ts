import type { KeyObject } from 'node:crypto';
import { SilentAddresses } from './setup/calls.ts';
import { openSecret, secretKeysOf } from '@tandem/config';
import { openJournal } from '@tandem/events';
import type { Journal, MessageRecorder } from '@tandem/events';
import { SwitchError } from '@tandem/domain';
import { EdgeServiceService } from '@tandem/proto/edge';
import type { TestAddressesRequest, TestAddressesResponse } from '@tandem/proto/edge';
import { ServiceShell, grpcService } from '@tandem/service';
import type { App, Logger, ServiceResources } from '@tandem/service';
import { FolderSigner } from './adapters/folder-signer.ts';
import { networkLook } from './adapters/network-look.ts';
import { networkProber } from './adapters/network-prober.ts';
import { EdgeStatus } from './api/edge-status.ts';
import type { EdgeMoment } from './api/edge-status.ts';
import { edgeHandlers } from './api/grpc-handlers.ts';
import type { EdgeHandlers } from './api/grpc-handlers.ts';
import type { EdgeConfig } from './config.ts';
import type { LocalAddresses } from './core/network/local-addresses.ts';
import { overloadSettings } from './overload/overload.ts';
import type { LocalIdentity } from './core/network/local-identity.ts';
import { leftToOthers } from './pods/pods.ts';
import { ownerName } from './core/marks/owner.ts';
import { Sealer } from './core/marks/seal.ts';
import { EdgeServer } from './edge-server.ts';
import { armFaults } from './faults.ts';
import { noteFailedHandshake } from './failed-handshakes.ts';
import { AddressTests, type NetworkLook } from './gateway-checks/gateway-checks.ts';
import {
  EdgeNetwork,
  NetworkTest,
  advertisedBy,
  mainAddress,
  probeTargets,
} from './network/network.ts';
import { CallOutbox, Sweeper } from './outbox/outbox.ts';
import type { CarrierSettings } from './registration/registration.ts';
import { openRelays } from './media-relays.ts';
import type { OpenRelays } from './media-relays.ts';
import { LeftMedia } from './left-media.ts';
import { openRecordedMessages } from './recorded-messages.ts';
import { RelayRounds } from './relay-rounds.ts';
import { PartWatch } from './part-watch.ts';
import { SilenceWatch } from './silence-watch.ts';
import { EdgeStores } from './edge-stores.ts';
import type { EdgeStoresGiven } from './edge-stores.ts';
import type { AuthClient, RoutingClient } from './ports.ts';
import { createFrontApp } from './front-app.ts';
import type { FrontApp } from './front-app.ts';
import { randomPool, systemClock } from './system.ts';
import { drains } from './telemetry.ts';

export { localAuthClient, localRoutingClient } from './adapters/local-clients.ts';
export { memoryCallStore } from './adapters/memory-call-store.ts';
export { soloPodRegistry } from './adapters/memory-pod-registry.ts';
export type { EdgeHandlers } from './api/grpc-handlers.ts';
export { edgeDefaults, readEdgeConfig, relayAddresses } from './config.ts';
export { connectionMistakes, connectionSettings, connectionsOf } from './sip-connections.ts';
export type { SipConnections } from './sip-connections.ts';
export { sipAddresses } from './sip-places.ts';
export type { EdgeConfig } from './config.ts';
export type { FrontApp } from './front-app.ts';
export type {
  AuthClient,
  CallStore,
  Clock,
  EdgeStore,
  PodRegistry,
  RoutingClient,
} from './ports.ts';
export { systemClock } from './system.ts';
export type { SipListen } from './network/network.ts';
export type { RelayAddress } from '@tandem/rtpengine';

/** What the process around it brings along; what is left out is opened from the configuration. */
export type EdgeResourcesGiven = EdgeStoresGiven &
  Omit<ServiceResources, 'snapshots'> & {
    /** Whether auth and routing of this process have what they go by. @default they are services of their own */
    readonly areServicesReady?: (() => boolean) | undefined;
  };

export interface EdgeApp extends App {
  readonly handlers: EdgeHandlers;
  /** Advertised `host:port`; undefined before `start`. */
  readonly advertised: string | undefined;
  readonly grpcPort: number | undefined;
}

/** A service that says whether it is heard of. */
interface Heard {
  untilUp?(timeoutMs: number): Promise<boolean>;
}

/** A pod without auth or routing refuses calls that others would serve; where all are without, it is no worse than they are. */
const SERVICES_LIMIT_MS = 3000;
/** The others still send to a pod that leaves, until they have read the registry again. */
const LINGER_MS = 600;

/**
 * Puts a worker, or a pod that is front and worker, together.
 * @throws SwitchError SWITCH_CONFIGURATION_INVALID or SWITCH_SECRET_INVALID
 */
export async function createEdgeApp(
  config: EdgeConfig,
  resources: EdgeResourcesGiven,
): Promise<EdgeApp> {
  const shell = new ServiceShell('edge', config, resources);
  return new Edge(config, resources, { shell, secretKey: await shell.secretKey() });
}

/**
 * Puts together what the configured role asks for.
 * @throws SwitchError SWITCH_CONFIGURATION_INVALID or SWITCH_SECRET_INVALID
 */
export async function createPodApp(
  config: EdgeConfig,
  resources: EdgeResourcesGiven,
): Promise<EdgeApp | FrontApp> {
  if (config.role !== 'front') return createEdgeApp(config, resources);
  const shell = new ServiceShell('edge', config, resources);
  const { messagesPublisher, pods } = resources;
  const secretKey = await shell.secretKey();
  return createFrontApp(config, { shell, pods, messagesPublisher, secretKey });
}

class Edge implements EdgeApp {
  readonly handlers: EdgeHandlers;
  readonly #config: EdgeConfig;
  readonly #logger: Logger;
  readonly #shell: ServiceShell;
  readonly #journal: Journal | undefined;
  readonly #messages: MessageRecorder | undefined;
  readonly #secretKey: KeyObject;
  readonly #secrets: readonly Buffer[];
  readonly #sealer: Sealer;
  readonly #stores: EdgeStores;
  readonly #outbox: CallOutbox;
  readonly #status: EdgeStatus;
  readonly #areServicesReady: () => boolean;
  readonly #look: NetworkLook;
  #network: EdgeNetwork | undefined;
  #server: EdgeServer | undefined;
  #networkTest: NetworkTest | undefined;
  #sweeper: Sweeper | undefined;
  #relays: OpenRelays | undefined;
  #relayRounds: RelayRounds | undefined;
  #partWatch: PartWatch | undefined;
  #local: LocalIdentity | undefined;
  #isDraining = false;

  constructor(
    config: EdgeConfig,
    given: EdgeResourcesGiven,
    { shell, secretKey }: { readonly shell: ServiceShell; readonly secretKey: KeyObject },
  ) {
    const { areServicesReady = () => true, logger } = given;
    this.#areServicesReady = areServicesReady;
    this.#config = config;
    this.#look = networkLook(config.sipTlsFiles?.ca);
    this.#logger = logger;
    this.#shell = shell;
    const hasJournal = given.journal !== undefined || config.kafkaBrokers !== undefined;
    this.#journal = hasJournal ? shell.journal(openJournal) : undefined;
    this.#secretKey = secretKey;
    this.#secrets = secretKeysOf(secretKey).map((key) => key.export());
    this.#sealer = new Sealer(this.#secrets);
    this.#stores = new EdgeStores(config, given, shell);
    const { store, pods, publisher } = this.#stores;
    this.#messages = openRecordedMessages({
      config,
      publisher: given.messagesPublisher,
      pods,
      logger,
    });
    this.#outbox = new CallOutbox({ store, publisher, clock: systemClock, logger });
    this.#status = new EdgeStatus({
      name: config.name,
      role: config.role,
      store,
      pods,
      clock: systemClock,
      moment: () => this.#moment(),
      network: () => this.#networkTest,
    });
    const hangUp: EdgeServer['hangUps']['hangUp'] = async (callId, operator) => {
      const server = this.#server;
      if (server === undefined) throw new SwitchError('SWITCH_STOPPED', 'the edge is starting');
      return server.hangUps.hangUp(callId, operator);
    };
    this.handlers = edgeHandlers(store, this.#status, hangUp, {
      testAddresses: (request) => this.#testAddresses(request),
    });
  }

  get advertised(): string | undefined {
    return this.#local?.hostPort;
  }

  get grpcPort(): number | undefined {
    return this.#shell.grpcPort;
  }

  async start(): Promise<void> {
    const { faults, role } = this.#config;
    const { store, pods } = this.#stores;
    const logger = this.#logger;
    armFaults(faults);
    const auth = this.#stores.auth();
    const routing = this.#stores.routing();
    await this.#hearServices(auth, routing);
    await leftToOthers({
      pods,
      areServicesReady: this.#areServicesReady,
      isStopping: () => this.#isDraining,
      clock: systemClock,
      logger,
    });
    if (this.#isDraining) throw new SwitchError('SWITCH_STOPPED', 'stopped before it took calls');
    // Of a port that is shared it gets its flows as soon as it is bound, and those of other pods' calls go to them.
    await pods.look();
    const network = await EdgeNetwork.open({
      ...this.#config,
      secrets: this.#secrets,
      messages: this.#messages,
      onHandshakeFailed: (error, from) => {
        noteFailedHandshake(this.#journal, error, from);
      },
      pods: () => pods.pods(),
      clock: systemClock,
      logger,
    });
    this.#network = network;
    const addresses = advertisedBy(this.#config, network.listening);
    network.advertise(addresses);
    const networkTest = new NetworkTest({
      targets: probeTargets(addresses, network.listening),
      probe: networkProber(this.#sealer),
      said: this.#config.sipSource,
      pods: () => pods.pods(),
      clock: systemClock,
      logger,
    });
    this.#networkTest = networkTest;
    const local = await this.#join(network, addresses);
    this.#local = local;
    const relays = openRelays(this.#config.rtpengines, logger);
    this.#relays = relays;
    const registrar = this.#stores.registrar();
    const server = new EdgeServer({
      local,
      sealer: this.#sealer,
      auth,
      routing,
      registrar,
      journal: this.#journal,
      carriers: this.#carriers(),
      checks: this.#stores.checks(),
      store,
      sessions: store,
      pods,
      link: network,
      outbox: this.#outbox,
      clock: systemClock,
      transport: network,
      silent: new SilentAddresses(this.#look, systemClock),
      logger,
      network: networkTest,
      bodyStep: relays?.media,
      media: relays?.media,
      random: randomPool(),
      signer: this.#signer(),
      overload: overloadSettings(this.#config, () => network.queueDelayMs()),
      relaysMessages: this.#config.relaysMessages,
    });
    this.#server = server;
    network.listen(server);
    server.start();
    networkTest.start();
    this.#outbox.start();
    this.#sweeper = this.#sweep(server);
    this.#relayRounds = this.#lookAtRelays(server, relays);
    this.#partWatch = this.#watchParts({ auth, routing, registrar });
    await this.#shell.serve(grpcService(EdgeServiceService, this.handlers));
    const { slot, epoch, hostPort } = local;
    logger.info({ sip: hostPort, role, link: network.address, slot, epoch }, 'taking calls');
  }

  async drain(): Promise<void> {
    if (!this.#isDraining) drains.add(1);
    this.#isDraining = true;
    await this.#partWatch?.stop();
    await this.#sweeper?.stop();
    await this.#relayRounds?.stop();
    await this.#server?.drain();
  }

  async stop(): Promise<void> {
    this.#isDraining = true;
    this.#networkTest?.close();
    await this.#partWatch?.stop();
    await this.#sweeper?.stop();
    await this.#relayRounds?.stop();
    await this.#leave();
    this.#status.close();
    // What its sockets still hold is read, and served, before they are gone.
    await this.#network?.close();
    this.#server?.close();
    this.#relays?.close();
    await this.#shell.stopServing();
    await this.#outbox.close();
    await this.#messages?.close();
    await this.#stores.close();
    await this.#shell.close();
  }

  isReady(): boolean {
    return this.#local !== undefined && !this.#isDraining;
  }

  /** OPS-04. @throws SwitchError SWITCH_SERVICE_UNAVAILABLE before the pod has its place */
  async #testAddresses(request: TestAddressesRequest): Promise<TestAddressesResponse> {
    const server = this.#server;
    if (server === undefined) {
      throw new SwitchError('SWITCH_SERVICE_UNAVAILABLE', 'the edge has no socket yet');
    }
    const { options } = server;
    const parts = { options, look: this.#look, clock: systemClock };
    const tests = await new AddressTests(parts).run(request);
    return { edge: this.#config.name, tests };
  }

  #carriers(): CarrierSettings | undefined {
    const client = this.#stores.outbound();
    const key = this.#secretKey;
    return client && { client, openPassword: (sealed) => openSecret(key, sealed) };
  }

  #signer(): FolderSigner | undefined {
    const { stirKeys: folder } = this.#config;
    if (folder === undefined) return undefined;
    return new FolderSigner({ folder, clock: systemClock, logger: this.#logger });
  }

  #sweep(server: EdgeServer): Sweeper {
    const sweeper = new Sweeper({
      store: this.#stores.store,
      outbox: this.#outbox,
      clock: systemClock,
      logger: this.#logger,
      owner: () => ownerName(server.place),
      adopt: (orphan) => {
        server.adopted(orphan);
      },
      due: (call) => server.due(call),
    });
    sweeper.start();
    return sweeper;
  }

  #lookAtRelays(server: EdgeServer, relays: OpenRelays | undefined): RelayRounds | undefined {
    if (relays === undefined) return undefined;
    const { pods, store } = this.#stores;
    const parts = { media: relays.media, clock: systemClock, logger: this.#logger };
    const silence = new SilenceWatch({
      ...parts,
      end: (callId, silenceSeconds) => server.silent(callId, silenceSeconds),
    });
    const rounds = new RelayRounds({
      ...parts,
      looks: [silence, new LeftMedia({ ...parts, store })],
      pods: () => pods.pods(),
      own: () => server.place.slot,
    });
    rounds.start();
    return rounds;
  }

  /** Services of this process are never away by themselves. */
  #watchParts(
    services: Readonly<Record<'auth' | 'routing' | 'registrar', Heard | undefined>>,
  ): PartWatch | undefined {
    const journal = this.#journal;
    if (journal === undefined) return undefined;
    const { pods } = this.#stores;
    const asked = (['auth', 'routing', 'registrar'] as const).flatMap((name) => {
      const service = services[name];
      return service?.untilUp === undefined
        ? []
        : [{ name, isThere: () => service.untilUp?.(0) ?? true }];
    });
    const stores = [
      { name: 'redis', isThere: () => pods.isAway?.() !== true },
      { name: 'kafka', isThere: () => !this.#outbox.isAway },
    ] as const;
    const watch = new PartWatch({ needed: [...asked, ...stores], journal, clock: systemClock });
    watch.start();
    return watch;
  }

  /** Calls come as soon as the sockets are bound, or there is a slot. */
  async #hearServices(auth: AuthClient, routing: RoutingClient): Promise<void> {
    const heard = await Promise.all(
      [auth, routing].map(async (service) => service.untilUp?.(SERVICES_LIMIT_MS)),
    );
    if (heard.includes(false)) {
      this.#logger.warn({ waitedMs: SERVICES_LIMIT_MS }, 'calls are taken without auth or routing');
    }
  }

  async #join(network: EdgeNetwork, addresses: LocalAddresses): Promise<LocalIdentity> {
    const { name, role } = this.#config;
    const { host, hostPort } = mainAddress(addresses);
    const { slot, epoch } = await this.#stores.pods.join({
      name,
      role,
      address: network.address,
      figures: () => this.#status.figures(),
    });
    return { name, slot, epoch, host, hostPort, addresses, product: this.#config.sipProduct };
  }

  /** Gives the slot back, and serves what others still send here because they have not seen that yet. */
  async #leave(): Promise<void> {
    const { pods } = this.#stores;
    const hasOthers = pods.pods().length > 1 && this.#network?.address !== '';
    await pods.leave().catch((error: unknown) => {
      // The slot's lease runs out by itself.
      this.#logger.debug({ err: error }, 'slot not given back');
    });
    if (hasOthers) await new Promise((resolve) => setTimeout(resolve, LINGER_MS));
  }

  #moment(): EdgeMoment {
    const local = this.#local;
    const place = this.#server?.place;
    return {
      // A pod that was paused for too long has another place than the one it began with.
      place: local === undefined ? undefined : { ...local, ...place },
      isDraining: this.#isDraining,
      pendingCalls: this.#server?.pendingCalls ?? 0,
      connections: this.#network?.connections ?? 0,
      traffic: this.#network?.counters ?? { received: 0, sent: 0, malformed: 0, garbage: 0 },
      overload: this.#server?.overload,
      certificateExpiresMs: this.#network?.certificateExpiresMs,
    };
  }
}
