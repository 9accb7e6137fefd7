import { encodeCallEvent } from '@tandem/events';
import type { CallEventMessage } from '@tandem/events';
import { CallEvent } from '@tandem/proto/events';
import { answeredEventId, interimEventId } from '../core/call/events.ts';
import { timedEvent } from '../core/call/outbox-payload.ts';
import { acknowledging } from '../core/dialog/acknowledging.ts';
import type {
  DueAnswered,
  DueCall,
  PlaceAsked,
  PlacedRequest,
  SessionStore,
  StoredTokens,
} from '../ports.ts';
import {
  countInterim,
  leaseMsOf,
  nextDue,
  numberIn,
  probeLeaseMs,
  refreshSession,
} from './memory-calls.ts';
import type { MemoryCall, MemorySession, MemoryState } from './memory-calls.ts';

const HOLDER_AGE_MS = 10_000;
const none = Buffer.alloc(0);

/** The answered calls in memory: the same steps as the scripts in Redis. */
export class MemorySessionStore implements SessionStore {
  readonly #state: MemoryState;

  constructor(state: MemoryState) {
    this.#state = state;
  }

  async takeDue(owner: string, limit: number, forMs: number): Promise<readonly DueCall[]> {
    const now = this.#state.clock.now();
    this.#topUp(now);
    const due: DueCall[] = [];
    for (const [callId, call] of this.#state.calls) {
      const { session, event, hangUp } = call;
      if (due.length >= limit) break;
      if (hangUp !== undefined && hangUp.dueMs <= now) {
        hangUp.dueMs = now + forMs;
        call.handlers.add(owner);
        const { reason, only } = hangUp;
        const bye = { callId, why: 'bye', tokens: tokensOf(call), reason } as const;
        due.push(only === undefined ? bye : { ...bye, only });
      }
      if (session === undefined || event === undefined || session.dueMs > now) continue;
      const why = reasonOf(call, session, now);
      if (why === undefined) {
        session.dueMs = nextDue(session);
        continue;
      }
      due.push(this.#take({ callId, call, session, event }, why));
      if (why !== 'interim') {
        session.dueMs = now + forMs;
        call.handlers.add(owner);
      }
      if (why === 'interim' || why === 'probe') {
        const leaseMs = why === 'probe' ? probeLeaseMs(forMs) : leaseMsOf(session, now);
        await this.#state.lines.renew(callId, call.lines, leaseMs);
      }
    }
    return due;
  }

  /** Reserves further slices of money for calls, and finds those for which there is none (BILL-05). */
  #topUp(now: number): void {
    const { calls, lines } = this.#state;
    for (const callId of lines.money.due(now)) {
      const call = calls.get(callId);
      if (call?.session === undefined || call.endedMs !== 0) {
        lines.money.leave(callId);
        continue;
      }
      call.money = lines.money.topUp(callId, now);
      if (call.money === undefined) continue;
      call.session.longestMs = call.money.endedMs;
      call.session.dueMs = now;
    }
  }

  handled(callId: string, owner: string): Promise<void> {
    const call = this.#state.calls.get(callId);
    if (call !== undefined) {
      call.handlers.delete(owner);
      call.hangUp = undefined;
    }
    return Promise.resolve();
  }

  hungUp(callIds: readonly string[]): Promise<void> {
    for (const callId of callIds) {
      const call = this.#state.calls.get(callId);
      if (call !== undefined) call.hangUp = undefined;
    }
    return Promise.resolve();
  }

  /** What dead pods had in hand is due at once. */
  letGo(): void {
    const { calls, clock, pods } = this.#state;
    for (const call of calls.values()) {
      const dead = [...call.handlers].filter((owner) => !pods.isAlive(owner));
      if (dead.length === 0) continue;
      for (const owner of dead) call.handlers.delete(owner);
      for (const due of [call.session, call.hangUp]) {
        if (due !== undefined) due.dueMs = clock.now();
      }
    }
  }

  async refresh(callId: string, interval: number | 'none' = 0): Promise<void> {
    const { calls, clock, lines } = this.#state;
    const call = calls.get(callId);
    if (call?.session === undefined) return;
    refreshSession(call.session, interval, clock.now());
    await lines.renew(callId, call.lines, leaseMsOf(call.session, clock.now()));
  }

  prove(
    callId: string,
    { isAck = false, ageMs = 0 }: Parameters<SessionStore['prove']>[1] = {},
  ): Promise<void> {
    const { calls, clock } = this.#state;
    const call = calls.get(callId);
    if (call?.session !== undefined) {
      call.session.aliveMs = Math.max(call.session.aliveMs, clock.now() - ageMs);
      if (isAck && call.ack !== undefined) call.ack.state = 'seen';
    }
    return Promise.resolve();
  }

