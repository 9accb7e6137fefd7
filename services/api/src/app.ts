import type { KeyObject } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { configurationMigrations, ConfigurationError } from '@tandem/config';
import { openJournal, silentJournal, type Journal } from '@tandem/events';
import {
  migrate,
  parseListenAddress,
  ServiceShell,
  type App,
  type Logger,
  type Pool,
  type ServiceResources,
} from '@tandem/service';
import type { FastifyInstance } from 'fastify';
import { openGrpcPorts } from './adapters/grpc-ports.ts';
import { openConfigurationStore } from './adapters/pg-configuration-store.ts';
import { openLargeDocuments } from './adapters/large-documents.ts';
import { openRateSheetStore } from './adapters/pg-rate-sheets.ts';
import { openNumberListStore } from './adapters/pg-number-list-store.ts';
import { openTokenFile, type TokenCheck } from './adapters/token-file.ts';
import type { OperatorParts } from './api/route-parts.ts';
import { buildServer } from './api/server.ts';
import type { ApiConfig } from './config.ts';
import { advertisedAddresses } from './adapters/advertised-addresses.ts';
import { applyDocument, type ApplyOutcome, type DocumentRequest } from './apply-document.ts';
import { openAlarms, type Alarms } from './open-alarms.ts';
import { openOperators, operatorMigrations, startSweeper, type Sweeper } from './open-operators.ts';
import type { ServicePorts } from './ports.ts';
import { openReplayStore } from './adapters/pg-replay-store.ts';
import { ReplayWorker } from './replay/replay-worker.ts';

export { openApiText } from './api/openapi.ts';
export { readApiConfig } from './config.ts';
export { readAlarmSettings } from './alarm-settings.ts';
export type { AlarmSettings } from './alarm-settings.ts';
export { readOperatorSettings } from './operator-settings.ts';
export type { OperatorSettings } from './operator-settings.ts';
export type { ApiConfig } from './config.ts';
export type { AuthPort, BillingPort, EdgePort, RoutingPort, ServicePorts } from './ports.ts';

/** What the process around it brings along. */
export interface ApiResources extends ServiceResources {
  /** The handlers of services in the same process. @default over gRPC */
  readonly ports?: Partial<ServicePorts> | undefined;
}

/** What `make console` builds; it is served at `/`. */
const consoleFolder = fileURLToPath(new URL('../../console/dist', import.meta.url));

/** The api while it runs. */
export interface ApiApp extends App {
  /** `http://127.0.0.1:8080`, with the port that was really taken; after `start`. */
  readonly url: string;
  /** File of the bearer token; after `start`. */
  readonly tokenFile: string;
  /**
   * A link by which an administrator signs in once, within 15 minutes: `admin`, who is made where there is no user yet; after `start`.
   * @returns undefined where nobody may administer
   */
  signInLink(): Promise<string | undefined>;
  /** The version in effect, or undefined before the first; after `start`. */
  configurationVersion(): Promise<number | undefined>;
  /**
   * Applies a document from within, such as the example at first start; after `start`.
   * @throws ConfigurationError naming every mistake
   */
  applyConfiguration(
    document: string,
    options?: { format?: 'yaml' | 'json'; appliedBy?: string; note?: string },
  ): Promise<{ version: number; isChanged: boolean }>;
}

/** Builds the api; it listens after `start`. */
export async function createApiApp(config: ApiConfig, resources: ApiResources): Promise<ApiApp> {
  const shell = new ServiceShell('api', config, resources);
  const secretKey = await shell.secretKey();
  // A service in the same process is asked directly, wherever else it may be.
  const elsewhere = Object.entries(config.services ?? {}).filter(
    ([name]) => !Object.hasOwn(resources.ports ?? {}, name),
  );
  const opened = openGrpcPorts(Object.fromEntries(elsewhere), config.tls);
  return new RunningApi({
    config,
    shell,
    logger: shell.logger,
    pool: shell.pool(),
    ports: complete({ ...opened, ...resources.ports }),
    secretKey,
    journal: journalOf(config, shell, resources),
    closePorts: () => {
      opened.close();
    },
  });
}

/** Who is composed without Kafka has no journal. */
function journalOf(config: ApiConfig, shell: ServiceShell, { journal }: ApiResources): Journal {
  const isThere = journal !== undefined || config.kafkaBrokers !== undefined;
  return isThere ? shell.journal(openJournal) : silentJournal;
}

function complete(ports: Partial<ServicePorts>): ServicePorts {
  const { auth, billing, edge, journal, registrar, routing } = ports;
  if (auth !== undefined && routing !== undefined && billing !== undefined && edge !== undefined)
    return { auth, routing, registrar, billing, journal, edge };
  throw new ConfigurationError([
    { path: 'services', message: 'the addresses of the other services are not set' },
  ]);
}

