import { readCallEventMessage } from '@tandem/events';
import { limitKeys } from '@tandem/limits';
import type { MoneyEnd } from '@tandem/limits';
import { defineScript } from '@tandem/service';
import type { Redis, RedisScript } from '@tandem/service';
import { eventOfPayload } from '../core/call/outbox-payload.ts';
import type { DueCall, PlaceAsked, PlacedRequest, SessionStore } from '../ports.ts';
import { challengedKey, readChallenged } from './redis-challenge-store.ts';
import {
  handledLua,
  hungUpLua,
  numberLua,
  placeLua,
  proveLua,
  reconcileLua,
  refreshLua,
  repeatedLua,
  takeDueLua,
} from './session-scripts.ts';
import { orUnavailable } from './store-away.ts';

/** An answered call that no pod has looked at for so long is gone. */
export const ANSWERED_SECONDS = 86_400;
/** How long an ended call may be asked for. */
export const ENDED_SECONDS = 64;
/** Calls that one step of the reconciler looks at: some 200 µs of Redis. */
const PAGE = 1000;
const PAGES_AT_ONCE = 50;
/** A call that holds lines has a record, or a stub of one, within a fraction of this. */
const HOLDER_AGE_MS = 10_000;
const ROUND_PAUSE_MS = 5000;
/** A key of a call that has run out is the rare case: all others pass `end`. */
const ROUNDS_PER_LOOK_AT_CALLS = 6;
/** Far more than begin to wait for their ACK from one round of a sweep to the next. */
const UNACKNOWLEDGED_AT_ONCE = 1000;

