import type { ApiApp, ServicePorts, createApiApp } from '@tandem/api';
import type { AuthApp, AuthHandlers, AuthStore, createAuthApp } from '@tandem/auth';
import type { BillingApp, createBillingApp } from '@tandem/billing';
import { serviceNames } from '@tandem/config';
import type { ServiceName } from '@tandem/config';
import type { EdgeApp, EdgeConfig, EdgeStore, FrontApp, PodRegistry } from '@tandem/edge';
import type {
  EncodedMessageFrame,
  EventConsumer,
  EventPublisher,
  Journal,
  JournalMessage,
  MessageFrame,
} from '@tandem/events';
import type { JournalApp, createJournalApp } from '@tandem/journal';
import type { Limits } from '@tandem/limits';
import type {
  BindingStore,
  OutboundStore,
  RegistrarApp,
  RegistrarHandlers,
  createRegistrarApp,
} from '@tandem/registrar';
import type { HealthStore, RoutingApp, RoutingHandlers, createRoutingApp } from '@tandem/routing';
import type { App, ServiceContext, ServiceResources } from '@tandem/service';
import type { ModuleConfigs } from './config.ts';

export { readModuleConfigs, readModules } from './config.ts';
export type { ModuleConfigs } from './config.ts';

/** Stores that are not opened from the configuration but brought along, such as those in memory. */
export interface GivenStores {
  readonly auth?: AuthStore;
  readonly limits?: Limits;
  readonly bindings?: BindingStore;
  readonly outbound?: OutboundStore;
  readonly health?: HealthStore;
  readonly calls?: EdgeStore;
  readonly pods?: PodRegistry;
  readonly publisher?: EventPublisher;
  readonly consumer?: EventConsumer;
  readonly journal?: Journal;
  readonly journalMessages?: EventConsumer<JournalMessage>;
  /** SIP messages, as edges write them and as the journal reads them. */
  readonly messagesPublisher?: EventPublisher<EncodedMessageFrame>;
  readonly messageFrames?: EventConsumer<MessageFrame>;
}

/** The services of this process. */
export interface Modules {
  readonly api?: ApiApp | undefined;
  readonly billing?: BillingApp | undefined;
  readonly journal?: JournalApp | undefined;
  readonly auth?: AuthApp | undefined;
  readonly registrar?: RegistrarApp | undefined;
  readonly routing?: RoutingApp | undefined;
  readonly edge?: EdgeApp | FrontApp | undefined;
}

/** What composes services gets from the process. */
export type PodContext = Pick<ServiceContext, 'loggerOf' | 'shared'>;

/** Several services as one: they ask each other directly, and have one of each outside thing. */
export interface ModulesApp extends App {
  readonly modules: Modules;
}

/**
 * Composes services into one process, each with what the process opens once. Those that a service asks are asked directly
 * where they are among them, else over gRPC.
 * @throws SwitchError SWITCH_CONFIGURATION_INVALID or SWITCH_SECRET_INVALID
 */
export async function createModules(
  configs: ModuleConfigs,
  { loggerOf, shared }: PodContext,
  stores: GivenStores = {},
): Promise<ModulesApp> {
  const given = { shared, journal: stores.journal };
  const of = (name: ServiceName) => ({ logger: loggerOf(name), ...given });
  const auth =
    configs.auth &&
    (await openAuth(configs.auth, {
      ...of('auth'),
      store: stores.auth,
      publisher: stores.publisher,
    }));
  const registrar =
    configs.registrar &&
    (await openRegistrar(configs.registrar, {
      ...of('registrar'),
      store: stores.bindings,
      outbound: stores.outbound,
    }));
  const routing =
    configs.routing &&
    (await openRouting(configs.routing, {
      ...of('routing'),
      limits: stores.limits,
      health: stores.health,
      registrar: registrar?.handlers,
    }));
  const billing =
    configs.billing &&
    (await openBilling(configs.billing, {
      ...of('billing'),
      events: stores.consumer,
      balances: stores.limits?.balances,
      qualities: stores.limits?.qualities,
    }));
  const journal =
    configs.journal &&
    (await openJournal(configs.journal, {
      ...of('journal'),
      messages: stores.journalMessages,
      frames: stores.messageFrames,
    }));
  const edge =
    configs.edge &&
    (await openEdge(configs.edge, of('edge'), {
      auth: auth?.handlers,
      routing: routing?.handlers,
      registrar: registrar?.handlers,
      areServicesReady: readyServices([auth, registrar, routing], configs, shared),
      isOverSamePipe: isOverSamePipe(configs, stores),
      stores,
    }));
  const asked = { billing, journal, auth, registrar, routing, edge };
  const api = configs.api && (await openApi(configs.api, { ...of('api'), ports: portsOf(asked) }));
  return new ComposedModules({ api, ...asked });
}

