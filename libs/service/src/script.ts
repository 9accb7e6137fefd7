import { createHash } from 'node:crypto';
import { isTelemetryOn } from '@tandem/telemetry';
import { Command } from './ioredis.ts';
import { openChannel, whenClosed } from './redis.ts';
import type { Redis } from './redis.ts';
import type { RedisReply } from './resp-reader.ts';
import type { CommandPart, ScriptChannel } from './script-channel.ts';
import { redisDuration, redisFailures } from './telemetry.ts';

/** Calls one Lua script; all its keys must share a hash slot. */
export type RedisScript = (
  keys: readonly (string | Buffer)[],
  args: readonly CommandPart[],
) => Promise<unknown>;

/** How the replies of a script are decoded, and how it is called in metrics. */
export interface ScriptOptions {
  /** Bulk strings come back as Buffers instead of UTF-8 strings. @default false */
  readonly buffers?: boolean;
  /** Name in the metric `tandem.redis.duration`. @default the first eight digits of its hash */
  readonly name?: string;
}

/**
 * Makes a function of a Lua script: EVALSHA, and EVAL once where Redis does not know the script yet
 * (after its restart too). Scripts of one client share a connection of their own, on which the calls of
 * one event-loop turn leave in one write. It ends with the client.
 */
export function defineScript(
  redis: Redis,
  lua: string,
  numberOfKeys: number,
  options: ScriptOptions = {},
): RedisScript {
  const sha = createHash('sha1').update(lua).digest('hex');
  const run = runnerOf(redis, sha, lua);
  const decode = options.buffers === true ? keepBytes : asText;
  const attributes = { script: options.name ?? sha.slice(0, 8) };
  redisFailures.add(0, attributes);

  return async (keys, args) => {
    if (keys.length !== numberOfKeys) {
      throw new RangeError(
        `the script takes ${String(numberOfKeys)} keys, not ${String(keys.length)}`,
      );
    }
    const tail = [numberOfKeys, ...keys, ...args];
    if (!isTelemetryOn()) return decode(await run(tail));
    const startedAt = performance.now();
    try {
      return decode(await run(tail));
    } catch (error) {
      redisFailures.add(1, attributes);
      throw error;
    } finally {
      redisDuration.record((performance.now() - startedAt) / 1000, attributes);
    }
  };
}

type Runner = (tail: readonly CommandPart[]) => Promise<RedisReply>;

const channels = new WeakMap<Redis, ScriptChannel>();

function runnerOf(redis: Redis, sha: string, lua: string): Runner {
  const channel = channels.get(redis) ?? open(redis);
  if (channel === undefined) return plainRunner(redis, sha, lua);
  channel.load(sha, lua);
  return async (tail) => {
    const key = firstKey(tail);
    try {
      return await channel.send(['EVALSHA', sha, ...tail], key);
    } catch (error) {
      if (!isUnknownScript(error)) throw error;
      return channel.send(['EVAL', lua, ...tail], key);
    }
  };
}

/** The tail is the number of keys, the keys, the arguments. */
function firstKey([count, key]: readonly CommandPart[]): string | Buffer | undefined {
  return count === 0 || key === undefined || typeof key === 'number' ? undefined : key;
}

/** For a client that was not opened here. */
function plainRunner(redis: Redis, sha: string, lua: string): Runner {
  const send = (name: string, parts: readonly CommandPart[]): Promise<RedisReply> =>
    redis.sendCommand(
      new Command(name, [...parts], { replyEncoding: null }),
    ) as Promise<RedisReply>;
  return async (tail) => {
    try {
      return await send('evalsha', [sha, ...tail]);
    } catch (error) {
      if (!isUnknownScript(error)) throw error;
      return send('eval', [lua, ...tail]);
    }
  };
}

function open(redis: Redis): ScriptChannel | undefined {
  const channel = openChannel(redis);
  if (channel === undefined) return undefined;
  channels.set(redis, channel);
  whenClosed(redis, () => {
    channel.close();
  });
  return channel;
}

function keepBytes(reply: RedisReply): unknown {
  if (typeof reply === 'string') return Buffer.from(reply);
  return Array.isArray(reply) ? reply.map(keepBytes) : reply;
}

function asText(reply: RedisReply): unknown {
  if (Buffer.isBuffer(reply)) return reply.toString('utf8');
  return Array.isArray(reply) ? reply.map(asText) : reply;
}

function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}
