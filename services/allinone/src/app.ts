import { readFile } from 'node:fs/promises';
import { MemoryAuthStore, authDefaults, systemClock as authClock } from '@tandem/auth';
import { billingGroup } from '@tandem/billing';
import { edgeDefaults, memoryCallStore, soloPodRegistry, systemClock } from '@tandem/edge';
import {
  JournalWriter,
  MemoryEventLog,
  createMemoryConsumer,
  createMemoryJournalConsumer,
  createMemoryMessagesConsumer,
  createMemoryPublisher,
} from '@tandem/events';
import { journalDefaults, journalGroup, messagesGroup } from '@tandem/journal';
import { memoryLimits } from '@tandem/limits';
import { createModules } from '@tandem/pod';
import type { GivenStores, ModuleConfigs, Modules, ModulesApp } from '@tandem/pod';
import { MemoryBindingStore, MemoryOutboundStore } from '@tandem/registrar';
import { MemoryHealthStore } from '@tandem/routing';
import type { App, Logger, ServiceContext } from '@tandem/service';
import type { AllInOneConfig } from './config.ts';
import { openDataDir } from './data-dir.ts';
import type { DataDir } from './data-dir.ts';
import { openEmbeddedPostgres } from './postgres/embedded-postgres.ts';
import type { EmbeddedPostgres } from './postgres/embedded-postgres.ts';
import { readyText } from './ready-text.ts';

/** What the process brings along. */
export type AllInOneContext = Omit<ServiceContext, 'env'>;

/** Every service in this process, on an embedded PostgreSQL and in-memory adapters: one shape of what `services/pod` composes. */
export function createAllInOneApp(config: AllInOneConfig, context: AllInOneContext): App {
  return new AllInOne(config, context);
}

const READY_LIMIT_MS = 30_000;

class AllInOne implements App {
  readonly #config: AllInOneConfig;
  readonly #context: AllInOneContext;
  #data: DataDir | undefined;
  #postgres: EmbeddedPostgres | undefined;
  #services: ModulesApp | undefined;
  #journal: JournalWriter | undefined;

  constructor(config: AllInOneConfig, context: AllInOneContext) {
    this.#config = config;
    this.#context = context;
  }

  async start(): Promise<void> {
    const { dataDir } = this.#config;
    const { logger } = this.#context;
    const data = await openDataDir(dataDir);
    this.#data = data;
    this.#postgres = await openEmbeddedPostgres(dataDir, logger);
    const configs = configsOf(this.#config, data, this.#postgres.url);
    const stores = memoryStores(data, logger);
    this.#journal = stores.journal;
    this.#services = await createModules(configs, this.#context, stores);
    await this.#services.start();
    const { api, edge } = this.#services.modules;
    await this.#loadExample(api);
    await this.#untilReady();
    // The switch says where it is to whoever started it, not to the log.
    process.stdout.write(
      readyText({
        sip: edge?.advertised ?? '',
        api: api?.url ?? '',
        tokenFile: api?.tokenFile ?? '',
        signIn: (await api?.signInLink()) ?? '',
        dataDir,
      }),
    );
  }

  async drain(): Promise<void> {
    await this.#services?.drain();
  }

  async stop(): Promise<void> {
    await this.#services?.stop();
    await this.#journal?.close();
    // Before the database that it is connected to.
    await this.#context.shared.close();
    await this.#postgres?.stop();
    await this.#data?.release();
  }

  isReady(): boolean {
    return this.#services?.isReady() ?? false;
  }

  async #loadExample(api: Modules['api']): Promise<void> {
    const { example } = this.#config;
    if (api === undefined || (await api.configurationVersion()) !== undefined) return;
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

function configsOf(
  {
    alarms,
    apiListen,
    dataDir,
    operators,
    rtpengines = [],
    sip,
    sipConnections,
    stir,
  }: AllInOneConfig,
  { secretKeyFile }: DataDir,
  postgresUrl: string,
): Required<ModuleConfigs> {
  return {
    api: { ...operators, alarms, listen: apiListen, dataDir, postgresUrl, secretKeyFile },
    billing: { postgresUrl },
    journal: { ...journalDefaults, postgresUrl },
    auth: { ...authDefaults, ...stir, postgresUrl, secretKeyFile },
    registrar: { redisPrefix: 'tandem', postgresUrl },
    routing: { redisPrefix: 'tandem', postgresUrl, secretKeyFile },
    edge: {
      ...edgeDefaults,
      name: 'tandem',
      rtpengines,
      sipListen: sip,
      ...sipConnections,
      secretKeyFile,
      stirKeys: stir?.stirKeys,
    },
  };
}

function memoryStores(
  { boot }: DataDir,
  logger: Logger,
): GivenStores & { readonly journal: JournalWriter } {
  const limits = memoryLimits();
  const log = new MemoryEventLog();
  const journalLog = new MemoryEventLog();
  const messagesLog = new MemoryEventLog();
  return {
    auth: new MemoryAuthStore(authClock),
    limits,
    bindings: new MemoryBindingStore(Date.now),
    outbound: new MemoryOutboundStore(Date.now),
    health: new MemoryHealthStore(Date.now),
    calls: memoryCallStore(systemClock, limits.lines),
    pods: soloPodRegistry(boot),
    publisher: createMemoryPublisher(log),
    journal: new JournalWriter({ publisher: createMemoryPublisher(journalLog), logger }),
    journalMessages: createMemoryJournalConsumer({
      log: journalLog,
      group: journalGroup,
      logger,
    }),
    messagesPublisher: createMemoryPublisher(messagesLog),
    messageFrames: createMemoryMessagesConsumer({
      log: messagesLog,
      group: messagesGroup,
      logger,
    }),
    consumer: createMemoryConsumer({ log, group: billingGroup, logger }),
  };
}