  repeated(callId: string): Promise<void> {
    const call = this.#state.calls.get(callId);
    if (call?.session !== undefined) noteRepeated(call, call.session, this.#state.clock.now());
    return Promise.resolve();
  }

  unacknowledged(): Promise<readonly string[]> {
    const { calls, clock } = this.#state;
    const callIds: string[] = [];
    for (const [callId, { ack, endedMs }] of calls) {
      if (endedMs !== 0 || ack === undefined || ack.state === 'seen') continue;
      if (ack.sinceMs + acknowledging.watchedMs > clock.now()) callIds.push(callId);
    }
    return Promise.resolve(callIds.reverse());
  }

  number(callId: string, side: 'a' | 'b', cseq = 0): Promise<number> {
    const call = this.#state.calls.get(callId);
    if (call === undefined || call.owner === '') return Promise.resolve(cseq || 1);
    return Promise.resolve(numberIn(call.numbers[side], cseq));
  }

  place({ callId, side, cseq, rack, isCounting }: PlaceAsked): Promise<PlacedRequest | undefined> {
    const call = this.#state.calls.get(callId);
    const count = call?.numbers[side];
    if (call === undefined || count === undefined || call.owner === '') {
      return Promise.resolve(undefined);
    }
    if (count.highest === 0 && !isCounting) return Promise.resolve(undefined);
    // What went before anything moved has kept its number.
    const named = rack === undefined ? undefined : (count.given.get(rack) ?? rack);
    return Promise.resolve({
      cseq: numberIn(count, cseq),
      rack: named,
      challenged: side === 'b' ? call.challenged.get(cseq) : undefined,
    });
  }

  async reconcile(): Promise<number> {
    const { calls, clock, lines } = this.#state;
    const old = clock.now() - HOLDER_AGE_MS;
    const keysByCall = new Map<string, string[]>();
    for (const { key, holders } of await lines.list()) {
      for (const { callId, sinceMs } of holders) {
        const call = calls.get(callId);
        if ((call?.isRecorded === true && call.endedMs === 0) || sinceMs >= old) continue;
        const keys = keysByCall.get(callId) ?? [];
        keys.push(key);
        keysByCall.set(callId, keys);
      }
    }
    for (const [callId, keys] of keysByCall) await lines.release(callId, keys);
    return keysByCall.size;
  }

  #take(taken: AnsweredCall, why: DueAnswered['why']): DueCall {
    const { clock, outbox } = this.#state;
    const { callId, call, session } = taken;
    const tokens = tokensOf(call);
    if (why !== 'interim') {
      const bytes = timedBytes(taken);
      const event = { eventId: answeredEventId(callId), callId, bytes };
      return { callId, why, tokens, event, ...(why === 'money' && { money: call.money }) };
    }
    outbox.delete(interimEventId(callId, session.interims));
    const eventId = interimEventId(callId, countInterim(session, clock.now()));
    session.dueMs = nextDue(session);
    const filedMs = clock.now();
    outbox.set(eventId, { callId, payload: undefined, filedMs, takenUntilMs: 0 });
    return { callId, why, tokens, event: interimOf({ ...taken, eventId }) };
  }
}

/** A call that has been answered. */
interface AnsweredCall {
  readonly callId: string;
  readonly call: MemoryCall;
  readonly session: MemorySession;
  readonly event: Buffer;
}

function timedBytes({ call, session, event }: AnsweredCall): Buffer {
  const { answeredMs } = call;
  return timedEvent(event, { answeredMs, endedMs: 0, aliveMs: session.aliveMs });
}

function interimOf(answered: AnsweredCall & { readonly eventId: string }): CallEventMessage {
  const { eventId, callId } = answered;
  const name = encodeCallEvent(CallEvent.fromPartial({ eventId, type: 'interim' }));
  return { eventId, callId, bytes: Buffer.concat([timedBytes(answered), name]) };
}

function tokensOf({ tokens }: MemoryCall): StoredTokens {
  return { a: tokens.a ?? none, b: tokens.b ?? none };
}

function noteRepeated(call: MemoryCall, session: MemorySession, now: number): void {
  const { answeredMs, ack } = call;
  const { lateMs, patienceMs, sureMs } = acknowledging;
  if (now - answeredMs < lateMs) return;
  if (ack === undefined) {
    call.ack = { state: 'awaited', sinceMs: now };
  } else if (ack.state === 'awaited' && now - ack.sinceMs >= sureMs) {
    ack.state = 'never';
    session.dueMs = Math.min(session.dueMs, answeredMs + patienceMs);
  }
}

function reasonOf(
  { ack, answeredMs, money }: MemoryCall,
  session: MemorySession,
  now: number,
): DueAnswered['why'] | undefined {
  const isPast = (moment: number): boolean => moment > 0 && moment <= now;
  if (isPast(session.longestMs)) return money === undefined ? 'duration' : 'money';
  if (ack?.state === 'never' && isPast(answeredMs + acknowledging.patienceMs)) {
    return 'unacknowledged';
  }
  if (isPast(session.expiryMs)) return 'expired';
  if (isPast(session.probeMs)) return 'probe';
  return isPast(session.interimMs) ? 'interim' : undefined;
}

/** An interim event that waits in the outbox, from its call; undefined where that is over. */
export function interimEvent(
  eventId: string,
  callId: string,
  call: MemoryCall | undefined,
): CallEventMessage | undefined {
  if (call?.event === undefined || call.session === undefined) return undefined;
  const { event, session } = call;
  return interimOf({ eventId, callId, call, session, event });
}
