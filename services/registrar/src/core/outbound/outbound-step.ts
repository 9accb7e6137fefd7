import type { OutboundAnswer, OutboundLast, OutboundSettings } from '@tandem/proto/outbound';
import { CSEQS_A_TURN, isBound, isSameBinding, isSameSettings } from './outbound.ts';
import type { Outbound, OutboundState, OutboundTask } from './outbound.ts';

/** What happens to a registration with a carrier. */
export type OutboundInput =
  /** The configuration of this version has it so. */
  | {
      readonly kind: 'configured';
      readonly settings: OutboundSettings;
      readonly version: number;
      /** For one that begins: nobody has had it before. */
      readonly newCallId: string;
    }
  /** The configuration of this version has it not. */
  | { readonly kind: 'removed'; readonly version: number }
  /** A pod asks for it, and it is due. */
  | { readonly kind: 'take'; readonly edge: string }
  /** The registrar has given its final answer. */
  | {
      readonly kind: 'answered';
      readonly answer: OutboundAnswer;
      readonly cseq: number;
      /** In [0, 1). */
      readonly random: number;
      readonly newCallId: string;
    }
  /** There was none, for this reason. */
  | {
      readonly kind: 'failed';
      readonly cause: string;
      readonly cseq: number;
      readonly newCallId: string;
    }
  /** What it was registered over is closed. */
  | { readonly kind: 'flow-lost' }
  /** The pod that has it stops. */
  | { readonly kind: 'left'; readonly hasOthers: boolean }
  /** An operator does not want to wait. */
  | { readonly kind: 'retry' };

/** REG-08: another version may not have come to all pods yet; what is older than this is not of a pod that lags. */
const VERSIONS_MS = 10_000;
/** A carrier that does not say (RFC 3261 §10.2.1.1 leaves it to the registrar). */
const USUAL_SECONDS = 3600;
const LONGEST_REST_SECONDS = 3600;
/** A registrar that wants more each time is refused (RFC 3261 §10.2.8). */
const MOST_BRIEF = 3;

/**
 * What becomes of a registration, as of RFC 3261 §10.2 and REG-08. Sans I/O: whoever drives it compares and sets the result.
 * @returns undefined where nothing is left of it; the same object where nothing changes
 */
export function step(
  before: Outbound | undefined,
  input: OutboundInput,
  nowMs: number,
): Outbound | undefined {
  if (input.kind === 'configured') {
    return before === undefined ? begun(input, nowMs) : configured(before, input, nowMs);
  }
  if (before === undefined) return undefined;
  switch (input.kind) {
    case 'removed':
      return removed(before, input.version, nowMs);
    case 'take':
      return taken(before, input.edge, nowMs);
    case 'answered':
      return answered(before, input, nowMs);
    case 'failed': {
      const last = { code: 0, reason: input.cause, text: '', atMs: nowMs, source: '' };
      return failed(sent(before, input.cseq, last), 'unreachable', { ...input, nowMs });
    }
    case 'flow-lost':
      return flowLost(before, nowMs);
    case 'left':
      return left(before, input.hasOthers, nowMs);
    case 'retry':
      return before.doing === undefined ? { ...before, nextMs: nowMs } : before;
  }
}

/** What a pod that has taken it is to do. */
export function taskOf(outbound: Outbound, nowMs: number): OutboundTask | undefined {
  if (outbound.state === 'unregistering')
    return isBound(outbound, nowMs) ? 'unregister' : undefined;
  return outbound.isToClear ? 'clear' : 'register';
}

/** Seconds that are asked for; 0: the carrier says. */
export function secondsAsked({ minExpires, settings }: Outbound): number {
  return settings.expires === 0 && minExpires === 0 ? 0 : Math.max(settings.expires, minExpires);
}

interface Begun {
  readonly settings: OutboundSettings;
  readonly version: number;
  readonly newCallId: string;
}

