import { decodeCallEvent } from '@tandem/events';
import type { CallEventMessage } from '@tandem/events';
import type { MemoryLines } from '@tandem/limits';
import { endedEventId } from '../core/call/events.ts';
import { timedEvent } from '../core/call/outbox-payload.ts';
import type { EventTimes } from '../core/call/outbox-payload.ts';
import type {
  AnswerWrite,
  CallNote,
  CallStore,
  ChallengeFacts,
  ChallengeStore,
  ChallengeWrite,
  Claim,
  Clock,
  DueCall,
  EdgeStore,
  EndWrite,
  KeptOffer,
  Orphan,
  SessionStore,
  AdoptResult,
  PlaceAsked,
  PlacedRequest,
  StoredCall,
  StoredDialogs,
  StoredTokens,
  WriteAhead,
  WriteResult,
} from '../ports.ts';
import { beginSession, leaseMsOf, newMemoryCall } from './memory-calls.ts';
import type { MemoryCall, MemoryState } from './memory-calls.ts';
import { MemoryChallengeStore } from './memory-challenge-store.ts';
import { MemoryOfferStore } from './memory-offer-store.ts';
import { MemoryOutbox } from './memory-outbox.ts';
import type { Liveness } from './memory-pod-registry.ts';
import { MemorySessionStore } from './memory-session-store.ts';
import { storedDialogs } from './stored-dialogs.ts';

const CLAIM_MS = 300_000;
const ENDED_MS = 64_000;
/** As long as BYEs of the switch may be due. */
const HANG_UP_MS = 300_000;

/** A lone pod lives for as long as anybody can ask. */
const alone: Liveness = { isAlive: () => true, isDraining: () => false };
const none = Buffer.alloc(0);

/**
 * Calls in this process's memory, for the embedded switch and for several pods of a simulation: the same steps as the
 * scripts in Redis.
 */
export function memoryCallStore(
  clock: Clock,
  lines: MemoryLines,
  pods: Liveness = alone,
): EdgeStore {
  return new MemoryCallStore({ clock, lines, pods, calls: new Map(), outbox: new Map() });
}

