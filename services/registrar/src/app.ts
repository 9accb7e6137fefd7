import { openJournal } from '@tandem/events';
import { ServiceShell, type ServiceApp, type ServiceResources } from '@tandem/service';
import { RedisBindingStore } from './adapters/redis-binding-store.ts';
import { createHandlers, registrarGrpcService } from './api/grpc-handlers.ts';
import type { RegistrarHandlers } from './api/grpc-handlers.ts';
import type { RegistrarConfig } from './config.ts';
import { phonesOf } from './core/policy.ts';
import type { Phones } from './core/policy.ts';
import { EndedFlows } from './ended-flows.ts';
import { Keepalives } from './keepalives.ts';
import type { BindingStore } from './ports.ts';
import { Registrar } from './registrar.ts';
import { RegistrationLists } from './registration-lists.ts';
import { Sweeping } from './sweeping.ts';
import { reportRegistered } from './telemetry.ts';

export { MemoryBindingStore } from './adapters/memory-binding-store.ts';
export type { RegistrarHandlers } from './api/grpc-handlers.ts';
export { readRegistrarConfig } from './config.ts';
export type { RegistrarConfig } from './config.ts';
export type { BindingStore } from './ports.ts';

/** What the process around it brings along. */
export interface RegistrarResources extends ServiceResources {
  /** Left open. @default in Redis */
  readonly store?: BindingStore | undefined;
}

export type RegistrarApp = ServiceApp<RegistrarHandlers>;

/** @throws SwitchError SWITCH_CONFIGURATION_INVALID */
export function createRegistrarApp(
  config: RegistrarConfig,
  resources: RegistrarResources,
): RegistrarApp {
  const shell = new ServiceShell('registrar', config, resources);
  const { logger } = shell;
  const store = resources.store ?? new RedisBindingStore(shell.redis(), config.redisPrefix);
  const journal = shell.journal(openJournal);
  let phones: Phones | undefined;
  const parts = { store, phones: () => phones, random: Math.random, journal, logger };
  const registrar = new Registrar(parts);
  const handlers = createHandlers({
    registrar,
    lists: new RegistrationLists(parts, registrar),
    keepalives: new Keepalives(parts, registrar),
    flows: new EndedFlows(parts, registrar),
  });
  const sweeping = new Sweeping(registrar, { store, journal, logger });
  let endReport: (() => void) | undefined;
  return shell.app({
    handlers,
    grpc: registrarGrpcService(handlers, logger),
    follow: ({ configuration, version }) => {
      phones = phonesOf(configuration, version);
    },
    start: () => {
      sweeping.start();
      endReport = reportRegistered(() => store.count().catch(() => undefined));
    },
    stop: async () => {
      endReport?.();
      await sweeping.stop();
    },
    isReady: () => store.isReachable() && phones !== undefined,
  });
}
