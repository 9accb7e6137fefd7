import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { openSnapshots } from '@tandem/config';
import type { SnapshotSource } from '@tandem/config';
import { SwitchError } from '@tandem/domain';
import { createKafkaConsumer, createKafkaLogReader } from '@tandem/events';
import type { EventConsumer, EventLogReader } from '@tandem/events';
import { redisLimits } from '@tandem/limits';
import type { LiveBalance, LiveBalances } from '@tandem/limits';
import { BillingServiceService } from '@tandem/proto/billing';
import { connectRedis, createPool, grpcService, migrate, serveGrpc } from '@tandem/service';
import type { App, GrpcServer, Logger, Pool, Redis } from '@tandem/service';
import { createPgBillingStore } from './adapters/pg-billing-store.ts';
import { openWriter } from './adapters/pg-write-batch.ts';
import { createEventHandler } from './api/event-handler.ts';
import { createBillingHandlers } from './api/grpc-handlers.ts';
import type { BillingHandlers } from './api/grpc-handlers.ts';
import { OpeningBalances } from './api/opening-balances.ts';
import { CallCloser } from './call-closer.ts';
import type { BillingConfig } from './config.ts';
import { LiveBalanceFeed } from './live-balance-feed.ts';
import type { BillingStore } from './ports.ts';
import { Reconciliation } from './reconciliation.ts';
import { reportDifferences, reportLag } from './telemetry.ts';

export { readBillingConfig } from './config.ts';
export type { BillingConfig } from './config.ts';
export type { BillingHandlers } from './api/grpc-handlers.ts';

/** The group in which billing reads call events. */
export const billingGroup = 'tandem-billing';

/** What is shared with other services of the same process instead of being opened from the configuration. */
export interface BillingResources {
  readonly logger: Logger;
  /** Closed by billing, whose it is. */
  readonly events?: EventConsumer | undefined;
  readonly balances?: LiveBalances | undefined;
  /** Left open. */
  readonly snapshots?: SnapshotSource | undefined;
}

export interface BillingApp extends App {
  readonly handlers: BillingHandlers;
  /** Port of the gRPC server once started; undefined where there is none. */
  readonly grpcPort: number | undefined;
  /** Events read from the log that are not stored yet. */
  lag(): number;
}

/**
 * Puts billing together.
 * @throws SwitchError SWITCH_CONFIGURATION_INVALID where a store is neither configured nor given.
 */
export function createBillingApp(
  config: BillingConfig,
  resources: BillingResources,
): Promise<BillingApp> {
  return new Promise((resolve) => {
    resolve(new Billing(config, resources));
  });
}

class Billing implements BillingApp {
  readonly handlers: BillingHandlers;
  readonly #config: BillingConfig;
  readonly #logger: Logger;
  readonly #pool: Pool;
  readonly #writer: Pool;
  readonly #redis: Redis | undefined;
  readonly #store: BillingStore;
  readonly #events: EventConsumer;
  readonly #snapshots: SnapshotSource;
  readonly #ownsSnapshots: boolean;
  readonly #feed: LiveBalanceFeed;
  readonly #openings: OpeningBalances;
  readonly #closer: CallCloser;
  readonly #reconciliation: Reconciliation;
  readonly #onCharged: (balances: readonly LiveBalance[]) => Promise<void>;
  #consuming: Promise<void> | undefined;
  #ends: (() => void)[] = [];
  #server: GrpcServer | undefined;
  #isServing = false;

