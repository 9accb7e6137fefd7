import type { KeyObject } from 'node:crypto';
import { openSecret, openSnapshots, readSecretKey, type SnapshotSource } from '@tandem/config';
import { SwitchError } from '@tandem/domain';
import { connectRedis, serveGrpc, type App, type GrpcServer, type Logger } from '@tandem/service';
import { MemoryAuthStore } from './adapters/memory-auth-store.ts';
import { randomNonces } from './adapters/random-nonces.ts';
import { RedisAuthStore } from './adapters/redis-auth-store.ts';
import { systemClock } from './adapters/system-clock.ts';
import { authGrpcService, createHandlers, type AuthHandlers } from './api/grpc-handlers.ts';
import { Authenticator } from './authenticator.ts';
import type { AuthConfig } from './config.ts';
import { prepareConfiguration, type AuthSettings } from './core/auth-configuration.ts';
import type { AuthStore } from './ports.ts';

export { MemoryAuthStore } from './adapters/memory-auth-store.ts';
export { systemClock } from './adapters/system-clock.ts';
export type { AuthHandlers } from './api/grpc-handlers.ts';
export { authDefaults, readAuthConfig } from './config.ts';
export type { AuthConfig } from './config.ts';
export type { AuthStore } from './ports.ts';

/** What the process around it brings along. What it brings stays its own to close. */
export interface AuthResources {
  readonly logger: Logger;
  /** @default opened from `config.postgresUrl` */
  readonly snapshots?: SnapshotSource;
  /** Opens sealed passwords. @default read from `config.secretKeyFile` */
  readonly secretKey?: KeyObject;
  /** @default what `config.redis` says */
  readonly store?: AuthStore;
}

export interface AuthApp extends App {
  /** The service's operations, for callers in the same process. */
  readonly handlers: AuthHandlers;
  /** Where the gRPC server listens; undefined before `start` and where there is none. */
  readonly grpcPort: () => number | undefined;
}

/** @throws SwitchError SWITCH_SECRET_INVALID or SWITCH_CONFIGURATION_INVALID */
export async function createAuthApp(
  config: AuthConfig,
  resources: AuthResources,
): Promise<AuthApp> {
  const { logger } = resources;
  const secretKey = resources.secretKey ?? (await readKey(config));
  const settings: AuthSettings = {
    algorithms: config.algorithms,
    nonceLifetimeMs: config.nonceLifetimeMs,
    openPassword: (sealed) => openSecret(secretKey, sealed),
  };
  const store = resources.store ?? openStore(config, logger);
  const authenticator = new Authenticator({ store, clock: systemClock, nonces: randomNonces() });
  const handlers = createHandlers(authenticator, store, logger);
  return new RunningAuth({ config, resources, settings, store, authenticator, handlers });
}

interface AuthParts {
  readonly config: AuthConfig;
  readonly resources: AuthResources;
  readonly settings: AuthSettings;
  readonly store: AuthStore;
  readonly authenticator: Authenticator;
  readonly handlers: AuthHandlers;
}

class RunningAuth implements AuthApp {
  readonly handlers: AuthHandlers;
  readonly #parts: AuthParts;
  #snapshots: SnapshotSource | undefined;
  #stopListening: (() => void) | undefined;
  #server: GrpcServer | undefined;
  #isDraining = false;

  constructor(parts: AuthParts) {
    this.#parts = parts;
    this.handlers = parts.handlers;
  }

  async start(): Promise<void> {
    const { config, resources, handlers } = this.#parts;
    this.#snapshots = resources.snapshots ?? openSource(config, resources.logger);
    this.#stopListening = this.#snapshots.onChange((snapshot) => {
      this.#use(snapshot);
    });
    if (config.grpcListen === undefined) return;
    this.#server = await serveGrpc({
      listen: config.grpcListen,
      services: [authGrpcService(handlers, resources.logger)],
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
    await this.#server?.close();
    this.#stopListening?.();
    if (this.#parts.resources.snapshots === undefined) await this.#snapshots?.close();
    if (this.#parts.resources.store === undefined) await this.#parts.store.close();
  }

  isReady(): boolean {
    const { authenticator, store } = this.#parts;
    return !this.#isDraining && authenticator.isConfigured() && store.isReachable();
  }

  grpcPort(): number | undefined {
    return this.#server?.port;
  }

  #use(snapshot: Parameters<typeof prepareConfiguration>[0]): void {
    const { authenticator, settings, resources } = this.#parts;
    const { version } = snapshot;
    try {
      authenticator.use(prepareConfiguration(snapshot, settings));
      resources.logger.debug({ version }, 'configuration in use');
    } catch (error) {
      // What was applied has been checked before; if it is wrong all the same, the old one is better.
      resources.logger.error({ version, err: error }, 'configuration refused, the previous stays');
    }
  }
}

function openStore({ redis, redisPrefix }: AuthConfig, logger: Logger): AuthStore {
  return redis.kind === 'redis'
    ? new RedisAuthStore(connectRedis({ url: redis.url, logger }), redisPrefix)
    : new MemoryAuthStore(systemClock);
}

function openSource({ postgresUrl }: AuthConfig, logger: Logger): SnapshotSource {
  if (postgresUrl === undefined) throw missing('TANDEM_POSTGRES_URL');
  return openSnapshots({ url: postgresUrl, logger });
}

function readKey({ secretKeyFile }: AuthConfig): Promise<KeyObject> {
  if (secretKeyFile === undefined) throw missing('TANDEM_SECRET_KEY_FILE');
  return readSecretKey(secretKeyFile);
}

function missing(name: string): SwitchError {
  return new SwitchError('SWITCH_CONFIGURATION_INVALID', `${name} is not set`);
}
