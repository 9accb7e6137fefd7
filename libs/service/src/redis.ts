import type { ConnectionOptions } from 'node:tls';
import { formatHostPort, parseRedisUrl } from '@tandem/config';
import type { RedisPlace } from '@tandem/config';
import { SwitchError } from '@tandem/domain';
import type { RedisOptions } from 'ioredis';
import { ClusterPipe } from './cluster-pipe.ts';
import { Cluster, Redis as SingleRedis } from './ioredis.ts';
import type { Logger } from './logger.ts';
import type { RedisAccess } from './redis-socket.ts';
import type { ScriptChannel } from './script-channel.ts';
import { ScriptPipe } from './script-pipe.ts';
import { findPrimary } from './sentinel.ts';

/** A client of Redis: of one server, of the primary that sentinels name, or of a cluster. */
export type Redis = SingleRedis | Cluster;

/** Where Redis is, and how long to wait for it. */
export interface RedisSettings {
  /**
   * `redis://[user:password@]host:port[/database]`, `redis+sentinel://[user:password@]host:port,…/name[/database]` or
   * `redis+cluster://[user:password@]host:port,…`; `rediss…` for TLS (`parseRedisUrl` of `@tandem/config`).
   */
  readonly url: string;
  readonly logger: Logger;
  /** A command without an answer after this time is rejected. @default 2000 */
  readonly commandTimeoutMs?: number;
  /** TLS beyond what the machine trusts, for `rediss`. */
  readonly tls?: ConnectionOptions;
}

/**
 * Opens a client of Redis, and connections of their own for its scripts (see `defineScript`). While Redis is away commands
 * are rejected after the time-out rather than kept, since a call that waits is a call lost, and the connection is tried
 * again every 50 ms up to twice a second, for ever. A failover is followed: the sentinels, or the nodes of the cluster, are
 * asked who writes now. A command that was sent and not answered is rejected and never sent again.
 * Close it with `redis.disconnect()`.
 * @throws SwitchError SWITCH_CONFIGURATION_INVALID where the URL is wrong
 */
export function connectRedis(settings: RedisSettings): Redis {
  const place = parseRedisUrl(settings.url);
  if (typeof place === 'string') {
    throw new SwitchError('SWITCH_CONFIGURATION_INVALID', `the URL of Redis is wrong: ${place}`);
  }
  const redis = place.kind === 'cluster' ? openCluster(place, settings) : openSingle(place, settings); // prettier-ignore
  openings.set(redis, { place, settings });
  reportAbsence(redis, settings.logger);
  return redis;
}

/** How clients were opened, so that the connections of their scripts are opened likewise. */
const openings = new WeakMap<Redis, { place: RedisPlace; settings: RedisSettings }>();
const endings = new WeakMap<Redis, (() => void)[]>();

/** Opens the connection of a client's scripts; undefined where the client was not opened here. */
export function openChannel(redis: Redis): ScriptChannel | undefined {
  const opening = openings.get(redis);
  if (opening === undefined) return undefined;
  const { place, settings } = opening;
  const { logger } = settings;
  const timeoutMs = settings.commandTimeoutMs ?? COMMAND_TIMEOUT_MS;
  const { username, password, database } = place;
  const access = { username, password, tls: tlsOf(place, settings) };
  const channel = { access, database, timeoutMs, logger };
  const [first] = place.addresses;
  switch (place.kind) {
    case 'alone':
      return first === undefined ? undefined : new ScriptPipe({ ...channel, server: first });
    case 'cluster':
      return new ClusterPipe({ ...channel, addresses: place.addresses });
    case 'sentinel': {
      const pipe = new ScriptPipe({
        ...channel,
        server: () => findPrimary(sentinelsOf(place, access)),
      });
      // The client listens to the sentinels: a primary that was replaced, and still answers us, is left as well.
      redis.on('ready', () => void pipe.recheck());
      return pipe;
    }
  }
}