/** Whether services of the process have what they go by; where the store has no version at all, no other pod has more. */
function readyServices(
  services: readonly (App | undefined)[],
  { auth, routing }: ModuleConfigs,
  shared: PodContext['shared'],
): () => boolean {
  const url = routing?.postgresUrl ?? auth?.postgresUrl;
  const snapshots = url === undefined ? undefined : shared.snapshots(url);
  return () =>
    snapshots?.isEmpty() === true ||
    services.every((service) => service === undefined || service.isReady());
}

/** What the api asks of the services of its process. */
function portsOf({
  auth,
  billing,
  edge,
  journal,
  registrar,
  routing,
}: Modules): Partial<ServicePorts> {
  return {
    ...(auth && { auth: auth.handlers }),
    ...(routing && { routing: routing.handlers }),
    ...(registrar && { registrar: registrar.handlers }),
    ...(billing && { billing: billing.handlers }),
    ...(journal && { journal: journal.handlers }),
    ...(edge && 'handlers' in edge && { edge: edge.handlers }),
  };
}

// The code of a service is loaded where it is among the modules.

const openApi: typeof createApiApp = async (...given) =>
  (await import('@tandem/api')).createApiApp(...given);

const openBilling: typeof createBillingApp = async (...given) =>
  (await import('@tandem/billing')).createBillingApp(...given);

const openJournal: typeof createJournalApp = async (...given) =>
  (await import('@tandem/journal')).createJournalApp(...given);

const openAuth: typeof createAuthApp = async (...given) =>
  (await import('@tandem/auth')).createAuthApp(...given);

const openRegistrar = async (
  ...given: Parameters<typeof createRegistrarApp>
): Promise<RegistrarApp> => (await import('@tandem/registrar')).createRegistrarApp(...given);

const openRouting: typeof createRoutingApp = async (...given) =>
  (await import('@tandem/routing')).createRoutingApp(...given);

async function openEdge(
  config: EdgeConfig,
  process_: ServiceResources,
  { areServicesReady, auth, registrar, routing, isOverSamePipe: isOver, stores }: EdgeNeighbours,
): Promise<EdgeApp | FrontApp> {
  const { createPodApp, localAuthClient, localRoutingClient } = await import('@tandem/edge');
  return createPodApp(config, {
    ...process_,
    areServicesReady,
    auth: auth && localAuthClient(auth),
    routing: routing && localRoutingClient(routing, isOver),
    registrar,
    outbound: registrar,
    checks: routing,
    store: stores.calls,
    pods: stores.pods,
    publisher: stores.publisher,
    messagesPublisher: stores.messagesPublisher,
  });
}

interface EdgeNeighbours {
  readonly auth: AuthHandlers | undefined;
  readonly routing: RoutingHandlers | undefined;
  readonly registrar: RegistrarHandlers | undefined;
  readonly areServicesReady: () => boolean;
  readonly isOverSamePipe: boolean;
  readonly stores: GivenStores;
}

/** Lines and calls are in one Redis, which the process is connected to once. */
function isOverSamePipe({ edge, routing }: ModuleConfigs, { calls, limits }: GivenStores): boolean {
  const isOpened = calls === undefined && limits === undefined;
  return (
    isOpened && edge?.redisUrl === routing?.redisUrl && edge?.redisPrefix === routing?.redisPrefix
  );
}

class ComposedModules implements ModulesApp {
  readonly modules: Modules;
  /** In the order of their start: the edge, which takes calls as soon as it listens, last. */
  readonly #apps: readonly App[];
  #started = 0;
  #wereReady = false;

  constructor(modules: Modules) {
    this.modules = modules;
    this.#apps = serviceNames.flatMap((name) => modules[name] ?? []);
  }

  async start(): Promise<void> {
    for (const app of this.#apps) {
      await app.start();
      this.#started += 1;
    }
  }

  /** The edge first, with those that it asks still at work; then they. */
  async drain(): Promise<void> {
    for (const app of this.#apps.toReversed()) await app.drain();
  }

  async stop(): Promise<void> {
    for (const app of this.#apps.toReversed()) await app.stop();
  }

  /**
   * Once all of them have been ready the edge alone decides: what its services want is in stores that every pod shares. A pod that
   * is sent nothing while these are away could neither refuse a new call nor end one that is up.
   */
  isReady(): boolean {
    if (this.#started < this.#apps.length) return false;
    const areReady = this.#apps.every((app) => app.isReady());
    this.#wereReady ||= areReady;
    const { edge } = this.modules;
    return edge === undefined ? areReady : this.#wereReady && edge.isReady();
  }
}
