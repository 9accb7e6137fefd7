import assert from 'node:assert/strict';
import type { Redis } from 'ioredis';

/**
 * Moves every moment back that stands below a prefix: the expiry of keys, scores, and 13 digits in a row wherever they are.
 * Redis's own clock cannot be moved.
 */
const passLua = `
local ms = tonumber(ARGV[2])
local function moved(text)
  return (string.gsub(text, '%f[%d]1%d%d%d%d%d%d%d%d%d%d%d%d%f[%D]', function(moment)
    return string.format('%.0f', tonumber(moment) - ms)
  end))
end
for _, key in ipairs(redis.call('KEYS', ARGV[1])) do
  local kind, left = redis.call('TYPE', key).ok, redis.call('PTTL', key)
  if left >= 0 and left <= ms then
    redis.call('DEL', key)
  else
    if kind == 'string' then
      redis.call('SET', key, moved(redis.call('GET', key)), 'KEEPTTL')
    elseif kind == 'hash' then
      local fields = redis.call('HGETALL', key)
      for i = 1, #fields, 2 do redis.call('HSET', key, fields[i], moved(fields[i + 1])) end
    elseif kind == 'zset' then
      for _, member in ipairs(redis.call('ZRANGE', key, 0, -1)) do
        if tonumber(redis.call('ZSCORE', key, member)) > 1e12 then redis.call('ZINCRBY', key, -ms, member) end
      end
    end
    if left >= 0 then redis.call('PEXPIRE', key, left - ms) end
  end
end
return redis.call('TIME')
`;

/** Further apart than this are two moments that no machine that is busy has made of one. */
const SAME_MS = 2000;
/** What is larger is a moment: some day in 2001 and after. */
const FIRST_MOMENT = 1e12;

/**
 * One time for a store in Redis and the same store in memory, for histories that are played against both. It passes when
 * the test says so, and the little that Redis's clock goes on meanwhile.
 */
export class SharedTime {
  readonly #redis: Redis;
  readonly #pattern: string;
  #nowMs = 0;
  #passedMs = 0;

  /** @param prefix what the names of all keys of the store in Redis begin with */
  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#pattern = `${prefix}*`;
  }

  /** The clock of the store in memory, as of the last `catchUp`. */
  now(): number {
    return this.#nowMs;
  }

  /** Sets the clock of the store in memory by Redis's. To be called before each command. */
  async catchUp(): Promise<void> {
    this.#set(await this.#redis.time());
  }

  /** Lets time pass in both stores. */
  async pass(ms: number): Promise<void> {
    const time = await this.#redis.eval(passLua, 0, this.#pattern, ms);
    this.#passedMs += ms;
    this.#set(time as readonly string[]);
  }

  /** Both stores have said the same; moments may differ by what Redis's clock has gone on. */
  assertSame(inRedis: unknown, inMemory: unknown, message: string): void {
    assert.deepEqual(inRedis, this.#likened(inMemory, inRedis), message);
  }

  #set([seconds, micros]: readonly (number | string)[]): void {
    this.#nowMs = Number(seconds) * 1000 + Math.floor(Number(micros) / 1000) + this.#passedMs;
  }

  /** `value` with the moments of `other` in place of those that are the same. */
  #likened(value: unknown, other: unknown): unknown {
    if (typeof value === 'number' && typeof other === 'number' && value > FIRST_MOMENT) {
      return Math.abs(value - this.#passedMs - other) <= SAME_MS ? other : value;
    }
    if (Array.isArray(value)) {
      const others: readonly unknown[] = Array.isArray(other) ? other : [];
      return value.map((each, at) => this.#likened(each, others[at]));
    }
    if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) return value;
    const others = new Map<string, unknown>(Object.entries(other ?? {}));
    const entries = Object.entries(value);
    return Object.fromEntries(entries.map(([name, each]) => [name, this.#likened(each, others.get(name))])); // prettier-ignore
  }
}
