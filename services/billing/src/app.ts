import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { SwitchError } from '@tandem/domain';
import { createKafkaConsumer, createKafkaLogReader } from '@tandem/events';
import type { EventConsumer, EventLogReader } from '@tandem/events';
import { redisLimits } from '@tandem/limits';
import type { GatewayQualities, LiveBalances } from '@tandem/limits';
import { BillingServiceService } from '@tandem/proto/billing';
import { ServiceShell, grpcService, migrate } from '@tandem/service';
import type { Logger, ServiceApp, ServiceResources } from '@tandem/service';
import { createPgBillingStore } from './adapters/pg-billing-store.ts';
import { pgDisputes } from './adapters/pg-disputes.ts';
import { pgInvoices } from './adapters/pg-invoices.ts';
import { pgReratings } from './adapters/pg-reratings.ts';
import { openWriter } from './adapters/pg-write-batch.ts';
import { createEventHandler } from './api/event-handler.ts';
import { createBillingHandlers } from './api/grpc-handlers.ts';
import type { CallHandlers } from './api/grpc-handlers.ts';
import { createDisputeHandlers } from './api/dispute-handlers.ts';
import type { DisputeHandlers } from './api/dispute-handlers.ts';
import { createInvoiceHandlers } from './api/invoice-handlers.ts';
import type { InvoiceHandlers } from './api/invoice-handlers.ts';
import { createReratingHandlers } from './api/rerating-handlers.ts';
import type { ReratingHandlers } from './api/rerating-handlers.ts';
import { OpeningBalances } from './api/opening-balances.ts';
import { CallCloser } from './call-closer.ts';
import { CdrFeeder, fileFeed, webhookFeed } from './cdr-feeds.ts';
import type { CdrFeed } from './cdr-feeds.ts';
import { CdrHousekeeping } from './cdr-housekeeping.ts';
import type { BillingConfig } from './config.ts';
import { DisputeRounds } from './dispute-rounds.ts';
import type { GatewayFigure } from './core/gateway-figures.ts';
import { Invoicing } from './invoicing.ts';
import { LiveBalanceFeed } from './live-balance-feed.ts';
import type { OnCharged } from './ports.ts';
import { LiveQualityFeed } from './live-quality-feed.ts';
import { Reconciliation } from './reconciliation.ts';
import { reratingRounds } from './rerating/rerating-rounds.ts';
import { expectGateways, reportDifferences, reportLag, reportReratings } from './telemetry.ts';

export { readBillingConfig } from './config.ts';
export type { BillingConfig } from './config.ts';

/** The unary methods of tandem.billing.v1.BillingService, served over gRPC and called directly in one process. */
export type BillingHandlers = CallHandlers & InvoiceHandlers & DisputeHandlers & ReratingHandlers;

/** The group in which billing reads call events. */
export const billingGroup = 'tandem-billing';

/** What the process around it brings along. */
export interface BillingResources extends ServiceResources {
  /** Closed by billing, whose it is. @default from Kafka */
  readonly events?: EventConsumer | undefined;
  /** @default in Redis */
  readonly balances?: LiveBalances | undefined;
  /** How gateways do of late. @default in Redis, where `balances` are; else nobody is told */
  readonly qualities?: GatewayQualities | undefined;
}

export interface BillingApp extends ServiceApp<BillingHandlers> {
  /** Events read from the log that are not stored yet. */
  lag(): number;
}

/** Pause between two files of CDRs where nothing is said. */
const FEED_MS = 300_000;

const migrations = fileURLToPath(new URL('../migrations', import.meta.url));

/**
 * Puts billing together.
 * @throws SwitchError SWITCH_CONFIGURATION_INVALID where a store is neither configured nor given.
 */
export function createBillingApp(
  config: BillingConfig,
  resources: BillingResources,
): Promise<BillingApp> {
  return new Promise((resolve) => {
    resolve(billingApp(config, resources));
  });
}

