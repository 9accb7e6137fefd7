import { openNumberLists, openRateSheets, openSecret } from '@tandem/config';
import { openJournal } from '@tandem/events';
import { redisLimits, type Limits } from '@tandem/limits';
import { ServiceShell, type ServiceApp, type ServiceResources } from '@tandem/service';
import {
  DnsClient,
  NameBook,
  type NameChange,
  PassingNames,
  lookUp,
  systemClock,
  systemNameServers,
} from '@tandem/sip-names';
import { offlinePlaces } from './core/health/offline-places.ts';
import { restOf } from './core/rests.ts';
import { grpcRegistrarClient } from './adapters/grpc-registrar-client.ts';
import { MemoryHealthStore } from './adapters/memory-health-store.ts';
import { RedisHealthStore } from './adapters/redis-health-store.ts';
import { SnapshotTables } from './adapters/snapshot-tables.ts';
import { createHandlers, routingGrpcService, type RoutingHandlers } from './api/grpc-handlers.ts';
import type { RoutingConfig } from './config.ts';
import { CarrierRegistrations } from './carrier-registrations.ts';
import { LineGauge } from './line-gauge.ts';
import { NumberListsInEffect } from './number-lists-in-effect.ts';
import { openHealth } from './health/open-health.ts';
import type { HealthStore } from './health/health-store.ts';
import { ReplayThreads } from './replay/replay-threads.ts';
import { watchQuality } from './quality/quality-watch.ts';
import { RateSheetsInEffect } from './rate-sheets-in-effect.ts';
import { RestingGateways } from './resting-gateways.ts';
import { shareAt } from './core/throttle/throttle-step.ts';
import { reportShares } from './throttle/throttle-telemetry.ts';
import { noteNameChange } from './name-changes.ts';
import { Throttling } from './throttle/throttling.ts';
import type { CarrierRegistrar, PhoneLocator } from './ports.ts';
import { watchVendorBalances } from './vendor-balances.ts';
import { Router } from './router.ts';
import { namesLookedUp, reportGateways, reportNumberLists, reportRateSheets } from './telemetry.ts';

export { MemoryHealthStore } from './adapters/memory-health-store.ts';
export type { RoutingHandlers } from './api/grpc-handlers.ts';
export { readRoutingConfig } from './config.ts';
export type { RoutingConfig } from './config.ts';
export type { HealthStore } from './health/health-store.ts';

/** What the process around it brings along. */
export interface RoutingResources extends ServiceResources {
  /** Lines and balances. Left open. @default in Redis */
  readonly limits?: Limits | undefined;
  /** What is known of gateways. @default in Redis, or in memory where `limits` are given */
  readonly health?: HealthStore | undefined;
  /** The registrar of this process. @default over gRPC, where its address is set */
  readonly registrar?: Registrar | undefined;
}

type Registrar = PhoneLocator & CarrierRegistrar;

export type RoutingApp = ServiceApp<RoutingHandlers>;

