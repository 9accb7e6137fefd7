import type { LineLedger } from '@tandem/limits';
import { CallEvent } from '@tandem/proto/events';
import { timedEvent } from '../core/outbox-payload.ts';
import type {
  AnswerWrite,
  CallStore,
  Claim,
  Clock,
  EndWrite,
  StoredCall,
  StoredTokens,
  WriteAhead,
  WriteResult,
} from '../ports.ts';

interface Entry {
  owner: string;
  record: Buffer | undefined;
  lines: readonly string[];
  event: Buffer | undefined;
  answeredMs: number;
  endedMs: number;
  tokens: StoredTokens | undefined;
}

const CLAIM_MS = 300_000;
const ENDED_MS = 64_000;
const OUTBOX_DUE_MS = 5000;

/** Calls in this process's memory, for the embedded switch: the same steps as the scripts in Redis. */
export function memoryCallStore(clock: Clock, lines: LineLedger): CallStore {
  return new MemoryCallStore(clock, lines);
}

class MemoryCallStore implements CallStore {
  readonly #clock: Clock;
  readonly #lines: LineLedger;
  readonly #claims = new Map<string, Claim>();
  readonly #calls = new Map<string, Entry>();
  readonly #outbox = new Map<string, { dueMs: number; event: CallEvent }>();
  /** What has had its time, oldest first; all entries of one kind wait equally long. */
  readonly #expiries: { atMs: number; forget: () => void }[][] = [[], []];

  constructor(clock: Clock, lines: LineLedger) {
    this.#clock = clock;
    this.#lines = lines;
  }

  claim(transaction: string, callId: string, owner: string): Promise<Claim> {
    this.#expire();
    const held = this.#claims.get(transaction);
    if (held !== undefined) return Promise.resolve({ ...held, isNew: false });
    const claim = { callId, owner, isNew: true };
    this.#claims.set(transaction, claim);
    this.#forgetAfter(0, CLAIM_MS, () => this.#claims.delete(transaction));
    return Promise.resolve(claim);
  }

  writeAhead(write: WriteAhead): Promise<void> {
    const entry = this.#entry(write.callId);
    entry.owner = write.owner;
    entry.record = write.record;
    entry.lines = write.lines;
    return Promise.resolve();
  }

  async answer(write: AnswerWrite): Promise<WriteResult> {
    const entry = this.#entry(write.callId);
    if (entry.answeredMs !== 0 || entry.endedMs !== 0) return { kind: 'late' };
    entry.answeredMs = this.#clock.now();
    entry.event = Buffer.from(CallEvent.encode(write.event).finish());
    entry.tokens = { a: write.tokenA, b: write.tokenB };
    entry.lines = write.lines;
    entry.record = undefined;
    const event = { ...write.event, answeredMs: entry.answeredMs };
    this.#outbox.set(event.eventId, { dueMs: entry.answeredMs + OUTBOX_DUE_MS, event });
    await this.#lines.renew(write.callId, write.lines, write.leaseMs);
    return { kind: 'first', event };
  }

  async end(write: EndWrite): Promise<WriteResult> {
    const { callId, ending } = write;
    const known = this.#calls.get(callId);
    if ((known?.endedMs ?? 0) !== 0) return { kind: 'late' };
    const template =
      write.event === undefined ? known?.event : CallEvent.encode(write.event).finish();
    if (template === undefined) return { kind: 'unknown' };
    const entry = known ?? this.#entry(callId);
    entry.endedMs = this.#clock.now();
    const bytes = Buffer.concat([template, CallEvent.encode(ending).finish()]);
    const event = timedEvent(bytes, entry);
    this.#outbox.set(event.eventId, { dueMs: entry.endedMs + OUTBOX_DUE_MS, event });
    const lines = [...new Set([...entry.lines, ...(write.lines ?? [])])];
    entry.record = undefined;
    entry.event = undefined;
    this.#forgetAfter(1, ENDED_MS, () => this.#calls.delete(callId));
    await this.#lines.release(callId, lines);
    return { kind: 'first', event };
  }

  tokens(callId: string): Promise<StoredTokens | undefined> {
    return Promise.resolve(this.#calls.get(callId)?.tokens);
  }

  saveTokens(callId: string, tokens: StoredTokens): Promise<void> {
    const entry = this.#calls.get(callId);
    if (entry !== undefined) entry.tokens = tokens;
    return Promise.resolve();
  }

  list(limit: number): Promise<{ calls: readonly StoredCall[]; total: number }> {
    const running = [...this.#calls].filter(([, entry]) => entry.endedMs === 0).reverse();
    const calls = running.slice(0, limit).map(([callId, entry]) => stored(callId, entry));
    return Promise.resolve({ calls, total: running.length });
  }

  get(callId: string): Promise<StoredCall | undefined> {
    const entry = this.#calls.get(callId);
    return Promise.resolve(entry?.endedMs === 0 ? stored(callId, entry) : undefined);
  }

  claimDue(limit: number, forMs: number): Promise<readonly CallEvent[]> {
    const now = this.#clock.now();
    const due = [...this.#outbox.values()].filter((entry) => entry.dueMs <= now).slice(0, limit);
    for (const entry of due) entry.dueMs = now + forMs;
    return Promise.resolve(due.map((entry) => entry.event));
  }

  settle(eventIds: readonly string[]): Promise<void> {
    for (const eventId of eventIds) this.#outbox.delete(eventId);
    return Promise.resolve();
  }

  outboxLength(): Promise<number> {
    return Promise.resolve(this.#outbox.size);
  }

  #entry(callId: string): Entry {
    let entry = this.#calls.get(callId);
    if (entry === undefined) {
      entry = {
        owner: '',
        record: undefined,
        lines: [],
        event: undefined,
        answeredMs: 0,
        endedMs: 0,
        tokens: undefined,
      };
      this.#calls.set(callId, entry);
    }
    return entry;
  }

  #forgetAfter(kind: 0 | 1, ms: number, forget: () => void): void {
    this.#expiries[kind]?.push({ atMs: this.#clock.now() + ms, forget });
  }

  #expire(): void {
    const now = this.#clock.now();
    for (const queue of this.#expiries) {
      let expired = 0;
      while ((queue[expired]?.atMs ?? Infinity) <= now) {
        queue[expired]?.forget();
        expired += 1;
      }
      if (expired > 0) queue.splice(0, expired);
    }
  }
}

function stored(callId: string, entry: Entry): StoredCall {
  return {
    callId,
    owner: entry.owner,
    record: entry.record,
    event:
      entry.event === undefined
        ? undefined
        : timedEvent(entry.event, { answeredMs: entry.answeredMs, endedMs: 0 }),
  };
}