/** The answered calls in Redis, by the time at which something is due for them. */
export class RedisSessionStore implements SessionStore {
  readonly #redis: Redis;
  readonly #tag: string;
  readonly #held: (callId: string) => string;
  readonly #holders: string;
  readonly #moneyDue: string;
  readonly #takeDue: RedisScript;
  readonly #handled: RedisScript;
  readonly #hungUp: RedisScript;
  readonly #refresh: RedisScript;
  readonly #prove: RedisScript;
  readonly #repeated: RedisScript;
  readonly #number: RedisScript;
  readonly #place: RedisScript;
  readonly #reconcile: RedisScript;

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#tag = `{${prefix}}:`;
    const lines = limitKeys(prefix);
    this.#held = lines.held;
    this.#holders = lines.holders;
    this.#moneyDue = lines.moneyDue;
    this.#takeDue = defineScript(redis, takeDueLua, 6, { name: 'edge.take-due', buffers: true });
    this.#handled = defineScript(redis, handledLua, 3, { name: 'edge.handled' });
    this.#hungUp = defineScript(redis, hungUpLua, 1, { name: 'edge.hung-up' });
    this.#refresh = defineScript(redis, refreshLua, 3, { name: 'edge.refresh' });
    this.#prove = defineScript(redis, proveLua, 2, { name: 'edge.prove' });
    this.#repeated = defineScript(redis, repeatedLua, 3, { name: 'edge.repeated' });
    this.#number = defineScript(redis, numberLua, 1, { name: 'edge.number' });
    this.#place = defineScript(redis, placeLua, 2, { name: 'edge.place', buffers: true });
    this.#reconcile = defineScript(redis, reconcileLua, 4, { name: 'edge.reconcile' });
  }

  async takeDue(owner: string, limit: number, forMs: number): Promise<readonly DueCall[]> {
    const tag = this.#tag;
    const found = await orUnavailable(
      this.#takeDue(
        [
          `${tag}due`,
          `${tag}calls`,
          `${tag}outbox`,
          `${tag}owners`,
          `${tag}in-hand:${owner}`,
          this.#moneyDue,
        ],
        [limit, forMs, `${tag}call:`, this.#held(''), ANSWERED_SECONDS, owner],
      ),
    );
    return (found as Buffer[][]).map(readDueCall);
  }

  async handled(callId: string, owner: string): Promise<void> {
    const tag = this.#tag;
    await orUnavailable(
      this.#handled(
        [`${tag}call:${callId}`, `${tag}due`, `${tag}in-hand:${owner}`],
        [callId, ENDED_SECONDS],
      ),
    );
  }

  async hungUp(callIds: readonly string[]): Promise<void> {
    const tag = this.#tag;
    await orUnavailable(this.#hungUp([`${tag}due`], [`${tag}call:`, ENDED_SECONDS, ...callIds]));
  }

  async refresh(callId: string, interval: number | 'none' = 0): Promise<void> {
    const tag = this.#tag;
    const intervalMs = interval === 'none' ? -1 : Math.round(interval);
    await orUnavailable(
      this.#refresh(
        [`${tag}call:${callId}`, `${tag}due`, this.#held(callId)],
        [callId, intervalMs, ANSWERED_SECONDS],
      ),
    );
  }

  async prove(
    callId: string,
    { isAck = false, ageMs = 0 }: Parameters<SessionStore['prove']>[1] = {},
  ): Promise<void> {
    const tag = this.#tag;
    await orUnavailable(
      this.#prove(
        [`${tag}call:${callId}`, `${tag}unacknowledged`],
        [callId, isAck ? 1 : 0, Math.round(ageMs)],
      ),
    );
  }

  async repeated(callId: string): Promise<void> {
    const tag = this.#tag;
    await orUnavailable(
      this.#repeated([`${tag}call:${callId}`, `${tag}due`, `${tag}unacknowledged`], [callId]),
    );
  }

  async unacknowledged(): Promise<readonly string[]> {
    const key = `${this.#tag}unacknowledged`;
    return orUnavailable(this.#redis.zrevrange(key, 0, UNACKNOWLEDGED_AT_ONCE - 1));
  }

  async number(callId: string, side: 'a' | 'b', cseq = 0): Promise<number> {
    const key = `${this.#tag}call:${callId}`;
    return Number(await orUnavailable(this.#number([key], [`n${side}`, cseq])));
  }

  async place({
    callId,
    side,
    cseq,
    rack,
    isCounting,
  }: PlaceAsked): Promise<PlacedRequest | undefined> {
    const keys = [`${this.#tag}call:${callId}`, challengedKey(this.#tag, callId)];
    const reply = await orUnavailable(
      this.#place(keys, [`n${side}`, cseq, rack ?? 0, isCounting ? 1 : 0]),
    );
    if (!Array.isArray(reply)) return undefined;
    const [number, named, challenged] = reply as [number, number, Buffer];
    return {
      cseq: number,
      rack: rack === undefined ? undefined : named,
      challenged: readChallenged(challenged),
    };
  }

  async reconcile(): Promise<number> {
    const tag = this.#tag;
    let freed = 0;
    for (let page = 0; page < PAGES_AT_ONCE; page++) {
      const [freedNow, isUnderWay] = (await orUnavailable(
        this.#reconcile(
          [`${tag}reconciler`, `${tag}calls`, `${tag}due`, this.#holders],
          [
            PAGE,
            HOLDER_AGE_MS,
            ROUND_PAUSE_MS,
            `${tag}call:`,
            this.#held(''),
            ROUNDS_PER_LOOK_AT_CALLS,
          ],
        ),
      )) as [number, number];
      freed += freedNow;
      if (isUnderWay !== 1) break;
    }
    return freed;
  }
}

function readDueCall([id, reason, a, b, payload, more]: readonly Buffer[]): DueCall {
  const none = Buffer.alloc(0);
  const callId = String(id);
  const why = String(reason) as DueCall['why'];
  const tokens = { a: a ?? none, b: b ?? none };
  if (why !== 'bye') {
    const event = readCallEventMessage(eventOfPayload(payload ?? none));
    return {
      callId,
      why,
      tokens,
      event,
      ...(why === 'money' && { money: moneyEnd(String(more)) }),
    };
  }
  const only = String(more ?? '');
  const due = { callId, why, tokens, reason: String(payload) } as const;
  return only === 'a' || only === 'b' ? { ...due, only } : due;
}

/** What `money_top_up` says. */
function moneyEnd(text: string): MoneyEnd {
  const [ended, account = '', ...amounts] = text.split(' ');
  const [balance = 0n, overdraft = 0n, reserved = 0n, step = 0n, seconds = 0n] =
    amounts.map(BigInt);
  return {
    endedMs: Number(ended),
    account,
    balance,
    overdraft,
    reserved,
    step,
    stepSeconds: Number(seconds),
  };
}