function begun({ settings, version, newCallId }: Begun, nowMs: number): Outbound {
  return {
    settings,
    successor: undefined,
    isRemoved: false,
    version,
    versionMs: nowMs,
    state: 'registering',
    sinceMs: nowMs,
    doing: undefined,
    turn: 0,
    edge: '',
    isHeld: false,
    nextMs: nowMs,
    expiresMs: 0,
    sipCallId: newCallId,
    cseq: 0,
    failures: 0,
    last: undefined,
    contact: '',
    serviceRoute: [],
    isConnection: false,
    minExpires: 0,
    isToClear: settings.clearsFirst,
  };
}

function configured(before: Outbound, input: Begun, nowMs: number): Outbound {
  const { settings, version } = input;
  if (isOfLaterVersion(before, version, nowMs)) return before;
  const isKnown = isSameSettings(settings, before.successor ?? before.settings);
  if (isKnown && version === before.version && !before.isRemoved) return before;
  const base = { ...before, version, versionMs: nowMs, isRemoved: false };
  if (isKnown && !before.isRemoved) return base;
  const isLeaving = before.state === 'unregistering';
  if (isSameBinding(settings, before.settings) && !(isLeaving && before.doing !== undefined)) {
    return resettled(base, settings, nowMs);
  }
  if (isBound(before, nowMs) || before.doing !== undefined) {
    return soon(stated({ ...base, successor: settings }, 'unregistering', nowMs), nowMs);
  }
  return succeeded({ ...base, successor: settings }, input.newCallId, nowMs);
}

/** The same binding by other terms, or one that was to end and is not any more. */
function resettled(base: Outbound, settings: OutboundSettings, nowMs: number): Outbound {
  const { state } = base;
  const isOver = state === 'unregistering';
  const isUrgent =
    isOver ||
    state !== 'registered' ||
    settings.expires !== base.settings.expires ||
    settings.username !== base.settings.username;
  const next = { ...base, settings, successor: undefined, minExpires: 0 };
  const stays = isOver ? stated(next, 'registering', nowMs) : next;
  return isUrgent ? soon(stays, nowMs) : stays;
}

function removed(before: Outbound, version: number, nowMs: number): Outbound | undefined {
  if (before.isRemoved || isOfLaterVersion(before, version, nowMs)) return before;
  const base = { ...before, version, versionMs: nowMs, isRemoved: true, successor: undefined };
  if (!isBound(before, nowMs) && before.doing === undefined) return undefined;
  return soon(stated(base, 'unregistering', nowMs), nowMs);
}

/** A pod that has not seen the last change yet must not undo it. */
function isOfLaterVersion(outbound: Outbound, version: number, nowMs: number): boolean {
  return outbound.version > version && nowMs - outbound.versionMs < VERSIONS_MS;
}

function taken(before: Outbound, edge: string, nowMs: number): Outbound | undefined {
  const doing = taskOf(before, nowMs);
  // Its time is over: there is nothing to be removed.
  if (doing === undefined) return ended(before, before.sipCallId, nowMs);
  // A refresh leaves it registered; whoever finds it with a pod that is gone does not know.
  const isRefresh = doing === 'unregister' || before.state === 'registered';
  const base = isRefresh ? before : stated(before, 'registering', nowMs);
  return {
    ...base,
    doing,
    edge,
    isHeld: true,
    turn: before.turn + 1,
    nextMs: 0,
    cseq: before.cseq + CSEQS_A_TURN,
  };
}

/** What was sent is known now, and so are the numbers that were not used. */
function sent(before: Outbound, cseq: number, last: OutboundLast): Outbound {
  const first = before.cseq - CSEQS_A_TURN;
  return { ...before, cseq: Math.min(Math.max(cseq, first), before.cseq), last };
}

interface Answered {
  readonly answer: OutboundAnswer;
  readonly cseq: number;
  readonly random: number;
  readonly newCallId: string;
}

function answered(before: Outbound, input: Answered, nowMs: number): Outbound | undefined {
  const { answer, cseq, newCallId } = input;
  const { code, reason, source, text } = answer;
  const base = sent(before, cseq, { code, reason, text, source, atMs: nowMs });
  if (before.doing === 'unregister') return ended(base, newCallId, nowMs);
  if (before.doing === 'clear') {
    // Whoever refuses that says the same of the next one.
    return { ...released(base), isToClear: false, nextMs: nowMs };
  }
  if (code >= 200 && code < 300) return bound(base, input, nowMs);
  const { minExpires } = answer;
  if (code === 423 && minExpires > secondsAsked(base) && base.failures < MOST_BRIEF) {
    return { ...released(base), minExpires, failures: base.failures + 1, nextMs: nowMs };
  }
  return failed(base, 'refused', { newCallId, nowMs, restSeconds: answer.retryAfter });
}

