import type { NextCandidateReply } from '@tandem/proto/edge-replies';
import { Attempt } from '@tandem/proto/events';
import type { Candidate } from '@tandem/proto/routing';
import type { SipResponse } from '@tandem/sip';
import { attemptFailed, attemptTimedOut, carrierRefused, noteFaults } from './attempt-failure.ts';
import { refused } from './call-endings.ts';
import { MOST_SEQUENCES } from '../marks/call-mark.ts';
import { cancelsDue, finish, giveUp, stopTimer } from './call-outcomes.ts';
import type {
  CallAttempt,
  CallEffect,
  CallInput,
  CallState,
  CallSurroundings,
  Failure,
  ProvisionalTimer,
} from './call-state.ts';
import { timerAfter, timerMs } from './provisional-timers.ts';

/** The next INVITE, whose record comes first. */
export function startAttempt(
  call: CallState,
  candidate: Candidate,
  around: CallSurroundings,
  addressIndex = 0,
): CallEffect[] {
  if (call.isCancelled) return giveUp(call, around);
  call.attempts.push({
    candidate,
    attempt: Attempt.fromPartial({
      gateway: candidate.gateway,
      account: candidate.account,
      address: candidate.addresses[addressIndex] ?? '',
      startedMs: around.nowMs,
    }),
    sequence: (call.sequence += 1),
    branch: '',
    challenges: 0,
    hasProvisional: false,
    hasFinal: false,
    isCancelDue: false,
    isCancelSent: false,
    isAdopted: false,
    authorization: undefined,
    cseqOffset: 0,
  });
  call.phase = 'recording';
  return [{ kind: 'record' }];
}

/** The record is written: what it stands for may happen. */
export function recorded(call: CallState, around: CallSurroundings): CallEffect[] {
  const attempt = call.attempts.at(-1);
  if (attempt === undefined) return [];
  if (call.isCancelled) return giveUp(call, around);
  if (call.phase === 'parting') {
    call.phase = 'switching';
    return [...cancelsDue(call), switchFrom(call, attempt)];
  }
  call.phase = 'calling';
  const effects: CallEffect[] = call.isTryingSent ? [] : [{ kind: 'trying' }];
  call.isTryingSent = true;
  effects.push({ kind: 'invite', attempt });
  return effects;
}

/** The question to routing after an attempt has failed. */
export function switchFrom(call: CallState, failed: CallAttempt): CallEffect {
  const rest = call.candidates.slice(call.nextCandidate);
  return {
    kind: 'switch',
    failedGateway: failed.candidate.gateway,
    gateways: rest.map((candidate) => candidate.gateway),
  };
}

/** A carrier has answered one of the INVITEs. */
export function responded(
  call: CallState,
  input: Extract<CallInput, { kind: 'response' }>,
  around: CallSurroundings,
): CallEffect[] {
  const current = call.attempts.at(-1);
  if (call.phase !== 'calling' || current?.sequence !== input.sequence) {
    return lateResponse(call, input.sequence, input.response);
  }
  const { faults, status } = input.response;
  // Once is enough of what rings and rings.
  if (faults.length > 0 && (status >= 200 || !current.hasProvisional)) {
    noteFaults(call, current, input.response, around.nowMs);
  }
  current.hasFinal = status >= 200;
  if (status < 200) return provisional(call, current, { ...input, around });
  if (status < 300) return accepted(call, current, input.response, around);
  if (status === 401 || status === 407)
    return carrierChallenged(call, current, input.response, around);
  return failAttempt(
    call,
    current,
    attemptFailed(call, current, input.response, around.nowMs),
    around,
  );
}

