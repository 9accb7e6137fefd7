import type { KeyObject } from 'node:crypto';
import {
  configurationMigrations,
  ConfigurationError,
  readSecretKey,
  type SnapshotSource,
} from '@tandem/config';
import {
  createPool,
  migrate,
  parseListenAddress,
  readGrpcTls,
  type App,
  type Logger,
  type Pool,
} from '@tandem/service';
import type { FastifyInstance } from 'fastify';
import { openGrpcPorts } from './adapters/grpc-ports.ts';
import { openConfigurationStore } from './adapters/pg-configuration-store.ts';
import { openTokenFile, type TokenCheck } from './adapters/token-file.ts';
import { buildServer } from './api/server.ts';
import type { ApiConfig } from './config.ts';
import { applyDocument, type DocumentRequest } from './apply-document.ts';
import type { ApplyDecision } from './core/prepare-version.ts';
import type { ServicePorts } from './ports.ts';

export { openApiText } from './api/openapi.ts';
export type { ApiConfig } from './config.ts';
export type { AuthPort, BillingPort, EdgePort, RoutingPort, ServicePorts } from './ports.ts';

/** What the api is given instead of opening it itself. */
export interface ApiResources {
  readonly logger: Logger;
  readonly env?: NodeJS.ProcessEnv;
  /** Left open when the api stops. */
  readonly pool?: Pool;
  readonly secretKey?: KeyObject;
  /** Where the process follows the configuration anyway. */
  readonly snapshots?: SnapshotSource;
  /** The other services' handlers, in one process. */
  readonly ports?: ServicePorts;
}

/** The api while it runs. */
export interface ApiApp extends App {
  /** `http://127.0.0.1:8080`, with the port that was really taken; after `start`. */
  readonly url: string;
  /** File of the bearer token; after `start`. */
  readonly tokenFile: string;
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
  const { logger } = resources;
  const secretKey = resources.secretKey ?? (await readSecretKey(config.secretKeyFile ?? ''));
  const pool =
    resources.pool ??
    createPool({ url: config.postgresUrl ?? '', logger, applicationName: 'tandem-api' });
  const tls = readGrpcTls(resources.env ?? {});
  const opened =
    resources.ports === undefined && config.services !== undefined
      ? openGrpcPorts(config.services, tls)
      : undefined;
  const ports = resources.ports ?? opened;
  if (ports === undefined) {
    throw new ConfigurationError([
      { path: 'services', message: 'the addresses of the other services are not set' },
    ]);
  }
  return new RunningApi({
    config,
    logger,
    pool,
    isPoolOwned: resources.pool === undefined,
    ports,
    snapshots: resources.snapshots,
    secretKey,
    closePorts: () => opened?.close(),
  });
}

interface Parts {
  readonly config: ApiConfig;
  readonly logger: Logger;
  readonly pool: Pool;
  readonly isPoolOwned: boolean;
  readonly ports: ServicePorts;
  readonly snapshots: SnapshotSource | undefined;
  readonly secretKey: KeyObject;
  readonly closePorts: () => void;
}

class RunningApi implements ApiApp {
  readonly #parts: Parts;
  readonly #documents;
  #server: FastifyInstance | undefined;
  #token: TokenCheck | undefined;
  #isReady = false;
  url = '';

  constructor(parts: Parts) {
    this.#parts = parts;
    const { pool, secretKey, snapshots } = parts;
    this.#documents = { store: openConfigurationStore(pool, snapshots), secretKey };
  }

  get tokenFile(): string {
    return this.#token?.path ?? '';
  }

  async start(): Promise<void> {
    const { config, logger, pool, ports } = this.#parts;
    await migrate({ pool, folder: configurationMigrations, schema: 'tandem_config', logger });
    this.#token = await openTokenFile(config.dataDir);
    this.#server = await buildServer({
      ports,
      documents: this.#documents,
      token: this.#token,
      logger,
    });
    const { host, port } = parseListenAddress(config.listen);
    this.url = await this.#server.listen({ host, port });
    this.#isReady = true;
    logger.info({ url: this.url, tokenFile: this.#token.path }, 'api listens');
  }

  drain(): Promise<void> {
    this.#isReady = false;
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#isReady = false;
    await this.#server?.close();
    this.#parts.closePorts();
    if (this.#parts.isPoolOwned) await this.#parts.pool.end();
  }

  isReady(): boolean {
    return this.#isReady;
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

function resultOf(decision: ApplyDecision): { version: number; isChanged: boolean } {
  if (decision.kind === 'invalid') throw new ConfigurationError(decision.mistakes);
  if (decision.kind === 'removes-too-much') {
    const message = `would remove ${String(decision.removal.total)} entries: apply it over the API, which says which and can allow it`;
    throw new ConfigurationError([{ path: '', message }]);
  }
  return { version: decision.version, isChanged: decision.kind === 'new' };
}