function billingApp(config: BillingConfig, resources: BillingResources): BillingApp {
  const shell = new ServiceShell('billing', config, resources);
  const { logger } = shell;
  const { balances: live, qualities } = openLive(config, resources, shell);
  const quality = qualities && new LiveQualityFeed(qualities, logger);
  const events = resources.events ?? openEvents(config, logger);
  const log = resources.events === undefined ? openLog(config, logger) : undefined;
  const pool = shell.pool();
  const writer = openWriter({ url: shell.postgresUrl, logger });
  const store = createPgBillingStore({ pool, writer });
  const feed = new LiveBalanceFeed({ store, live, logger });
  const onCharged: OnCharged = (balances, charged) => feed.tell(balances, charged);
  const openings = new OpeningBalances({ store, logger, onOpened: onCharged });
  const closer = new CallCloser({
    store,
    logger,
    onCharged,
    currentSinceMs: () => events.currentSinceMs(),
    reader: randomUUID(),
    lostAfterMs: config.lostAfterMs,
  });
  const housekeeping = new CdrHousekeeping({
    store: store.partitions,
    logger,
    days: config.cdrDays,
    archiveDir: config.archiveDir,
  });
  const feeders = feedsOf(config).map((each) => new CdrFeeder({ feed: each, store: store.feeds, logger })); // prettier-ignore
  const reconciliation = new Reconciliation({ store: store.reconciliation, log, logger });
  const invoices = pgInvoices(pool);
  const invoicing = new Invoicing({ store: invoices, logger, onCharged });
  const disputes = pgDisputes(pool);
  const comparing = new DisputeRounds({ store: disputes, logger });
  const reratings = pgReratings(pool);
  const rerating = reratingRounds({ store: reratings, url: shell.postgresUrl, onCharged, logger });
  const handlers: BillingHandlers = {
    ...createBillingHandlers({ store, onCharged, groupLag: () => events.groupLag() }),
    ...createInvoiceHandlers({ store: invoices, invoicing }),
    ...createDisputeHandlers({ store: disputes, rounds: comparing }),
    ...createReratingHandlers(reratings),
  };
  let ends: readonly (() => void)[] = [];
  let consuming: Promise<void> | undefined;
  const endConsuming = async (): Promise<void> => {
    await events.close();
    await consuming;
  };
  const app = shell.app({
    handlers,
    grpc: grpcService(BillingServiceService, handlers),
    follow: (snapshot) => {
      openings.apply(snapshot);
      invoicing.apply(snapshot);
      expectGateways(snapshot.configuration.routingGateways.map(({ name }) => name));
    },
    start: async () => {
      await migrate({ pool, folder: migrations, schema: 'tandem_billing', logger });
      await housekeeping.prepare();
      await feed.start();
      ends = [
        reportLag(() => events.lag()),
        reportDifferences(() => reconciliation.differences),
        reportReratings(() => rerating.running),
      ];
      const onFinished = quality && ((figures: readonly GatewayFigure[]) => quality.tell(figures));
      consuming = events.run(createEventHandler({ store, logger, onCharged, onFinished }));
      closer.start();
      reconciliation.start();
      housekeeping.start();
      invoicing.start();
      comparing.start();
      rerating.start();
      for (const feeder of feeders) feeder.start();
    },
    drain: endConsuming,
    stop: async () => {
      for (const end of ends) end();
      await endConsuming();
      await closer.stop();
      await reconciliation.stop();
      await housekeeping.stop();
      await invoicing.stop();
      await comparing.stop();
      await rerating.stop();
      for (const feeder of feeders) await feeder.stop();
      await openings.stop();
      await feed.stop();
      await writer.end();
    },
    isReady: () => true,
  });
  return Object.assign(app, { lag: () => events.lag() });
}

function feedsOf({ feedDir, feedHook, feedMs = FEED_MS }: BillingConfig): readonly CdrFeed[] {
  return [
    ...(feedDir === undefined ? [] : [fileFeed(feedDir, feedMs)]),
    ...(feedHook === undefined ? [] : [webhookFeed(feedHook)]),
  ];
}

function openLive(
  { redisPrefix: prefix }: BillingConfig,
  { balances, qualities }: BillingResources,
  shell: ServiceShell,
): {
  readonly balances: LiveBalances;
  readonly qualities: GatewayQualities | undefined;
} {
  if (balances !== undefined) return { balances, qualities };
  return redisLimits({ redis: shell.redis(), prefix });
}

function openEvents(config: BillingConfig, logger: Logger): EventConsumer {
  const group = config.kafkaGroup ?? billingGroup;
  return createKafkaConsumer({ ...kafkaOf(config, logger), group });
}

function openLog(config: BillingConfig, logger: Logger): EventLogReader {
  return createKafkaLogReader(kafkaOf(config, logger));
}

function kafkaOf(config: BillingConfig, logger: Logger) {
  const { kafkaBrokers: brokers, kafkaSecurity: security, kafkaTopic: topic } = config;
  if (brokers === undefined) {
    throw new SwitchError('SWITCH_CONFIGURATION_INVALID', 'TANDEM_KAFKA_BROKERS is not set');
  }
  const kafka = { brokers, security, clientId: 'tandem-billing', logger };
  return topic === undefined ? kafka : { ...kafka, topic };
}
