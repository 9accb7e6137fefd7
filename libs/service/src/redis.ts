import { Redis } from 'ioredis';
import type { RedisOptions } from 'ioredis';
import type { Logger } from './logger.ts';
import type { PipeSettings } from './script-pipe.ts';

export type { Redis } from 'ioredis';

/** Where Redis is, and how long to wait for it. */
export interface RedisSettings {
  /** `redis://[user:password@]host:port[/database]`, or `rediss://` for TLS. */
  readonly url: string;
  readonly logger: Logger;
  /** A command without an answer after this time is rejected. @default 2000 */
  readonly commandTimeoutMs?: number;
  /** Further client options, for what has no setting of its own here. */
  readonly overrides?: Omit<RedisOptions, 'replyMapping'>;
}

/**
 * Opens a connection to Redis, and a second one for its scripts (see `defineScript`). The commands of one event-loop turn leave in one write. While Redis is
 * away commands are rejected after the time-out rather than kept, since a call that waits is a call lost,
 * and the connection is tried again every 50 ms up to once a second, for ever.
 * Close it with `await redis.quit()` or `redis.disconnect()`.
 */
export function connectRedis(settings: RedisSettings): Redis {
  const { logger } = settings;
  const options: Omit<RedisOptions, 'replyMapping'> = {
    enableAutoPipelining: true,
    // A script that ran may run again after a reconnection; the scripts of calls are idempotent, but a
    // command whose caller has given up must not be sent at all.
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 1,
    commandTimeout: settings.commandTimeoutMs ?? 2000,
    connectTimeout: 2000,
    keepAlive: 10_000,
    protocol: 2,
    disableClientInfo: true,
    retryStrategy: (attempt) => Math.min(50 * attempt, 1000),
    ...settings.overrides,
  };
  const redis = new ManagedRedis(settings.url, options);
  redis.logger = logger;
  let isDown = false;
  redis.on('error', (error: Error) => {
    if (isDown) return;
    isDown = true;
    logger.warn({ error: error.message }, 'redis is away');
  });
  redis.on('ready', () => {
    if (isDown) logger.info('redis is back');
    isDown = false;
  });
  return redis;
}

/** A client that was opened here, hence one plain server that a second connection can be made to. */
class ManagedRedis extends Redis {
  logger: Logger | undefined;
  readonly #endings: (() => void)[] = [];

  onDisconnect(ending: () => void): void {
    this.#endings.push(ending);
  }

  // The event `end` does not come where the server has accepted and says nothing.
  override disconnect(reconnect = false): void {
    if (!reconnect) for (const ending of this.#endings) ending();
    super.disconnect(reconnect);
  }
}

/** Calls `ending` when the client is closed, in whichever way. */
export function whenClosed(redis: Redis, ending: () => void): void {
  redis.once('end', ending);
  if (redis instanceof ManagedRedis) redis.onDisconnect(ending);
}

/** How a second connection like that of a client is made; undefined where that is not known. */
export function pipeSettingsOf(redis: Redis): PipeSettings | undefined {
  const { host, port, username, password, db, tls, path, sentinels, commandTimeout } =
    redis.options;
  const logger = redis instanceof ManagedRedis ? redis.logger : undefined;
  if (logger === undefined || path !== undefined || (sentinels ?? null) !== null) return undefined;
  return {
    host: host ?? '127.0.0.1',
    port: port ?? 6379,
    username: username ?? undefined,
    password: password ?? undefined,
    database: db ?? 0,
    tls: tls ?? undefined,
    timeoutMs: commandTimeout ?? 2000,
    logger,
  };
}