/** @throws SwitchError SWITCH_SECRET_INVALID or SWITCH_CONFIGURATION_INVALID */
export async function createRoutingApp(
  config: RoutingConfig,
  resources: RoutingResources,
): Promise<RoutingApp> {
  const shell = new ServiceShell('routing', config, resources);
  const { logger } = shell;
  const secretKey = await shell.secretKey();
  const dns = new DnsClient({ servers: config.dnsServers ?? systemNameServers() });
  // Whoever runs routing without Kafka reads of it in the log alone.
  const journal = hasJournal(config, resources) ? shell.journal(openJournal) : undefined;
  const openBook = (onChanged?: (change: NameChange) => void): NameBook =>
    new NameBook({
      onChanged,
      lookUp: (target) => lookUp(dns.ask, target),
      clock: systemClock,
      logger,
      onLookedUp: (outcome) => {
        namesLookedUp.add(1, { outcome });
      },
    });
  const book = openBook((change) => {
    noteNameChange(change, { journal, logger });
  });
  const names = new PassingNames(openBook());
  const open = (sealed: string): string => openSecret(secretKey, sealed);
  const snapshotTables = new SnapshotTables(open, logger, book);
  const tables = () => snapshotTables.current();
  const opened = openStore(config, resources, shell);
  const { lines, balances, qualities, rests: stored, throttles, turns, isReachable } = opened;
  const gauge = new LineGauge({ tables, lines, logger });
  const rests = new RestingGateways({ rests: stored, now: Date.now, logger });
  const quality = watchQuality({ qualities, tables, logger });
  const throttling = new Throttling({ throttles, tables, journal, logger });
  const health = openHealth({
    throttling,
    quality: () => quality.current,
    store: openHealthStore(config, resources, shell),
    tables,
    journal,
    logger,
  });
  const usable = (): readonly { gateway: string; isResting: boolean }[] => {
    const moment = { nowMs: Date.now(), rests: rests.current, health: health.current };
    return [...(tables()?.routingGateways.values() ?? [])].map((gateway) => ({
      gateway: gateway.name,
      isResting:
        restOf(gateway.name, moment) !== undefined ||
        offlinePlaces(gateway, moment)?.isAll === true,
    }));
  };
  const shares = (): readonly { gateway: string; share: number }[] =>
    [...(tables()?.routingGateways.values() ?? [])].map(({ name: gateway, throttle: terms }) => {
      const level = throttling.current.get(gateway)?.level ?? 0;
      return { gateway, share: terms === undefined ? 1 : shareAt(level, terms) / 100 };
    });
  const listed = new NumberListsInEffect({
    open: (onImport) =>
      config.postgresUrl === undefined
        ? undefined
        : openNumberLists({ pool: shell.pool(), logger, onImport }),
    use: (snapshot) => snapshotTables.use(snapshot),
    logger,
  });
  const sheets = new RateSheetsInEffect({
    open: (onImport) =>
      config.postgresUrl === undefined
        ? undefined
        : openRateSheets({ pool: shell.pool(), logger, onImport }),
    use: (snapshot) => listed.follow(snapshot),
    logger,
  });
  const endReports: (() => void)[] = [];
  const { registrar: phones, close: closePhones } = openRegistrar(config, resources, shell);
  const now = (): number => performance.now();
  const carriers = phones && new CarrierRegistrations({ registrar: phones, tables, now, logger });
  const unregistered = () => carriers?.current;
  const vendors = watchVendorBalances({ balances, tables, logger });
  const router = new Router({
    tables,
    lines,
    rests,
    turns,
    lists: () => listed.current,
    phones,
    unregistered,
    vendorFunds: () => vendors.current,
    health: () => health.current,
    quality: () => quality.current,
    throttling,
    names,
    now: Date.now,
  });
  const replays = new ReplayThreads({
    url: config.postgresUrl,
    most: () => tables()?.parameters.SS_REPLAYS_AT_ONCE ?? 1,
    logger,
  });
  const handlers = createHandlers(router, health.handlers, {
    replay: (request) => replays.replay(request),
  });
  return shell.app({
    handlers,
    grpc: routingGrpcService(handlers, logger),
    follow: (snapshot) => sheets.follow(snapshot),
    start: () => {
      gauge.start();
      rests.start();
      vendors.start();
      health.start();
      quality.start();
      throttling.start();
      endReports.push(
        reportGateways(usable),
        reportShares(shares),
        reportNumberLists({ sizes: () => listed.sizes(), versions: () => listed.versions() }),
        reportRateSheets(() => sheets.versions()),
      );
      carriers?.start();
    },
    stop: async () => {
      for (const end of endReports) end();
      await Promise.all([
        gauge.stop(),
        rests.stop(),
        vendors.stop(),
        health.stop(),
        quality.stop(),
        throttling.stop(),
        carriers?.stop(),
        listed.close(),
        replays.close(),
        sheets.close(),
      ]);
      closePhones();
      book.close();
      names.close();
      dns.close();
    },
    isReady: () => isReachable() && tables() !== undefined,
  });
}

/** Where lines are brought along nothing is shared with other processes. */
function openHealthStore(
  { redisPrefix }: RoutingConfig,
  { health, limits }: RoutingResources,
  shell: ServiceShell,
): HealthStore {
  if (health !== undefined) return health;
  if (limits !== undefined) return new MemoryHealthStore(Date.now);
  return new RedisHealthStore(shell.redis(), redisPrefix);
}

function hasJournal({ kafkaBrokers }: RoutingConfig, { journal }: RoutingResources): boolean {
  return journal !== undefined || kafkaBrokers !== undefined;
}

function openRegistrar(
  { registrarAddress: address, tls }: RoutingConfig,
  { registrar }: RoutingResources,
  { logger }: ServiceShell,
): { readonly registrar: Registrar | undefined; readonly close: () => void } {
  if (registrar !== undefined || address === undefined) {
    return { registrar, close: () => undefined };
  }
  const client = grpcRegistrarClient({ address, logger, tls });
  return {
    registrar: client,
    close: () => {
      client.close();
    },
  };
}

function openStore(
  { redisPrefix: prefix }: RoutingConfig,
  { limits }: RoutingResources,
  shell: ServiceShell,
): Limits & { readonly isReachable: () => boolean } {
  if (limits !== undefined) return { ...limits, isReachable: () => true };
  const redis = shell.redis();
  return { ...redisLimits({ redis, prefix }), isReachable: () => redis.status === 'ready' };
}
