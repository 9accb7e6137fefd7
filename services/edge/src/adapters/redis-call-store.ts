import { SwitchError } from '@tandem/domain';
import { limitKeys } from '@tandem/limits';
import { CallEvent } from '@tandem/proto/events';
import { defineScript } from '@tandem/service';
import type { Redis, RedisScript } from '@tandem/service';
import { decodePayload, timedEvent } from '../core/outbox-payload.ts';
import type {
  AnswerWrite,
  CallStore,
  Claim,
  EndWrite,
  StoredCall,
  StoredTokens,
  WriteAhead,
  WriteResult,
} from '../ports.ts';
import {
  answerLua,
  claimDueLua,
  claimLua,
  endLua,
  saveTokensLua,
  settleLua,
  writeAheadLua,
} from './call-scripts.ts';

/** How long things stay in the store. */
const CLAIM_SECONDS = 300;
const RINGING_SECONDS = 900;
const ANSWERED_SECONDS = 86_400;
const ENDED_SECONDS = 64;
/** An event that was not settled after this time is published by whoever sweeps first. */
const OUTBOX_DUE_MS = 5000;

/** Calls in Redis; every key carries the hash tag of the deployment, so that a script touches one slot. */
export function redisCallStore(redis: Redis, prefix: string): CallStore {
  return new RedisCallStore(redis, prefix);
}

class RedisCallStore implements CallStore {
  readonly #redis: Redis;
  readonly #call: string;
  readonly #claim: string;
  readonly #calls: string;
  readonly #ringing: string;
  readonly #outbox: string;
  readonly #payloads: string;
  readonly #lineKey: (key: string) => string;
  readonly #heldKey: (callId: string) => string;
  readonly #claimOnce: RedisScript;
  readonly #writeAhead: RedisScript;
  readonly #answer: RedisScript;
  readonly #end: RedisScript;
  readonly #saveTokens: RedisScript;
  readonly #claimDue: RedisScript;
  readonly #settle: RedisScript;

  constructor(redis: Redis, prefix: string) {
    const tag = `{${prefix}}:`;
    this.#redis = redis;
    this.#call = `${tag}call:`;
    this.#claim = `${tag}tx:`;
    this.#calls = `${tag}calls`;
    this.#ringing = `${tag}ringing`;
    this.#outbox = `${tag}outbox`;
    this.#payloads = `${tag}outbox-events`;
    const lines = limitKeys(prefix);
    this.#lineKey = (key) => lines.line(key);
    this.#heldKey = (callId) => lines.held(callId);
    const define = (name: string, lua: string, keys: number, buffers = false): RedisScript =>
      defineScript(redis, lua, keys, { name, buffers });
    this.#claimOnce = define('edge.claim', claimLua, 1);
    this.#writeAhead = define('edge.write-ahead', writeAheadLua, 3);
    this.#answer = define('edge.answer', answerLua, 5);
    this.#end = define('edge.end', endLua, 6, true);
    this.#saveTokens = define('edge.save-tokens', saveTokensLua, 1);
    this.#claimDue = define('edge.claim-due', claimDueLua, 2, true);
    this.#settle = define('edge.settle', settleLua, 2);
  }

  async claim(transaction: string, callId: string, owner: string): Promise<Claim> {
    const value = `${callId} ${owner}`;
    const held = await available(
      this.#claimOnce([this.#claim + transaction], [value, CLAIM_SECONDS]),
    );
    if (typeof held !== 'string') return { callId, owner, isNew: true };
    const [heldCallId = callId, heldOwner = owner] = held.split(' ');
    return { callId: heldCallId, owner: heldOwner, isNew: false };
  }