function bound(
  base: Outbound,
  { answer, newCallId, random }: Answered,
  nowMs: number,
): Outbound | undefined {
  const asked = secondsAsked(base);
  const seconds = answer.expires ?? (asked === 0 ? USUAL_SECONDS : asked);
  if (seconds === 0) {
    const { last } = base;
    const text = 'it has not bound our contact';
    const said = { ...base, last: last && { ...last, text } };
    return failed(said, 'refused', { newCallId, nowMs });
  }
  const { contact, isConnection, serviceRoute } = answer;
  const now = base.state === 'unregistering' ? base : stated(base, 'registered', nowMs);
  return {
    ...now,
    doing: undefined,
    expiresMs: nowMs + seconds * 1000,
    // At 70 to 80 %: there is time for another pod, and for a repetition that the network has to have.
    nextMs:
      base.state === 'unregistering' ? nowMs : nowMs + Math.round(seconds * (700 + 100 * random)),
    failures: 0,
    contact,
    serviceRoute,
    isConnection,
  };
}

function failed(
  base: Outbound,
  state: OutboundState,
  about: { readonly newCallId: string; readonly nowMs: number; readonly restSeconds?: number },
): Outbound | undefined {
  const { newCallId, nowMs, restSeconds = 0 } = about;
  if (base.state === 'unregistering') return ended(base, newCallId, nowMs);
  const seconds = Math.max(base.settings.retrySeconds, Math.min(restSeconds, LONGEST_REST_SECONDS));
  return {
    ...stated(released(base), state, nowMs),
    failures: base.failures + 1,
    nextMs: nowMs + seconds * 1000,
  };
}

/** The carrier has it no more: what comes after it begins. */
function ended(base: Outbound, newCallId: string, nowMs: number): Outbound | undefined {
  if (base.isRemoved) return undefined;
  const free = { ...released(base), expiresMs: 0, contact: '', serviceRoute: [] };
  if (base.successor !== undefined) return succeeded(free, newCallId, nowMs);
  // The last pod has stopped: the next one registers.
  return { ...stated(free, 'unregistered', nowMs), nextMs: nowMs };
}

function succeeded(base: Outbound, newCallId: string, nowMs: number): Outbound {
  const settings = base.successor ?? base.settings;
  const { turn, version, edge } = base;
  return { ...begun({ settings, version, newCallId }, nowMs), turn, edge, isToClear: false };
}

function flowLost(before: Outbound, nowMs: number): Outbound {
  if (before.doing !== undefined) return before;
  const reason = 'the connection was closed';
  const last = { code: 0, reason, text: '', atMs: nowMs, source: before.last?.source ?? '' };
  const base = before.state === 'registered' ? stated(before, 'registering', nowMs) : before;
  return { ...released(base), last, nextMs: nowMs };
}

function left(before: Outbound, hasOthers: boolean, nowMs: number): Outbound {
  if (!hasOthers && before.state === 'registered' && isBound(before, nowMs)) {
    return soon(stated({ ...before, doing: undefined }, 'unregistering', nowMs), nowMs);
  }
  const isCut = before.doing !== undefined || before.isConnection;
  return { ...released(before), nextMs: isCut ? nowMs : before.nextMs };
}

/** Nobody has it, and nothing is under way. */
function released(outbound: Outbound): Outbound {
  return { ...outbound, doing: undefined, isHeld: false, isConnection: false };
}

function soon(outbound: Outbound, nowMs: number): Outbound {
  return outbound.doing === undefined ? { ...outbound, nextMs: nowMs } : outbound;
}

function stated(outbound: Outbound, state: OutboundState, nowMs: number): Outbound {
  return outbound.state === state ? outbound : { ...outbound, state, sinceMs: nowMs };
}
