import type { Redis } from '@tandem/service';
import { orUnavailable } from './or-unavailable.ts';
import type { PoolTurns } from './pool-turns.ts';

/** Turns in Redis, shared by all pods: a hash of counters, which begin again where Redis loses them. */
export class RedisPoolTurns implements PoolTurns {
  readonly #redis: Redis;
  readonly #key: string;

  constructor(redis: Redis, key: string) {
    this.#redis = redis;
    this.#key = key;
  }

  async take(pool: string): Promise<number> {
    return (await orUnavailable(this.#redis.hincrby(this.#key, pool, 1))) - 1;
  }

  async peek(pool: string): Promise<number> {
    return Number((await orUnavailable(this.#redis.hget(this.#key, pool))) ?? 0);
  }
}