/** A carrier that answers after we gave up on it: provisional gets CANCEL, 2xx gets ACK and BYE (edge.md §4.4). */
function lateResponse(call: CallState, sequence: number, response: SipResponse): CallEffect[] {
  const late = call.attempts.find((attempt) => attempt.sequence === sequence);
  const isLast = late === call.attempts.at(-1);
  if (late === undefined) return [];
  if (isLast && (call.phase === 'answering' || call.phase === 'answered')) return [];
  // That it is given up is not stored yet, and may turn out to be another pod's to decide.
  const isDecided = call.phase !== 'ending' && !(isLast && call.phase === 'parting');
  if (response.status >= 300) {
    late.hasFinal = true;
    return [];
  }
  if (response.status >= 200) {
    // RFC 3261 §13.3.1.4: the carrier repeats it until it has its ACK.
    if (!isDecided) return [];
    late.hasFinal = true;
    return [{ kind: 'hang-up', sequence, response }];
  }
  if (late.isCancelSent || (call.phase === 'calling' && isLast)) return [];
  late.hasProvisional = true;
  late.isCancelDue = true;
  return isDecided ? cancelsDue(call) : [];
}

function provisional(
  call: CallState,
  current: CallAttempt,
  input: {
    readonly response: SipResponse;
    readonly hasSdp: boolean;
    readonly around: CallSurroundings;
  },
): CallEffect[] {
  const { status } = input.response;
  current.hasProvisional = true;
  const effects: CallEffect[] = [];
  const timer = timerAfter(status, input.hasSdp);
  if (timer !== call.provisionalTimer && (status !== 100 || call.provisionalTimer === undefined)) {
    const ms = timerLeft(current, timer, input);
    call.provisionalTimer = timer;
    call.timerDueMs = input.around.nowMs + ms;
    effects.push({ kind: 'start-timer', name: timer, ms });
  }
  if (status === 100) return effects;
  current.isAdopted = false;
  if (status === 180 && call.ringingMs === 0) call.ringingMs = input.around.nowMs;
  if (input.hasSdp) call.hasEarlyMedia = true;
  effects.push({ kind: 'relay', attempt: current, response: input.response });
  return effects;
}

/**
 * How long a provisional response lets the attempt go on. That of an attempt which a pod that died began counts from the
 * attempt's start: when the callee began to ring is not in the record. A 100 says nothing of that.
 */
function timerLeft(
  current: CallAttempt,
  timer: ProvisionalTimer,
  { response, around }: { readonly response: SipResponse; readonly around: CallSurroundings },
): number {
  const ms = timerMs(current.candidate, timer);
  if (!current.isAdopted || response.status === 100) return ms;
  return Math.max(0, current.attempt.startedMs + ms - around.nowMs);
}

function accepted(
  call: CallState,
  current: CallAttempt,
  response: SipResponse,
  around: CallSurroundings,
): CallEffect[] {
  call.phase = 'answering';
  current.attempt.code = response.status;
  current.attempt.endedMs = around.nowMs;
  return [{ kind: 'stop-timer' }, { kind: 'store-answer', attempt: current, response }];
}

/** AUTH-11: answered once per challenge; again only when the nonce was stale; a second refusal fails the gateway. */
function carrierChallenged(
  call: CallState,
  current: CallAttempt,
  response: SipResponse,
  around: CallSurroundings,
): CallEffect[] {
  const authorization =
    call.sequence < MOST_SEQUENCES ? around.authorize(response, current) : undefined;
  if (authorization === undefined) {
    return failAttempt(
      call,
      current,
      carrierRefused(call, current, response, around.nowMs),
      around,
    );
  }
  current.challenges += 1;
  current.authorization = authorization;
  current.cseqOffset += 1;
  current.sequence = call.sequence += 1;
  current.branch = '';
  current.hasProvisional = false;
  current.hasFinal = false;
  stopTimer(call);
  call.phase = 'recording';
  return [{ kind: 'stop-timer' }, { kind: 'record' }];
}

