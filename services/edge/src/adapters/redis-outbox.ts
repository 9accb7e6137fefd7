import { readCallEventMessage } from '@tandem/events';
import type { CallEventMessage } from '@tandem/events';
import { defineScript } from '@tandem/service';
import type { Redis, RedisScript } from '@tandem/service';
import { eventOfPayload } from '../core/call/outbox-payload.ts';
import { amendLua, claimDueLua, settleLua } from './outbox-scripts.ts';
import { orUnavailable } from './store-away.ts';

/** An event that was not settled after this time is published by whoever sweeps first. */
const OUTBOX_DUE_MS = 5000;

/**
 * Events that are not known to be in the log, by the time at which they were filed, or from which on they may go where they
 * are kept back: the score of what may go never moves, so that the first is the oldest. What a sweep has taken stands in a set beside it until its time is over.
 */
export class RedisOutbox {
  readonly #redis: Redis;
  readonly #keys: readonly [outbox: string, payloads: string, taken: string];
  readonly #calls: string;
  readonly #claimDue: RedisScript;
  readonly #settle: RedisScript;
  readonly #amend: RedisScript;

  constructor(redis: Redis, tag: string) {
    this.#redis = redis;
    this.#keys = [`${tag}outbox`, `${tag}outbox-events`, `${tag}outbox-taken`];
    this.#calls = `${tag}call:`;
    this.#claimDue = defineScript(redis, claimDueLua, 3, { name: 'edge.claim-due', buffers: true });
    this.#settle = defineScript(redis, settleLua, 3, { name: 'edge.settle' });
    this.#amend = defineScript(redis, amendLua, 1, { name: 'edge.amend' });
  }

  /** Names of the two keys into which a script files an event: the order and the payloads. */
  get keys(): readonly [string, string] {
    return [this.#keys[0], this.#keys[1]];
  }

  async claimDue(limit: number, forMs: number): Promise<readonly CallEventMessage[]> {
    const payloads = await orUnavailable(
      this.#claimDue(this.#keys, [limit, OUTBOX_DUE_MS, forMs, this.#calls]),
    );
    return (payloads as Buffer[]).map((payload) => readCallEventMessage(eventOfPayload(payload)));
  }

  async amend(eventId: string, fields: Buffer): Promise<boolean> {
    const [, payloads] = this.#keys;
    return (await orUnavailable(this.#amend([payloads], [eventId, fields]))) === 1;
  }

  async settle(eventIds: readonly string[]): Promise<void> {
    if (eventIds.length === 0) return;
    await orUnavailable(this.#settle(this.#keys, eventIds));
  }

  async state(): Promise<{ readonly length: number; readonly oldestMs: number }> {
    const [key] = this.#keys;
    const [length, oldest] = await orUnavailable(
      Promise.all([this.#redis.zcard(key), this.#redis.zrange(key, '0', '0', 'WITHSCORES')]),
    );
    return { length, oldestMs: Number(oldest[1] ?? 0) };
  }
}