interface Parts {
  readonly config: ApiConfig;
  readonly shell: ServiceShell;
  readonly logger: Logger;
  readonly pool: Pool;
  readonly ports: ServicePorts;
  readonly secretKey: KeyObject;
  readonly journal: Journal;
  readonly closePorts: () => void;
}

class RunningApi implements ApiApp {
  readonly #parts: Parts;
  readonly #documents;
  readonly #operators: OperatorParts;
  readonly #alarms: Alarms;
  #sweeper: Sweeper | undefined;
  readonly #advertised;
  readonly #replays;
  readonly #replayWorker: ReplayWorker;
  #server: FastifyInstance | undefined;
  #token: TokenCheck | undefined;
  #isReady = false;
  url = '';

  constructor(parts: Parts) {
    this.#parts = parts;
    const { config, logger, pool, ports, secretKey } = parts;
    const url = config.postgresUrl;
    const store = openConfigurationStore(pool, { url, logger });
    this.#replays = openReplayStore(pool, url);
    this.#replayWorker = new ReplayWorker({
      replays: this.#replays,
      ports,
      documents: store,
      logger,
    });
    this.#operators = openOperators({ ...parts, url: () => this.url });
    this.#alarms = openAlarms({
      settings: config.alarms,
      pool,
      ports,
      configurations: store,
      logger,
      url: this.#operators.publicUrl,
    });
    this.#advertised = advertisedAddresses(ports, logger);
    this.#documents = {
      store,
      secretKey,
      large:
        url === undefined
          ? undefined
          : openLargeDocuments({ url, secretKey, store, advertised: this.#advertised }),
    };
  }

  get tokenFile(): string {
    return this.#token?.path ?? '';
  }

  async start(): Promise<void> {
    const { config, logger, pool, ports } = this.#parts;
    await migrate({ pool, folder: configurationMigrations, schema: 'tandem_config', logger });
    await migrate({ pool, folder: operatorMigrations, schema: 'tandem_api', logger });
    this.#token = await openTokenFile(config.dataDir);
    this.#server = await buildServer({
      ports,
      documents: { ...this.#documents, advertised: this.#advertised },
      numberLists: openNumberListStore(pool),
      rates: openRateSheetStore({
        pool,
        url: config.postgresUrl ?? '',
        documents: this.#documents,
        logger,
      }),
      operators: this.#operators,
      replays: this.#replays,
      alarms: this.#alarms,
      token: this.#token,
      proxies: config.proxies,
      requestsPerMinute: config.requestsPerMinute,
      logger,
      consoleFolder,
    });
    const { host, port } = parseListenAddress(config.listen);
    this.url = await this.#server.listen({ host, port });
    this.#sweeper = startSweeper(this.#operators, logger);
    this.#replayWorker.start();
    this.#alarms.start();
    this.#isReady = true;
    logger.info({ url: this.url, tokenFile: this.#token.path }, 'api listens');
  }

  drain(): Promise<void> {
    this.#isReady = false;
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#isReady = false;
    await this.#sweeper?.close();
    await this.#replayWorker.stop();
    await this.#alarms.stop();
    await this.#server?.close();
    this.#parts.closePorts();
    await this.#parts.shell.close();
  }

  isReady(): boolean {
    return this.#isReady;
  }

  async signInLink(): Promise<string | undefined> {
    const { publicUrl, signIns } = this.#operators;
    const link = await signIns.createFirstLink();
    return link && `${publicUrl()}/api/v1/sign-in/link?code=${link.code}`;
  }

  async configurationVersion(): Promise<number | undefined> {
    return (await this.#documents.store.current())?.version;
  }

  async applyConfiguration(
    document: string,
    options: { format?: 'yaml' | 'json'; appliedBy?: string; note?: string } = {},
  ): Promise<{ version: number; isChanged: boolean }> {
    const request: DocumentRequest = {
      text: document,
      format: options.format ?? 'yaml',
      context: {
        appliedBy: options.appliedBy ?? 'start',
        note: options.note ?? '',
        isDryRun: false,
      },
      expectedVersion: undefined,
      allowRemoval: undefined,
    };
    return resultOf(await applyDocument(request, this.#documents));
  }
}

function resultOf(decision: ApplyOutcome): { version: number; isChanged: boolean } {
  if (decision.kind === 'invalid') throw new ConfigurationError(decision.mistakes);
  if (decision.kind === 'removes-too-much') {
    const message = `would remove ${String(decision.removal.total)} entries: apply it over the API, which says which and can allow it`;
    throw new ConfigurationError([{ path: '', message }]);
  }
  return { version: decision.version, isChanged: decision.kind === 'new' };
}