class MemoryCallStore implements EdgeStore {
  readonly #state: MemoryState;
  readonly #outbox: MemoryOutbox;
  readonly #sessions: MemorySessionStore;
  readonly #challenges: MemoryChallengeStore;
  readonly #offers: MemoryOfferStore;
  /** Calls that it did not know when they were ended, and until when that is kept. */
  readonly #over = new Map<string, number>();
  readonly #claims = new Map<string, { readonly callId: string; readonly owner: string }>();
  /** What has had its time, oldest first; all entries of one kind wait equally long. */
  readonly #expiries = {
    claims: [] as Expiry[],
    records: [] as Expiry[],
    ends: [] as Expiry[],
    hangUps: [] as Expiry[],
  };

  constructor(state: MemoryState) {
    this.#state = state;
    this.#outbox = new MemoryOutbox(state);
    this.#sessions = new MemorySessionStore(state);
    this.#challenges = new MemoryChallengeStore(state, this.#outbox);
    this.#offers = new MemoryOfferStore(state.clock);
  }

  claimed(): undefined {
    return undefined;
  }

  claim(transaction: string, callId: string, owner: string): Promise<Claim | undefined> {
    this.#expire();
    if (!this.#state.pods.isAlive(owner)) return Promise.resolve(undefined);
    const held = this.#claims.get(transaction);
    if (held === undefined) {
      this.#claims.set(transaction, { callId, owner });
      this.#forgetAfter(this.#expiries.claims, CLAIM_MS, () => this.#claims.delete(transaction));
      return Promise.resolve({ callId, owner, isNew: true });
    }
    const claim = this.#currentClaim(held);
    const call = this.#call(held.callId);
    const isOwn = claim.owner === owner;
    // A pod that claims an INVITE of its own anew has forgotten it before anything was written.
    const isForgotten = isOwn && held.callId !== callId && (call?.endedMs ?? 0) === 0;
    const isLeft = isForgotten || (!isOwn && !this.#state.pods.isAlive(claim.owner));
    if (!isLeft || call?.record !== undefined || (call?.answeredMs ?? 0) !== 0) {
      return Promise.resolve(claim);
    }
    const takenOver = { callId: held.callId, owner };
    this.#claims.set(transaction, takenOver);
    this.#entry(held.callId, owner).owner = owner;
    return Promise.resolve({ ...takenOver, isNew: true });
  }

  findClaim(transaction: string): Promise<Claim | undefined> {
    this.#expire();
    const held = this.#claims.get(transaction);
    return Promise.resolve(held === undefined ? undefined : this.#currentClaim(held));
  }

  writeAhead(write: WriteAhead): Promise<boolean> {
    const { callId, owner, record, lines, tokenB } = write;
    const call = this.#entry(callId, owner);
    if (isOthers(call, owner) || call.answeredMs !== 0 || call.endedMs !== 0) {
      return Promise.resolve(false);
    }
    if (!call.isRecorded) call.isRinging = true;
    call.isRecorded = true;
    call.record = record;
    call.lines = lines;
    if (tokenB !== undefined) call.tokens = { ...call.tokens, b: tokenB };
    return Promise.resolve(true);
  }

  async answer(write: AnswerWrite): Promise<WriteResult> {
    const { callId, owner, event, lines, tokenA, tokenB } = write;
    const { clock } = this.#state;
    if (this.#call(callId) === undefined && this.#over.has(callId)) return { kind: 'late' };
    const call = this.#entry(callId, owner);
    if (isOthers(call, owner)) return { kind: 'lost', owner: call.owner };
    if (call.answeredMs !== 0 || call.endedMs !== 0) return { kind: 'late' };
    call.answeredMs = clock.now() - (write.agoMs ?? 0);
    call.isRecorded = true;
    call.isRinging = call.isRinging && write.isWindingUp === true;
    call.event = Buffer.concat([event.bytes, call.notes ?? none]);
    call.credentials = write.credentials;
    call.tokens = { a: tokenA, b: tokenB };
    call.dialog = write.dialog;
    call.lines = lines;
    // Whose money is reserved in slices: it ends with its money, which a payment may lengthen (BILL-05).
    call.isSliced = this.#state.lines.money.begin(callId, call.answeredMs);
    const terms = call.isSliced ? { ...write.session, longestMs: 0 } : write.session;
    call.session = beginSession(terms, call.answeredMs);
    this.#keepRecord(call, ENDED_MS);
    const times = { answeredMs: call.answeredMs, endedMs: 0, aliveMs: 0 };
    this.#outbox.file(event, times);
    await this.#state.lines.renew(callId, lines, leaseMsOf(call.session, clock.now()));
    return { kind: 'first', event: { ...event, bytes: timedEvent(event.bytes, times) } };
  }

  async end(write: EndWrite): Promise<WriteResult> {
    const { callId, owner } = write;
    const known = this.#call(callId);
    if (owner !== undefined && known !== undefined && isOthers(known, owner)) {
      return { kind: 'lost', owner: known.owner };
    }
    if (isInOther(known, write)) return { kind: 'other-dialog' };
    const dialog = answeredIn(known);
    if ((known?.endedMs ?? 0) !== 0) return { kind: 'late', ...dialog };
    // What the answer stored is whole; an event that comes along is that of a call without an answer.
    const facts = known?.event ?? write.event;
    if (facts === undefined) {
      if (known !== undefined) return { kind: 'pending', owner: known.owner };
      // The pod that had the answer may have yet to tell of it, to a store that has come back empty.
      this.#keepOver(callId);
      return { kind: 'unknown' };
    }
    const call = known ?? this.#entry(callId, '');
    const result = { ...this.#endCall(call, write, facts), ...dialog };
    const lines = [...new Set([...call.lines, ...(write.lines ?? [])])];
    await this.#state.lines.release(callId, lines);
    return result;
  }

  conclude(callId: string, isAlive: boolean): Promise<CallEventMessage | undefined> {
    return Promise.resolve(this.#outbox.letGo(endedEventId(callId), isAlive));
  }

  adopt(callId: string, owner: string): Promise<AdoptResult> {
    const call = this.#call(callId);
    return Promise.resolve(
      call === undefined ? { kind: 'unknown' } : this.#adoptResult(call, owner),
    );
  }

  adoptOrphans(owner: string, limit: number): Promise<readonly Orphan[]> {
    const orphans: Orphan[] = [];
    if (!this.#state.pods.isAlive(owner)) return Promise.resolve(orphans);
    this.#sessions.letGo();
    for (const [callId, call] of this.#state.calls) {
      if (orphans.length >= limit) break;
      if (!call.isRinging || call.owner === owner || this.#state.pods.isAlive(call.owner)) continue;
      if (call.record === undefined) continue;
      call.owner = owner;
      const wasAnswered = call.answeredMs !== 0;
      const isEnded = call.endedMs !== 0 && !wasAnswered;
      orphans.push({
        callId,
        record: call.record,
        isEnded,
        ...(wasAnswered && { wasAnswered }),
      });
    }
    return Promise.resolve(orphans);
  }

  forget(callId: string, owner: string): Promise<void> {
    const call = this.#call(callId);
    if (call?.owner === owner) call.isRinging = false;
    return Promise.resolve();
  }

  tokens(callId: string, toTag?: string): Promise<StoredDialogs | undefined> {
    const call = this.#call(callId);
    const { a, b } = call?.tokens ?? {};
    const own = toTag === undefined ? undefined : call?.dialogTokens?.get(toTag);
    if (a === undefined && b === undefined && own === undefined) return Promise.resolve(undefined);
    const answered = call?.dialog ?? { farTag: '', toTag: '' };
    const tokens = { a: a ?? none, b: b ?? none };
    return Promise.resolve(storedDialogs(tokens, { answered, own, toTag }));
  }

  saveTokens(callId: string, tokens: Partial<StoredTokens>, toTag?: string): Promise<void> {
    const call = this.#call(callId);
    if (call === undefined) return Promise.resolve();
    const { a, ...others } = tokens;
    if (toTag === undefined || a === undefined) {
      call.tokens = { ...call.tokens, ...tokens };
    } else {
      (call.dialogTokens ??= new Map()).set(toTag, a);
      call.tokens = { ...call.tokens, ...others };
    }
    return Promise.resolve();
  }

  list(limit: number, offset = 0): Promise<{ callIds: readonly string[]; total: number }> {
    const running = [...this.#state.calls].filter(([, call]) => isRunning(call)).reverse();
    const callIds = running.slice(offset, offset + limit).map(([callId]) => callId);
    return Promise.resolve({ callIds, total: running.length });
  }

  get(callId: string): Promise<StoredCall | undefined> {
    const call = this.#call(callId);
    const isThere = call !== undefined && isRunning(call);
    return Promise.resolve(isThere ? stored(callId, call) : undefined);
  }

  ended(callIds: readonly string[]): Promise<readonly string[]> {
    return Promise.resolve(callIds.filter((callId) => (this.#call(callId)?.endedMs ?? 0) !== 0));
  }

  claimDue(limit: number, forMs: number): Promise<readonly CallEventMessage[]> {
    return Promise.resolve(this.#outbox.claimDue(limit, forMs));
  }

  amend(eventId: string, fields: Buffer): Promise<boolean> {
    return Promise.resolve(this.#outbox.amend(eventId, fields));
  }

  settle(eventIds: readonly string[]): Promise<void> {
    this.#outbox.settle(eventIds);
    return Promise.resolve();
  }

  outbox(): ReturnType<CallStore['outbox']> {
    return Promise.resolve(this.#outbox.state());
  }

  takeDue(owner: string, limit: number, forMs: number): Promise<readonly DueCall[]> {
    this.#expire();
    return this.#sessions.takeDue(owner, limit, forMs);
  }

  handled(callId: string, owner: string): Promise<void> {
    const call = this.#call(callId);
    if (call?.hangUp !== undefined) this.#keep(callId, call, ENDED_MS);
    return this.#sessions.handled(callId, owner);
  }

  hungUp(callIds: readonly string[]): Promise<void> {
    for (const callId of callIds) {
      const call = this.#call(callId);
      if (call?.hangUp !== undefined) this.#keep(callId, call, ENDED_MS);
    }
    return this.#sessions.hungUp(callIds);
  }

  refresh(callId: string, interval?: number | 'none'): Promise<void> {
    return this.#sessions.refresh(callId, interval);
  }

  prove(...asked: Parameters<SessionStore['prove']>): Promise<void> {
    return this.#sessions.prove(...asked);
  }

  repeated(callId: string): Promise<void> {
    return this.#sessions.repeated(callId);
  }

  unacknowledged(): Promise<readonly string[]> {
    return this.#sessions.unacknowledged();
  }

  number(callId: string, side: 'a' | 'b', cseq?: number): Promise<number> {
    return this.#sessions.number(callId, side, cseq);
  }

  place(asked: PlaceAsked): Promise<PlacedRequest | undefined> {
    return this.#sessions.place(asked);
  }

  challengeFacts(callId: string, cseq: number): Promise<ChallengeFacts> {
    this.#expire();
    return this.#challenges.challengeFacts(callId, cseq);
  }

  answerChallenge(write: ChallengeWrite): ReturnType<ChallengeStore['answerChallenge']> {
    this.#expire();
    return this.#challenges.answerChallenge(write);
  }

  note(callId: string, note: CallNote): Promise<boolean> {
    this.#expire();
    return this.#challenges.note(callId, note);
  }

  keepOffer(callId: string, exchange: string, offer: KeptOffer): Promise<KeptOffer> {
    return this.#offers.keepOffer(callId, exchange, offer);
  }

  keptOffer(callId: string, exchange: string): Promise<KeptOffer | undefined> {
    return this.#offers.keptOffer(callId, exchange);
  }

  reconcile(): Promise<number> {
    this.#expire();
    return this.#sessions.reconcile();
  }

  /** A claim with who has the call now: it may have been adopted since. */
  #currentClaim({ callId, owner }: { readonly callId: string; readonly owner: string }): Claim {
    const call = this.#call(callId);
    const current = call === undefined || call.owner === '' ? owner : call.owner;
    return { callId, owner: current, isNew: false };
  }

  #endCall(call: MemoryCall, write: EndWrite, facts: Buffer): WriteResult {
    const { callId, ending, hangUp } = write;
    const now = this.#state.clock.now();
    const { aliveMs = 0, longestMs = 0 } = call.session ?? {};
    const limitMs = write.endsAt === 'limit' ? longestMs : 0;
    call.endedMs = now;
    call.event = undefined;
    call.session = undefined;
    if (write.record !== undefined) call.record = write.record;
    if (write.isWindingUp !== true && call.answeredMs === 0) call.isRinging = false;
    this.#keepRecord(call, ENDED_MS);
    if (hangUp === undefined) {
      this.#keep(callId, call, ENDED_MS);
    } else {
      const { reason, only, forMs } = hangUp;
      call.hangUp = { reason, only, dueMs: now + forMs };
      this.#keep(callId, call, HANG_UP_MS);
    }
    const { answeredMs } = call;
    const overMs = limitMs > 0 ? Math.min(limitMs, now) : now;
    const { money } = this.#state.lines;
    const isSpent = answeredMs !== 0 && call.isSliced;
    const endedMs = isSpent ? money.spend(callId, answeredMs, overMs) : overMs;
    const times = { answeredMs, endedMs, aliveMs };
    const notes = call.answeredMs === 0 ? (call.notes ?? none) : none;
    const whole = { ...ending, bytes: Buffer.concat([facts, notes, ending.bytes]) };
    this.#outbox.file(whole, times, write.keptBackMs);
    return { kind: 'first', event: { ...whole, bytes: timedEvent(whole.bytes, times) } };
  }

  #adoptResult(call: MemoryCall, owner: string): AdoptResult {
    const { pods } = this.#state;
    const { record, tokens } = call;
    const isEnded = call.endedMs !== 0;
    if (call.answeredMs !== 0 && !isEnded) {
      return {
        kind: 'answered',
        record,
        tokens: { a: tokens.a ?? none, b: tokens.b ?? none },
      };
    }
    if (isEnded && (call.answeredMs !== 0 || !call.isRinging)) return endedResult(call);
    if (call.owner !== owner) {
      const mayBeAlive = pods.isAlive(call.owner) || !pods.isAlive(owner);
      const isHeld = mayBeAlive && !pods.isDraining(call.owner);
      if (isHeld) return { kind: 'owned', owner: call.owner };
      // Its pod is gone, and its record has had its time: nobody is to wind it up any more.
      if (isEnded && record === undefined) return endedResult(call);
    }
    if (record === undefined) return { kind: 'unknown' };
    call.owner = owner;
    call.isRinging = true;
    return { kind: 'adopted', record, isEnded };
  }

  #call(callId: string): MemoryCall | undefined {
    this.#expire();
    return this.#state.calls.get(callId);
  }

  #entry(callId: string, owner: string): MemoryCall {
    let call = this.#call(callId);
    if (call === undefined) {
      call = newMemoryCall(owner);
      this.#state.calls.set(callId, call);
    }
    return call;
  }

  /** Keeps a call for so long from now, whatever was said before. */
  #keep(callId: string, call: MemoryCall, ms: typeof ENDED_MS | typeof HANG_UP_MS): void {
    const { calls, clock } = this.#state;
    const { ends, hangUps } = this.#expiries;
    call.untilMs = clock.now() + ms;
    this.#forgetAfter(ms === ENDED_MS ? ends : hangUps, ms, () => {
      // A call that came back under its id is another one.
      if (call.untilMs <= clock.now() && calls.get(callId) === call) calls.delete(callId);
    });
  }

  #keepOver(callId: string): void {
    const { clock } = this.#state;
    this.#over.set(callId, clock.now() + ENDED_MS);
    this.#forgetAfter(this.#expiries.ends, ENDED_MS, () => {
      if ((this.#over.get(callId) ?? 0) <= clock.now()) this.#over.delete(callId);
    });
  }

  #keepRecord(call: MemoryCall, ms: typeof ENDED_MS): void {
    const { clock } = this.#state;
    call.recordUntilMs = clock.now() + ms;
    this.#forgetAfter(this.#expiries.records, ms, () => {
      if (call.recordUntilMs <= clock.now()) call.record = undefined;
    });
  }

  #forgetAfter(queue: Expiry[], ms: number, forget: () => void): void {
    queue.push({ atMs: this.#state.clock.now() + ms, forget });
  }

  #expire(): void {
    const now = this.#state.clock.now();
    for (const queue of Object.values(this.#expiries)) {
      let expired = 0;
      while ((queue[expired]?.atMs ?? Infinity) <= now) {
        queue[expired]?.forget();
        expired += 1;
      }
      if (expired > 0) queue.splice(0, expired);
    }
  }
}

interface Expiry {
  readonly atMs: number;
  readonly forget: () => void;
}

/** A call that ended without a record was never anybody's. */
function isOthers(call: MemoryCall, owner: string): boolean {
  return call.owner !== '' && call.owner !== owner;
}

/** What an end says of the dialog that was answered. */
function answeredIn(call: MemoryCall | undefined): {
  readonly toTag?: string;
  readonly isRenumbered?: boolean;
} {
  const { toTag = '' } = call?.dialog ?? {};
  return {
    ...(toTag === '' ? {} : { toTag }),
    ...((call?.numbers.b.highest ?? 0) > 0 ? { isRenumbered: true } : {}),
  };
}

/** An end in another dialog than the one that was answered. */
function isInOther(call: MemoryCall | undefined, { inDialog }: EndWrite): boolean {
  if (call?.dialog === undefined || inDialog === undefined) return false;
  const answered = inDialog.from === 'a' ? call.dialog.toTag : call.dialog.farTag;
  const { farOrToTag } = inDialog;
  return farOrToTag !== '' && answered !== '' && farOrToTag !== answered;
}

function endedResult({ owner, record, answeredMs }: MemoryCall): AdoptResult {
  return { kind: 'ended', owner, record, wasAnswered: answeredMs !== 0 };
}

/** A call that is claimed alone is not one yet. */
function isRunning(call: MemoryCall): boolean {
  return call.endedMs === 0 && call.isRecorded;
}

function stored(callId: string, call: MemoryCall): StoredCall {
  const { owner, answeredMs, event, record, session } = call;
  const times: EventTimes = { answeredMs, endedMs: 0, aliveMs: session?.aliveMs ?? 0 };
  return {
    callId,
    owner,
    record: answeredMs === 0 ? record : undefined,
    event: event === undefined ? undefined : decodeCallEvent(timedEvent(event, times)),
  };
}
