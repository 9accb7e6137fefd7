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
  /** A command without an answer after this time is rejected. @default 1000 */
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
    commandTimeout: settings.commandTimeoutMs ?? 1000,
    connectTimeout: 2000,
    keepAlive: 10_000,
    protocol: 2,
    disableClientInfo: true,
    retryStrategy: (attempt) => Math.min(50 * attempt, 1000),
    ...settings.overrides,
  };
  const redis = new Redis(settings.url, options);
  loggers.set(redis, logger);
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

// Only clients opened here are known to be one plain server that a second connection can be made to.
const loggers = new WeakMap<Redis, Logger>();

/** How a second connection like that of a client is made; undefined where that is not known. */
export function pipeSettingsOf(redis: Redis): PipeSettings | undefined {
  const { host, port, username, password, db, tls, path, sentinels, commandTimeout } =
    redis.options;
  const logger = loggers.get(redis);
  if (logger === undefined || path !== undefined || (sentinels ?? null) !== null) return undefined;
  return {
    host: host ?? '127.0.0.1',
    port: port ?? 6379,
    username: username ?? undefined,
    password: password ?? undefined,
    database: db ?? 0,
    tls: tls ?? undefined,
    timeoutMs: commandTimeout ?? 1000,
    logger,
  };
}