  async writeAhead(write: WriteAhead): Promise<void> {
    await available(
      this.#writeAhead(
        [this.#call + write.callId, this.#calls, this.#ringing],
        [write.callId, write.owner, write.record, this.#lineKeys(write.lines), RINGING_SECONDS],
      ),
    );
  }

  async answer(write: AnswerWrite): Promise<WriteResult> {
    const { callId, event } = write;
    const encoded = Buffer.from(CallEvent.encode(event).finish());
    const reply = await available(
      this.#answer(
        [this.#call + callId, this.#ringing, this.#outbox, this.#payloads, this.#heldKey(callId)],
        [
          callId,
          event.eventId,
          encoded,
          write.tokenA,
          write.tokenB,
          this.#lineKeys(write.lines),
          write.leaseMs,
          OUTBOX_DUE_MS,
          ANSWERED_SECONDS,
        ],
      ),
    );
    const [isFirst, answeredMs] = reply as [number, string?];
    if (isFirst !== 1) return { kind: 'late' };
    return { kind: 'first', event: { ...event, answeredMs: Number(answeredMs) } };
  }

  async end(write: EndWrite): Promise<WriteResult> {
    const { callId, ending, event } = write;
    const endingBytes = Buffer.from(CallEvent.encode(ending).finish());
    const reply = await available(
      this.#end(
        [
          this.#call + callId,
          this.#calls,
          this.#ringing,
          this.#outbox,
          this.#payloads,
          this.#heldKey(callId),
        ],
        [
          callId,
          ending.eventId,
          endingBytes,
          event === undefined ? '' : Buffer.from(CallEvent.encode(event).finish()),
          this.#lineKeys(write.lines ?? []),
          OUTBOX_DUE_MS,
          ENDED_SECONDS,
        ],
      ),
    );
    const [state, answered, ended, stored] = reply as [number, Buffer, Buffer, Buffer];
    if (state !== 1) return { kind: state === 0 ? 'late' : 'unknown' };
    const times = {
      answeredMs: Number(answered.toString('latin1')),
      endedMs: Number(ended.toString('latin1')),
    };
    return { kind: 'first', event: timedEvent(Buffer.concat([stored, endingBytes]), times) };
  }

  async tokens(callId: string): Promise<StoredTokens | undefined> {
    const [a, b] = await available(this.#redis.hmgetBuffer(this.#call + callId, 'ta', 'tb'));
    return a && b ? { a, b } : undefined;
  }

  async saveTokens(callId: string, tokens: StoredTokens): Promise<void> {
    await available(this.#saveTokens([this.#call + callId], [tokens.a, tokens.b]));
  }

  async list(limit: number): Promise<{ calls: readonly StoredCall[]; total: number }> {
    const [ids, total] = await Promise.all([
      limit === 0 ? [] : available(this.#redis.zrevrange(this.#calls, 0, limit - 1)),
      available(this.#redis.zcard(this.#calls)),
    ]);
    const calls = await Promise.all(ids.map((callId) => this.get(callId)));
    return { calls: calls.filter((call) => call !== undefined), total };
  }

  async get(callId: string): Promise<StoredCall | undefined> {
    const [owner, record, event, answered, ended] = await available(
      this.#redis.hmgetBuffer(this.#call + callId, 'own', 'rec', 'evt', 'ans', 'end'),
    );
    if (!owner || ended) return undefined;
    return {
      callId,
      owner: owner.toString('latin1'),
      record: record ?? undefined,
      event: event
        ? timedEvent(event, { answeredMs: Number(answered?.toString('latin1') ?? 0), endedMs: 0 })
        : undefined,
    };
  }

  async claimDue(limit: number, forMs: number): Promise<readonly CallEvent[]> {
    const payloads = await available(
      this.#claimDue([this.#outbox, this.#payloads], [limit, forMs]),
    );
    return (payloads as Buffer[]).map(decodePayload);
  }

  async settle(eventIds: readonly string[]): Promise<void> {
    if (eventIds.length === 0) return;
    await available(this.#settle([this.#outbox, this.#payloads], eventIds));
  }

  async outboxLength(): Promise<number> {
    return available(this.#redis.zcard(this.#outbox));
  }

  #lineKeys(lines: readonly string[]): string {
    return lines.map(this.#lineKey).join(' ');
  }
}

/** Whatever the client says when Redis is away becomes the one code that callers know. */
async function available<T>(reply: Promise<T>): Promise<T> {
  try {
    return await reply;
  } catch (error) {
    throw new SwitchError('SWITCH_STORE_UNAVAILABLE', 'the call store is away', { cause: error });
  }
}