/** The carrier sent nothing at all within the INVITE timeout, or its address cannot be reached. */
export function unanswered(
  call: CallState,
  sequence: number,
  failure: 'timeout' | 'transport-error',
  around: CallSurroundings,
): CallEffect[] {
  const current = call.attempts.at(-1);
  if (call.phase !== 'calling' || current?.sequence !== sequence) return [];
  const cause = failure === 'timeout' ? 'invite' : 'transport-error';
  const next = current.candidate.addresses.indexOf(current.attempt.address) + 1;
  if (next > 0 && next < current.candidate.addresses.length && call.sequence < MOST_SEQUENCES) {
    return nextAddress(call, current, { cause, next, around });
  }
  return failAttempt(call, current, attemptTimedOut(call, current, cause, around.nowMs), around);
}

/** A gateway with several addresses is reached by the next one before another gateway is tried (ROUTE-02). */
function nextAddress(
  call: CallState,
  current: CallAttempt,
  parts: {
    readonly cause: 'invite' | 'transport-error';
    readonly next: number;
    readonly around: CallSurroundings;
  },
): CallEffect[] {
  const { around, cause, next } = parts;
  endAttempt(call, current, attemptTimedOut(call, current, cause, around.nowMs), around);
  return startAttempt(call, current.candidate, around, next);
}

/** The carrier has kept silent for too long after a provisional response (CALL-03). */
export function timerFired(
  call: CallState,
  name: ProvisionalTimer,
  around: CallSurroundings,
): CallEffect[] {
  const current = call.attempts.at(-1);
  if (call.phase !== 'calling' || current === undefined || call.provisionalTimer !== name)
    return [];
  // It is told once the failure is stored: a pod that was paused must not cancel what another one goes on with.
  current.isCancelDue = true;
  return failAttempt(call, current, attemptTimedOut(call, current, name, around.nowMs), around);
}

/**
 * ROUTE-06: on to the next candidate, or the end. That this attempt is over is stored first: a pod that takes over must
 * not ring a carrier again that has refused, or was given up.
 */
function failAttempt(
  call: CallState,
  current: CallAttempt,
  failure: Failure,
  around: CallSurroundings,
): CallEffect[] {
  endAttempt(call, current, failure, around);
  if (call.nextCandidate >= call.candidates.length || !maySwitch(call, current, failure)) {
    return [{ kind: 'stop-timer' }, ...finish(call, failure)];
  }
  call.phase = 'parting';
  return [{ kind: 'stop-timer' }, { kind: 'record' }];
}

function endAttempt(
  call: CallState,
  current: CallAttempt,
  failure: Failure,
  around: CallSurroundings,
): void {
  current.attempt.endedMs = around.nowMs;
  current.attempt.code = failure.code;
  current.attempt.reason = failure.reason;
  current.attempt.text = failure.text;
  call.failure = failure;
  stopTimer(call);
}

function maySwitch(call: CallState, current: CallAttempt, failure: Failure): boolean {
  if (!current.candidate.switchUntilConnect) return false;
  if (call.stopsAfterSdp && call.hasEarlyMedia) return false;
  // A branch has one byte for the number of its INVITE.
  if (call.sequence >= MOST_SEQUENCES) return false;
  if (call.attemptLimit > 0 && call.attempts.length >= call.attemptLimit) return false;
  if (failure.reason !== 'Rejected') return true;
  // RFC 4028 §7.3: the caller asks again with the longer interval; another gateway may not mind, but is not better.
  return failure.code !== 422 && !current.candidate.stopCodes.includes(failure.code);
}

/** Routing has said which gateway is next. */
export function switched(
  call: CallState,
  response: NextCandidateReply,
  around: CallSurroundings,
): CallEffect[] {
  call.decisions.push(...response.decisions);
  call.lines = response.lines;
  const index = call.candidates.findIndex(
    (candidate, position) =>
      position >= call.nextCandidate && candidate.gateway === response.gateway,
  );
  const candidate = call.candidates[index];
  if (candidate === undefined) {
    if (call.isCancelled) return giveUp(call, around);
    return finish(call, call.failure ?? refused('AllGatewayBusy'));
  }
  call.nextCandidate = index + 1;
  return startAttempt(call, candidate, around);
}