  constructor(config: BillingConfig, resources: BillingResources) {
    const { logger } = resources;
    this.#config = config;
    this.#logger = logger;
    this.#pool = createPool({ url: config.postgresUrl, logger, applicationName: 'tandem-billing' });
    this.#writer = openWriter({ url: config.postgresUrl, logger });
    this.#store = createPgBillingStore({ pool: this.#pool, writer: this.#writer });
    this.#redis = resources.balances === undefined ? openRedis(config, logger) : undefined;
    const live = resources.balances ?? liveBalances(this.#redis, config);
    this.#events = resources.events ?? openEvents(config, logger);
    this.#ownsSnapshots = resources.snapshots === undefined;
    this.#snapshots =
      resources.snapshots ?? openSnapshots({ pool: this.#pool, url: config.postgresUrl, logger });
    this.#feed = new LiveBalanceFeed({ store: this.#store, live, logger });
    this.#onCharged = (balances) => this.#feed.tell(balances);
    this.#openings = new OpeningBalances({ store: this.#store, logger, onOpened: this.#onCharged });
    this.#closer = new CallCloser({
      store: this.#store,
      logger,
      onCharged: this.#onCharged,
      currentSinceMs: () => this.#events.currentSinceMs(),
      reader: randomUUID(),
      lostAfterMs: config.lostAfterMs,
    });
    const log = resources.events === undefined ? openLog(config, logger) : undefined;
    const { reconciliation } = this.#store;
    this.#reconciliation = new Reconciliation({ store: reconciliation, log, logger });
    this.handlers = createBillingHandlers({ store: this.#store, onCharged: this.#onCharged });
  }

  get grpcPort(): number | undefined {
    return this.#server?.port;
  }

  lag(): number {
    return this.#events.lag();
  }

  async start(): Promise<void> {
    const logger = this.#logger;
    const folder = fileURLToPath(new URL('../migrations', import.meta.url));
    await migrate({ pool: this.#pool, folder, schema: 'tandem_billing', logger });
    await this.#feed.start();
    this.#ends = [
      this.#snapshots.onChange((snapshot) => {
        this.#openings.apply(snapshot);
      }),
      reportLag(() => this.#events.lag()),
      reportDifferences(() => this.#reconciliation.differences),
    ];
    this.#consuming = this.#events.run(
      createEventHandler({ store: this.#store, logger, onCharged: this.#onCharged }),
    );
    this.#closer.start();
    this.#reconciliation.start();
    if (this.#config.grpcListen !== undefined) {
      this.#server = await serveGrpc({
        listen: this.#config.grpcListen,
        services: [grpcService(BillingServiceService, this.handlers)],
        logger,
      });
    }
    this.#isServing = true;
  }

  async drain(): Promise<void> {
    this.#isServing = false;
    await this.#events.close();
    await this.#consuming;
  }

  async stop(): Promise<void> {
    this.#isServing = false;
    for (const end of this.#ends) end();
    await this.#events.close();
    await this.#consuming;
    await this.#server?.close();
    await this.#closer.stop();
    await this.#reconciliation.stop();
    await this.#openings.stop();
    await this.#feed.stop();
    if (this.#ownsSnapshots) await this.#snapshots.close();
    this.#redis?.disconnect();
    await this.#writer.end();
    await this.#pool.end();
  }

  isReady(): boolean {
    return this.#isServing;
  }
}

function openRedis({ redis }: BillingConfig, logger: Logger): Redis {
  if (redis === undefined) throw missing('Redis');
  return connectRedis({ url: redis.url, logger });
}

function liveBalances(redis: Redis | undefined, config: BillingConfig): LiveBalances {
  if (redis === undefined) throw missing('Redis');
  return redisLimits({ redis, prefix: config.redis?.prefix }).balances;
}

function openEvents(config: BillingConfig, logger: Logger): EventConsumer {
  const { kafkaBrokers, kafkaTopic, kafkaGroup } = config;
  if (kafkaBrokers === undefined) throw missing('Kafka');
  return createKafkaConsumer({
    brokers: kafkaBrokers,
    clientId: 'tandem-billing',
    group: kafkaGroup ?? billingGroup,
    logger,
    ...(kafkaTopic === undefined ? {} : { topic: kafkaTopic }),
  });
}

function openLog(config: BillingConfig, logger: Logger): EventLogReader {
  const { kafkaBrokers: brokers, kafkaTopic: topic } = config;
  if (brokers === undefined) throw missing('Kafka');
  const kafka = { brokers, clientId: 'tandem-billing', logger };
  return createKafkaLogReader(topic === undefined ? kafka : { ...kafka, topic });
}

function missing(store: string): SwitchError {
  return new SwitchError(
    'SWITCH_CONFIGURATION_INVALID',
    `${store} is neither configured nor given`,
  );
}
