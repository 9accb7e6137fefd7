import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';

/** Calls one Lua script; all its keys must share a hash slot. */
export type RedisScript = (
  keys: readonly (string | Buffer)[],
  args: readonly (string | Buffer | number)[],
) => Promise<unknown>;

/** How the replies of a script are decoded. */
export interface ScriptOptions {
  /** Bulk strings come back as Buffers instead of UTF-8 strings. @default false */
  readonly buffers?: boolean;
}

/**
 * Makes a function of a Lua script: EVALSHA, and EVAL once where Redis does not know the script yet
 * (after its restart too). Calls of one event-loop turn share one write.
 */
export function defineScript(
  redis: Redis,
  lua: string,
  numberOfKeys: number,
  options: ScriptOptions = {},
): RedisScript {
  const sha = createHash('sha1').update(lua).digest('hex');
  const isBuffers = options.buffers ?? false;

  return async (keys, args) => {
    if (keys.length !== numberOfKeys) {
      throw new RangeError(
        `the script takes ${String(numberOfKeys)} keys, not ${String(keys.length)}`,
      );
    }
    const tail = [numberOfKeys, ...keys, ...args];
    try {
      return await (isBuffers
        ? redis.callBuffer('evalsha', sha, ...tail)
        : redis.call('evalsha', sha, ...tail));
    } catch (error) {
      if (!isUnknownScript(error)) throw error;
      return isBuffers ? redis.callBuffer('eval', lua, ...tail) : redis.call('eval', lua, ...tail);
    }
  };
}

function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}