/** Calls `ending` when the client is closed, in whichever way. */
export function whenClosed(redis: Redis, ending: () => void): void {
  redis.once('end', ending);
  // The event `end` does not come where the server has accepted and says nothing.
  endings.set(redis, [...(endings.get(redis) ?? []), ending]);
}

const COMMAND_TIMEOUT_MS = 2000;

class ManagedRedis extends SingleRedis {
  override disconnect(reconnect = false): void {
    if (!reconnect) end(this);
    super.disconnect(reconnect);
  }
}

class ManagedCluster extends Cluster {
  override disconnect(reconnect = false): void {
    if (!reconnect) end(this);
    super.disconnect(reconnect);
  }
}

function end(redis: Redis): void {
  for (const ending of endings.get(redis) ?? []) ending();
}

type ClientOptions = Omit<RedisOptions, 'replyMapping'>;

function openSingle(place: RedisPlace, settings: RedisSettings): Redis {
  const { addresses, name, database, sentinelUsername, sentinelPassword } = place;
  const tls = tlsOf(place, settings);
  const options: ClientOptions = {
    ...commonOptions(place, settings),
    db: database,
    enableAutoPipelining: true,
    retryStrategy: retryAfter,
    // A primary that has become a replica: the new one has to be found.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  };
  const [first] = addresses;
  if (place.kind === 'alone') return new ManagedRedis({ ...options, ...first });
  return new ManagedRedis({
    ...options,
    sentinels: addresses.map((address) => ({ ...address })),
    name,
    role: 'master',
    sentinelUsername,
    sentinelPassword,
    sentinelCommandTimeout: 1000,
    sentinelRetryStrategy: retryAfter,
    sentinelReconnectStrategy: retryAfter,
    failoverDetector: true,
    ...(tls === undefined ? {} : { enableTLSForSentinelMode: true, sentinelTLS: tls }),
  });
}

function openCluster(place: RedisPlace, settings: RedisSettings): Redis {
  return new ManagedCluster(
    place.addresses.map((address) => ({ ...address })),
    {
      redisOptions: commonOptions(place, settings),
      clusterRetryStrategy: retryAfter,
      slotsRefreshTimeout: 1000,
      slotsRefreshInterval: 5000,
      // A command that was sent is not sent again after its connection broke.
      retryDelayOnFailover: 0,
    },
  );
}

function commonOptions(place: RedisPlace, settings: RedisSettings): ClientOptions {
  const { username, password } = place;
  const tls = tlsOf(place, settings);
  return {
    username,
    password,
    ...(tls === undefined ? {} : { tls }),
    // A command whose caller has given up must not be sent at all.
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 1,
    commandTimeout: settings.commandTimeoutMs ?? COMMAND_TIMEOUT_MS,
    connectTimeout: 2000,
    keepAlive: 10_000,
    protocol: 2,
    disableClientInfo: true,
  };
}

function tlsOf(place: RedisPlace, settings: RedisSettings): ConnectionOptions | undefined {
  return place.isTls ? (settings.tls ?? {}) : undefined;
}

function sentinelsOf(place: RedisPlace, { tls }: RedisAccess): Parameters<typeof findPrimary>[0] {
  const { addresses, name, sentinelUsername: username, sentinelPassword: password } = place;
  return { addresses, name, access: { username, password, tls } };
}

function retryAfter(attempt: number): number {
  return Math.min(50 * attempt, 500);
}

/** Says once that Redis is away, and once that it is back. */
function reportAbsence(redis: Redis, logger: Logger): void {
  const servers = openings.get(redis)?.place.addresses.map(formatHostPort).join(',');
  let isDown = false;
  redis.on('error', (error: Error) => {
    if (isDown) return;
    isDown = true;
    logger.warn({ error: error.message, servers }, 'redis is away');
  });
  redis.on('ready', () => {
    if (isDown) logger.info({ servers }, 'redis is back');
    isDown = false;
  });
}
