import { readParameters } from '@tandem/config';
import { openJournal } from '@tandem/events';
import { InTurns, ServiceShell, type ServiceApp, type ServiceResources } from '@tandem/service';
import { randomBytes } from 'node:crypto';
import { DnsClient, NameBook, lookUp, systemClock, systemNameServers } from '@tandem/sip-names';
import { RedisBindingStore } from './adapters/redis-binding-store.ts';
import { RedisOutboundStore } from './adapters/redis-outbound-store.ts';
import { createHandlers, registrarGrpcService } from './api/grpc-handlers.ts';
import type { RegistrarHandlers } from './api/grpc-handlers.ts';
import type { RegistrarConfig } from './config.ts';
import { outboundTable } from './core/outbound/outbound-table.ts';
import type { OutboundTable } from './core/outbound/outbound-table.ts';
import { phonesInSteps } from './core/policy.ts';
import type { Phones } from './core/policy.ts';
import { EndedFlows } from './ended-flows.ts';
import { Keepalives } from './keepalives.ts';
import { OutboundRegistrations } from './outbound/outbound-registrations.ts';
import type { OutboundStore } from './outbound/outbound-store.ts';
import { reportOutbound } from './outbound/outbound-telemetry.ts';
import { RegistrarPlaces } from './outbound/registrar-places.ts';
import type { BindingStore } from './ports.ts';
import { Registrar } from './registrar.ts';
import { RegistrationLists } from './registration-lists.ts';
import { Sweeping } from './sweeping.ts';
import { reportGateways, reportRegistered } from './telemetry.ts';

export { MemoryBindingStore } from './adapters/memory-binding-store.ts';
export { MemoryOutboundStore } from './adapters/memory-outbound-store.ts';
export type { RegistrarHandlers } from './api/grpc-handlers.ts';
export { readRegistrarConfig } from './config.ts';
export type { RegistrarConfig } from './config.ts';
export type { OutboundStore } from './outbound/outbound-store.ts';
export type { BindingStore } from './ports.ts';

/** What the process around it brings along. */
export interface RegistrarResources extends ServiceResources {
  /** Left open. @default in Redis */
  readonly store?: BindingStore | undefined;
  /** Registrations with carriers. Left open. @default in Redis */
  readonly outbound?: OutboundStore | undefined;
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
  const turns = new InTurns();
  let phones: Phones | undefined;
  const parts = { store, phones: () => phones, random: Math.random, journal, logger };
  const registrar = new Registrar(parts);
  const outbound = openOutbound(config, resources, shell);
  const handlers = createHandlers({
    registrar,
    lists: new RegistrationLists(parts, registrar),
    keepalives: new Keepalives(parts, registrar),
    flows: new EndedFlows(parts, registrar),
    outbound: outbound.registrations,
  });
  const sweeping = new Sweeping(registrar, { store, journal, logger });
  let endReports: readonly (() => void)[] = [];
  return shell.app({
    handlers,
    grpc: registrarGrpcService(handlers, logger),
    follow: ({ configuration, version }) =>
      turns.run(phonesInSteps(configuration, version), (made) => {
        phones = made;
        journal.limit?.(readParameters(configuration.parameters).SS_JOURNAL_STRANGER_ENTRIES);
        outbound.follow(outboundTable(configuration, version));
      }),
    start: () => {
      sweeping.start();
      outbound.start();
      endReports = [
        reportRegistered(() => store.count().catch(() => undefined)),
        reportGateways(() => registrar.countGateways().catch(() => undefined)),
      ];
    },
    stop: async () => {
      for (const end of endReports) end();
      outbound.stop();
      await sweeping.stop();
    },
    isReady: () => store.isReachable() && phones !== undefined,
  });
}

/** The part that registers with carriers. */
interface OutboundPart {
  readonly registrations: OutboundRegistrations;
  readonly follow: (table: OutboundTable) => void;
  readonly start: () => void;
  readonly stop: () => void;
}

function openOutbound(
  { dnsServers, redisPrefix }: RegistrarConfig,
  resources: RegistrarResources,
  shell: ServiceShell,
): OutboundPart {
  const { logger } = shell;
  const store = resources.outbound ?? new RedisOutboundStore(shell.redis(), redisPrefix);
  const dns = new DnsClient({ servers: dnsServers ?? systemNameServers() });
  const names = new NameBook({
    lookUp: (target) => lookUp(dns.ask, target),
    clock: systemClock,
    logger,
  });
  const places = new RegistrarPlaces(names, Math.random);
  let table: OutboundTable | undefined;
  let endReport: (() => void) | undefined;
  return {
    registrations: new OutboundRegistrations({
      store,
      table: () => table,
      places,
      random: Math.random,
      newCallId: () => randomBytes(18).toString('base64url'),
      logger,
    }),
    follow: (next) => {
      places.use(next.settings.values());
      table = next;
    },
    start: () => {
      endReport = reportOutbound(() =>
        store.all().then(
          ({ outbounds }) => outbounds,
          () => undefined,
        ),
      );
    },
    stop: () => {
      endReport?.();
      names.close();
      dns.close();
    },
  };
}
