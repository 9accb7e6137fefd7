import type { MemoryLines, MoneyEnd } from '@tandem/limits';
import type {
  AnsweredChallenge,
  AnsweredDialog,
  Clock,
  SessionTerms,
  StoredTokens,
} from '../ports.ts';
import type { Liveness } from './memory-pod-registry.ts';

/** When something is due for an answered call; moments in ms, 0 = never. */
export interface MemorySession {
  kind: SessionTerms['kind'];
  intervalMs: number;
  expiryMs: number;
  probeMs: number;
  longestMs: number;
  interimMs: number;
  /** Number of interim events. */
  interims: number;
  aliveMs: number;
  /** When a sweep looks at it next. */
  dueMs: number;
}

/** A call as it stands in memory. */
export interface MemoryCall {
  owner: string;
  record: Buffer | undefined;
  /** When its record is gone, and when all of it is; Infinity while it goes on. */
  recordUntilMs: number;
  untilMs: number;
  /** Set once its record was written; a claim that was taken over sets the owner alone. */
  isRecorded: boolean;
  /** Among its owner's, that is ringing or being wound up. */
  isRinging: boolean;
  lines: readonly string[];
  event: Buffer | undefined;
  answeredMs: number;
  endedMs: number;
  tokens: Partial<StoredTokens>;
  /** The caller's tokens of dialogs besides the first, by the tag that it sees. */
  dialogTokens: Map<string, Buffer> | undefined;
  /** In which of the dialogs that callees opened it was answered. */
  dialog: AnsweredDialog | undefined;
  session: MemorySession | undefined;
  /** Its money was reserved when it was answered (BILL-05). */
  isSliced: boolean;
  /** Why money ends it, once it does. */
  money: MoneyEnd | undefined;
  /** BYEs of the switch that are not answered yet, once the call has ended. */
  hangUp:
    { readonly reason: string; readonly only: 'a' | 'b' | undefined; dueMs: number } | undefined;
  /** Whether the ACK of its answer is awaited, and since when; undefined while the answer is not repeated. */
  ack: { state: 'awaited' | 'never' | 'seen'; readonly sinceMs: number } | undefined;
  /** The pods that have taken what was due and have not said that it is done. */
  readonly handlers: Set<string>;
  /** By side: the highest number in the dialog, and what numbers received became. */
  readonly numbers: Record<'a' | 'b', DialogCount>;
  /** Sealed; undefined where the gateway has none. */
  credentials: string | undefined;
  /** By the numbers that the challenged requests came with. */
  readonly challenged: Map<number, AnsweredChallenge>;
  /** Decisions that were taken before the call had an event. */
  notes: Buffer | undefined;
}

/** The numbers of a dialog. */
export interface DialogCount {
  /** 0 while nobody counts. */
  highest: number;
  /** What numbers received became, the oldest first. */
  readonly given: Map<number, number>;
}

/** What both sides of the store in memory work on. */
export interface MemoryState {
  readonly clock: Clock;
  readonly lines: MemoryLines;
  readonly pods: Liveness;
  readonly calls: Map<string, MemoryCall>;
  /** By event id, in the order in which they were filed. Without bytes: an interim event, made from its call. */
  readonly outbox: Map<string, OutboxEntry>;
}

interface OutboxEntry {
  readonly callId: string;
  /** Times and event as in Redis, joined; undefined for an interim event. */
  readonly payload: Buffer | undefined;
  readonly filedMs: number;
  takenUntilMs: number;
}

const INTERIM_MS = 300_000;
const MARGIN_MS = 60_000;

export function newMemoryCall(owner: string): MemoryCall {
  return {
    owner,
    record: undefined,
    recordUntilMs: Infinity,
    untilMs: Infinity,
    isRecorded: false,
    isRinging: false,
    lines: [],
    event: undefined,
    answeredMs: 0,
    endedMs: 0,
    tokens: {},
    dialogTokens: undefined,
    dialog: undefined,
    session: undefined,
    isSliced: false,
    money: undefined,
    hangUp: undefined,
    ack: undefined,
    handlers: new Set(),
    numbers: {
      a: { highest: 0, given: new Map() },
      b: { highest: 0, given: new Map() },
    },
    credentials: undefined,
    challenged: new Map(),
    notes: undefined,
  };
}

export function beginSession(terms: SessionTerms, nowMs: number): MemorySession {
  const { kind, intervalMs, longestMs } = terms;
  const session: MemorySession = {
    kind,
    intervalMs,
    expiryMs: kind === 'endpoints' ? nowMs + intervalMs : 0,
    probeMs: kind === 'probes' ? nowMs + intervalMs : 0,
    longestMs: longestMs > 0 ? nowMs + longestMs : 0,
    interimMs: nowMs + INTERIM_MS,
    interims: 0,
    aliveMs: nowMs,
    dueMs: 0,
  };
  session.dueMs = nextDue(session);
  return session;
}

/** A refresh has passed, or a probe was answered. */
export function refreshSession(
  session: MemorySession,
  interval: number | 'none',
  nowMs: number,
): void {
  session.aliveMs = nowMs;
  const intervalMs = interval === 'none' ? 0 : interval;
  if (interval === 'none' && session.kind === 'endpoints') {
    session.kind = 'none';
    session.expiryMs = 0;
  }
  if (intervalMs > 0) {
    session.intervalMs = intervalMs;
    // A session that nobody kept so far: the endpoints have agreed on it now.
    if (session.kind === 'none') session.kind = 'endpoints';
  }
  if (session.kind === 'endpoints') session.expiryMs = nowMs + session.intervalMs;
  if (session.kind === 'probes') session.probeMs = nowMs + session.intervalMs;
  session.dueMs = nextDue(session);
}

/** The next interim event is a whole interval away: what was missed while no pod lived is not made up for. */
export function countInterim(session: MemorySession, nowMs: number): number {
  session.interims += 1;
  session.interimMs = nowMs + INTERIM_MS;
  return session.interims;
}

/** When something is due for it next. */
export function nextDue(session: MemorySession): number {
  const moments = [session.interimMs, session.expiryMs, session.probeMs, session.longestMs];
  return Math.min(...moments.filter((moment) => moment > 0));
}

/** For how long the lines are held without a further sign of life: nothing leaks for longer (ROUTE-05). */
export function leaseMsOf(session: MemorySession, nowMs: number): number {
  const ending = session.expiryMs || session.probeMs || session.interimMs;
  return ending + MARGIN_MS - nowMs;
}

/** How long the lines are held while a probe is under way. */
export function probeLeaseMs(forMs: number): number {
  return forMs + MARGIN_MS;
}

/** Mappings of numbers that a side of a call keeps. */
const NUMBERS_KEPT = 8;

/** Has a number received stand for the one that is sent; 0: it is the switch's own. */
export function giveNumber(count: DialogCount, received: number, sent: number): void {
  count.highest = sent;
  if (received === 0) return;
  count.given.delete(received);
  count.given.set(received, sent);
  const [oldest] = count.given.keys();
  if (count.given.size > NUMBERS_KEPT && oldest !== undefined) count.given.delete(oldest);
}

/** The number that a request has in a dialog: as it was given before, else the next that is free for it. */
export function numberIn(count: DialogCount, received: number): number {
  const known = count.given.get(received);
  if (known !== undefined) return known;
  const number = received > count.highest ? received : count.highest + 1;
  giveNumber(count, received, number);
  return number;
}
