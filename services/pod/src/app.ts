import type { ApiApp, ServicePorts, createApiApp } from '@tandem/api';
import type { AuthApp, AuthHandlers, AuthStore, createAuthApp } from '@tandem/auth';
import type { BillingApp, createBillingApp } from '@tandem/billing';
import { serviceNames } from '@tandem/config';
import type { ServiceName } from '@tandem/config';
import type { EdgeApp, EdgeConfig, EdgeStore, FrontApp, PodRegistry } from '@tandem/edge';
import type { EventConsumer, EventPublisher } from '@tandem/events';
import type { Limits } from '@tandem/limits';
import type { RoutingApp, RoutingHandlers, createRoutingApp } from '@tandem/routing';
import type { App, ServiceContext, ServiceResources } from '@tandem/service';
import type { ModuleConfigs } from './config.ts';

export { readModuleConfigs } from './config.ts';
export type { ModuleConfigs } from './config.ts';

/** Stores that are not opened from the configuration but brought along, such as those in memory. */
export interface GivenStores {
  readonly auth?: AuthStore;
  readonly limits?: Limits;
  readonly calls?: EdgeStore;
  readonly pods?: PodRegistry;
  readonly publisher?: EventPublisher;
  readonly consumer?: EventConsumer;
}

/** The services of this process. */
export interface Modules {
  readonly api?: ApiApp | undefined;
  readonly billing?: BillingApp | undefined;
  readonly auth?: AuthApp | undefined;
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
  const of = (name: ServiceName) => ({ logger: loggerOf(name), shared });
  const auth =
    configs.auth && (await openAuth(configs.auth, { ...of('auth'), store: stores.auth }));
  const routing =
    configs.routing &&
    (await openRouting(configs.routing, { ...of('routing'), limits: stores.limits }));
  const billing =
    configs.billing &&
    (await openBilling(configs.billing, {
      ...of('billing'),
      events: stores.consumer,
      balances: stores.limits?.balances,
    }));
  const edge =
    configs.edge &&
    (await openEdge(configs.edge, of('edge'), {
      auth: auth?.handlers,
      routing: routing?.handlers,
      isOverSamePipe: isOverSamePipe(configs, stores),
      stores,
    }));
  const ports: Partial<ServicePorts> = {
    ...(auth && { auth: auth.handlers }),
    ...(routing && { routing: routing.handlers }),
    ...(billing && { billing: billing.handlers }),
    ...(edge && 'handlers' in edge && { edge: edge.handlers }),
  };
  const api = configs.api && (await openApi(configs.api, { ...of('api'), ports }));
  return new ComposedModules({ api, billing, auth, routing, edge });
}

// The code of a service is loaded where it is among the modules.

const openApi: typeof createApiApp = async (...given) =>
  (await import('@tandem/api')).createApiApp(...given);

const openBilling: typeof createBillingApp = async (...given) =>
  (await import('@tandem/billing')).createBillingApp(...given);

const openAuth: typeof createAuthApp = async (...given) =>
  (await import('@tandem/auth')).createAuthApp(...given);

const openRouting: typeof createRoutingApp = async (...given) =>
  (await import('@tandem/routing')).createRoutingApp(...given);

async function openEdge(
  config: EdgeConfig,
  process_: ServiceResources,
  { auth, routing, isOverSamePipe: isOver, stores }: EdgeNeighbours,
): Promise<EdgeApp | FrontApp> {
  const { createPodApp, localAuthClient, localRoutingClient } = await import('@tandem/edge');
  return createPodApp(config, {
    ...process_,
    auth: auth && localAuthClient(auth),
    routing: routing && localRoutingClient(routing, isOver),
    store: stores.calls,
    pods: stores.pods,
    publisher: stores.publisher,
  });
}

interface EdgeNeighbours {
  readonly auth: AuthHandlers | undefined;
  readonly routing: RoutingHandlers | undefined;
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

  isReady(): boolean {
    return this.#started === this.#apps.length && this.#apps.every((app) => app.isReady());
  }
}
