import type { KeyObject } from 'node:crypto';
import { openSecret, openSnapshots, readSecretKey, type SnapshotSource } from '@tandem/config';
import { SwitchError } from '@tandem/domain';
import { memoryLimits, redisLimits, type Limits } from '@tandem/limits';
import {
  connectRedis,
  serveGrpc,
  type App,
  type GrpcServer,
  type Logger,
  type Redis,
} from '@tandem/service';
import { SnapshotTables } from './adapters/snapshot-tables.ts';
import { createHandlers, routingGrpcService, type RoutingHandlers } from './api/grpc-handlers.ts';
import type { RoutingConfig } from './config.ts';
import { LineGauge } from './line-gauge.ts';
import { Router } from './router.ts';

export type { RoutingHandlers } from './api/grpc-handlers.ts';
export { readRoutingConfig } from './config.ts';
export type { RoutingConfig } from './config.ts';

/** What the process around it brings along. What it brings stays its own to close. */
export interface RoutingResources {
  readonly logger: Logger;
  /** @default opened from `config.postgresUrl` */
  readonly snapshots?: SnapshotSource | undefined;
  /** Opens sealed passwords. @default read from `config.secretKeyFile` */
  readonly secretKey?: KeyObject | undefined;
  /** Lines and balances. @default what `config.redis` says */
  readonly limits?: Limits | undefined;
}

export interface RoutingApp extends App {
  /** The service's operations, for callers in the same process. */
  readonly handlers: RoutingHandlers;
  /** Where the gRPC server listens; undefined before `start` and where there is none. */
  readonly grpcPort: () => number | undefined;
}

/** @throws SwitchError SWITCH_SECRET_INVALID or SWITCH_CONFIGURATION_INVALID */
export async function createRoutingApp(
  config: RoutingConfig,
  resources: RoutingResources,
): Promise<RoutingApp> {
  const { logger } = resources;
  const secretKey = resources.secretKey ?? (await readKey(config));
  const tables = new SnapshotTables((sealed) => openSecret(secretKey, sealed), logger);
  const store = openStore(config, resources);
  return new RunningRouting({ config, resources, tables, ...store });
}

interface RoutingParts {
  readonly config: RoutingConfig;
  readonly resources: RoutingResources;
  readonly tables: SnapshotTables;
  readonly limits: Limits;
  /** Ours to close. */
  readonly redis: Redis | undefined;
}

class RunningRouting implements RoutingApp {
  readonly handlers: RoutingHandlers;
  readonly #parts: RoutingParts;
  readonly #gauge: LineGauge;
  #snapshots: SnapshotSource | undefined;
  #stopFollowing: (() => void) | undefined;
  #server: GrpcServer | undefined;
  #isDraining = false;

  constructor(parts: RoutingParts) {
    const { lines } = parts.limits;
    const tables = () => parts.tables.current();
    this.#parts = parts;
    this.#gauge = new LineGauge({ tables, lines, logger: parts.resources.logger });
    this.handlers = createHandlers(new Router({ tables, lines, now: Date.now }));
  }

  async start(): Promise<void> {
    const { config, resources, tables } = this.#parts;
    this.#snapshots = resources.snapshots ?? openSource(config, resources.logger);
    this.#stopFollowing = tables.follow(this.#snapshots);
    this.#gauge.start();
    if (config.grpcListen === undefined) return;
    this.#server = await serveGrpc({
      listen: config.grpcListen,
      services: [routingGrpcService(this.handlers, resources.logger)],
      logger: resources.logger,
      tls: config.tls,
    });
    resources.logger.info({ port: this.#server.port }, 'listening for gRPC');
  }

  drain(): Promise<void> {
    this.#isDraining = true;
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#isDraining = true;
    this.#gauge.stop();
    await this.#server?.close();
    this.#stopFollowing?.();
    if (this.#parts.resources.snapshots === undefined) await this.#snapshots?.close();
    this.#parts.redis?.disconnect();
  }

  isReady(): boolean {
    const { redis, tables } = this.#parts;
    const isStoreThere = redis === undefined || redis.status === 'ready';
    return !this.#isDraining && isStoreThere && tables.current() !== undefined;
  }

  grpcPort(): number | undefined {
    return this.#server?.port;
  }
}

function openStore(
  { redis, redisPrefix }: RoutingConfig,
  { limits, logger }: RoutingResources,
): Pick<RoutingParts, 'limits' | 'redis'> {
  if (limits !== undefined) return { limits, redis: undefined };
  if (redis.kind === 'memory') return { limits: memoryLimits(), redis: undefined };
  const connection = connectRedis({ url: redis.url, logger });
  return { limits: redisLimits({ redis: connection, prefix: redisPrefix }), redis: connection };
}

function openSource({ postgresUrl }: RoutingConfig, logger: Logger): SnapshotSource {
  if (postgresUrl === undefined) throw missing('TANDEM_POSTGRES_URL');
  return openSnapshots({ url: postgresUrl, logger });
}

function readKey({ secretKeyFile }: RoutingConfig): Promise<KeyObject> {
  if (secretKeyFile === undefined) throw missing('TANDEM_SECRET_KEY_FILE');
  return readSecretKey(secretKeyFile);
}

function missing(name: string): SwitchError {
  return new SwitchError('SWITCH_CONFIGURATION_INVALID', `${name} is not set`);
}
