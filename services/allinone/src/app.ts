import { readFile } from 'node:fs/promises';
import { createApiApp } from '@tandem/api';
import type { ApiApp } from '@tandem/api';
import {
  MemoryAuthStore,
  authDefaults,
  createAuthApp,
  systemClock as authClock,
} from '@tandem/auth';
import { billingGroup, createBillingApp } from '@tandem/billing';
import { openSnapshots, readSecretKey } from '@tandem/config';
import type { SnapshotSource } from '@tandem/config';
import {
  createEdgeApp,
  edgeDefaults,
  localAuthClient,
  localRoutingClient,
  memoryCallStore,
  soloPodRegistry,
  systemClock,
} from '@tandem/edge';
import type { EdgeApp } from '@tandem/edge';
import { MemoryEventLog, createMemoryConsumer, createMemoryPublisher } from '@tandem/events';
import { memoryLimits } from '@tandem/limits';
import { createRoutingApp } from '@tandem/routing';
import type { App, Logger } from '@tandem/service';
import type { AllInOneConfig } from './config.ts';
import { openDataDir } from './data-dir.ts';
import type { DataDir } from './data-dir.ts';
import { openEmbeddedPostgres } from './postgres/embedded-postgres.ts';
import type { EmbeddedPostgres } from './postgres/embedded-postgres.ts';
import { readyText } from './ready-text.ts';

/** Every service in this process, on an embedded PostgreSQL and in-memory adapters; no logic of its own. */
export function createAllInOneApp(config: AllInOneConfig, logger: Logger): App {
  return new AllInOne(config, logger);
}

const READY_LIMIT_MS = 30_000;

class AllInOne implements App {
  readonly #config: AllInOneConfig;
  readonly #logger: Logger;
  #data: DataDir | undefined;
  #postgres: EmbeddedPostgres | undefined;
  #snapshots: SnapshotSource | undefined;
  /** In the order of their start. */
  readonly #apps: App[] = [];

  constructor(config: AllInOneConfig, logger: Logger) {
    this.#config = config;
    this.#logger = logger;
  }

  async start(): Promise<void> {
    const { dataDir } = this.#config;
    this.#data = await openDataDir(dataDir);
    this.#postgres = await openEmbeddedPostgres(dataDir, this.#logger);
    const { api, edge } = await this.#startServices(this.#data, this.#postgres.url);
    await this.#loadExample(api);
    await this.#untilReady();
    // The switch says where it is to whoever started it, not to the log.
    process.stdout.write(
      readyText({
        sip: edge.advertised ?? '',
        api: api.url,
        tokenFile: api.tokenFile,
        dataDir,
      }),
    );
  }

  async drain(): Promise<void> {
    for (const app of this.#apps.toReversed()) await app.drain();
  }

  async stop(): Promise<void> {
    for (const app of this.#apps.toReversed()) await app.stop();
    await this.#snapshots?.close();
    await this.#postgres?.stop();
    await this.#data?.release();
  }

  isReady(): boolean {
    return this.#apps.length > 0 && this.#apps.every((app) => app.isReady());
  }

  async #startServices(
    data: DataDir,
    postgresUrl: string,
  ): Promise<{ api: ApiApp; edge: EdgeApp }> {
    const logger = this.#logger;
    const { apiListen, dataDir, sip } = this.#config;
    const secretKey = await readSecretKey(data.secretKeyFile);
    const snapshots = openSnapshots({ url: postgresUrl, logger });
    this.#snapshots = snapshots;
    const limits = memoryLimits();
    const log = new MemoryEventLog();

    const auth = await createAuthApp(
      { ...authDefaults, grpcListen: undefined, redis: { kind: 'memory' } },
      {
        logger: named(logger, 'auth'),
        snapshots,
        secretKey,
        store: new MemoryAuthStore(authClock),
      },
    );
    const routing = await createRoutingApp(
      { grpcListen: undefined, redis: { kind: 'memory' }, redisPrefix: 'tandem' },
      { logger: named(logger, 'routing'), snapshots, secretKey, limits },
    );
    const billing = await createBillingApp(
      { grpcListen: undefined, postgresUrl, redis: undefined, kafkaBrokers: undefined },
      {
        logger: named(logger, 'billing'),
        events: createMemoryConsumer({ log, group: billingGroup, logger }),
        balances: limits.balances,
        snapshots,
      },
    );
    const edge = await createEdgeApp(
      { ...edgeDefaults, name: 'tandem', sipListen: sip },
      {
        logger: named(logger, 'edge'),
        auth: localAuthClient(auth.handlers),
        routing: localRoutingClient(routing.handlers),
        store: memoryCallStore(systemClock, limits.lines),
        pods: soloPodRegistry(data.boot),
        publisher: createMemoryPublisher(log),
        secretKey,
      },
    );
    const api = await createApiApp(
      { listen: apiListen, dataDir, postgresUrl },
      {
        logger: named(logger, 'api'),
        snapshots,
        secretKey,
        ports: {
          auth: auth.handlers,
          routing: routing.handlers,
          billing: billing.handlers,
          edge: edge.handlers,
        },
      },
    );
    // The edge last: it takes calls as soon as it listens.
    for (const app of [api, billing, auth, routing, edge]) {
      this.#apps.push(app);
      await app.start();
    }
    return { api, edge };
  }

  async #loadExample(api: ApiApp): Promise<void> {
    const { example } = this.#config;
    if ((await api.configurationVersion()) !== undefined) return;
    await api.applyConfiguration(await readFile(example, 'utf8'), {
      format: 'yaml',
      appliedBy: 'first start',
      note: example,
    });
  }

  async #untilReady(): Promise<void> {
    const limit = Date.now() + READY_LIMIT_MS;
    while (!this.isReady() && Date.now() < limit) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

function named(logger: Logger, service: string): Logger {
  return logger.child({ service });
}
