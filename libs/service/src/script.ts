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
  const buffered = redis as Redis & BufferScripts;

  return async (keys, args) => {
    if (keys.length !== numberOfKeys) {
      throw new RangeError(
        `the script takes ${String(numberOfKeys)} keys, not ${String(keys.length)}`,
      );
    }
    const tail = [...keys, ...args];
    try {
      // Not callBuffer('evalsha', …): it loses the command's name when commands are gathered.
      return await (isBuffers
        ? buffered.evalshaBuffer(sha, numberOfKeys, ...tail)
        : redis.evalsha(sha, numberOfKeys, ...tail));
    } catch (error) {
      if (!isUnknownScript(error)) throw error;
      return isBuffers
        ? buffered.evalBuffer(lua, numberOfKeys, ...tail)
        : redis.eval(lua, numberOfKeys, ...tail);
    }
  };
}

/** What the client has beside its declared methods: the same commands with Buffers as replies. */
interface BufferScripts {
  evalshaBuffer(sha: string, ...rest: readonly ScriptArgument[]): Promise<unknown>;
  evalBuffer(lua: string, ...rest: readonly ScriptArgument[]): Promise<unknown>;
}

type ScriptArgument = string | Buffer | number;

function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}
