import type { AuthenticateResponse } from '@tandem/proto/auth';
import { Attempt } from '@tandem/proto/events';
import type { Candidate, NextCandidateResponse, RouteResponse } from '@tandem/proto/routing';
import type { SipResponse } from '@tandem/sip';
import { attemptFailed, attemptTimedOut, carrierRefused } from './attempt-failure.ts';
import type {
  Authorization,
  CallAttempt,
  CallEffect,
  CallInput,
  CallPhase,
  CallState,
  Failure,
  ProvisionalTimer,
} from './call-state.ts';
import { edgeDecision } from './decisions.ts';
import { timerAfter, timerMs } from './provisional-timers.ts';
import { codeOf, endedBy, reasonOf, refused } from './call-endings.ts';

/** What a step may look at besides the call and its input. */
export interface CallSurroundings {
  readonly nowMs: number;
  /** Answers a carrier's challenge with the gateway's credentials; undefined where that is not possible. */
  authorize(response: SipResponse, attempt: CallAttempt): Authorization | undefined;
}

/*
 * An initial INVITE, from the caller's first datagram to the final response:
 *
 *   authenticating ─► claiming ─► routing ─► recording ─► calling ─► answering ─► answered
 *         │               │           │          ▲           │
 *         │ challenge     │ refused   │ refused  │           │ failed, another candidate
 *         ▼               ▼           ▼          └ switching ◄┤
 *       (left)          ending ◄──────┴──────────────┴────────┘ failed for good, cancelled
 *                         │
 *                         ▼
 *                       ended
 *
 * Nothing is sent before it can be recovered: `record` comes before 100 and INVITE, `store-answer` before the 200,
 * `store-end` before the final refusal (edge.md §4).
 */

/** Takes a call one step on. Changes `call` in place and says what is to be done, in this order. */
export function step(call: CallState, input: CallInput, around: CallSurroundings): CallEffect[] {
  if (!isAwaited(call, input)) return [];
  switch (input.kind) {
    case 'authenticated':
      return authenticated(call, input.response);
    case 'claimed':
      return claimed(call, input.claim.callId, input.claim.isNew);
    case 'routed':
      return routed(call, input.response, around);
    case 'switched':
      return switched(call, input.response, around);
    case 'recorded':
      return recorded(call, around);
    case 'unavailable':
      return unavailable(call, input, around);
    case 'response':
      return responded(call, input, around);
    case 'no-response':
      return unanswered(call, input.sequence, input.failure, around);
    case 'timer':
      return timerFired(call, input.name, around);
    case 'cancel':
      return cancelled(call, around);
    case 'answer-stored':
      return answerStored(call, input);
    case 'end-stored':
      return endStored(call, input);
  }
}

/** An outcome that comes when nothing of the kind is under way is stale, and means nothing. */
function isAwaited(call: CallState, input: CallInput): boolean {
  const phase = phaseOfOutcome[input.kind];
  return phase === undefined || phase === call.phase;
}

const phaseOfOutcome: Readonly<Partial<Record<CallInput['kind'], CallPhase>>> = {
  authenticated: 'authenticating',
  claimed: 'claiming',
  routed: 'routing',
  switched: 'switching',
  recorded: 'recording',
  'answer-stored': 'answering',
  'end-stored': 'ending',
};

/** Phases in which another service or the store has been asked and the call cannot go on without. */
const inquiring: ReadonlySet<CallPhase> = new Set([
  'authenticating',
  'claiming',
  'routing',
  'switching',
  'recording',
]);

/** The first effect of a new call. */
export function begin(): CallEffect[] {
  return [{ kind: 'authenticate' }];
}

function authenticated(call: CallState, response: AuthenticateResponse): CallEffect[] {
  call.decisions.push(...response.decisions);
  switch (response.outcome?.$case) {
    case 'allow':
      call.origin = response.outcome.value;
      break;
    case 'deny':
      call.origin = response.outcome.value.origin;
      call.failure = refused(reasonOf(response.outcome.value.reason));
      break;
    case 'challenge':
      call.phase = 'ended';
      return [{ kind: 'challenge', response }];
    default:
      call.failure = refused('ServiceUnavailable');
  }
  call.phase = 'claiming';
  return [{ kind: 'claim' }];
}

function claimed(call: CallState, callId: string, isNew: boolean): CallEffect[] {
  if (!isNew) {
    call.phase = 'ended';
    return [{ kind: 'leave' }];
  }
  call.callId = callId;
  if (call.failure !== undefined) return finish(call, call.failure);
  call.phase = 'routing';
  return [{ kind: 'route' }];
}

function routed(call: CallState, response: RouteResponse, around: CallSurroundings): CallEffect[] {
  call.decisions.push(...response.decisions);
  if (response.outcome?.$case !== 'routed') {
    const deny = response.outcome?.value;
    if (call.isCancelled) return giveUp(call, around);
    return finish(call, refused(reasonOf(deny?.reason ?? ''), deny?.retryAfterSeconds));
  }
  const route = response.outcome.value;
  call.candidates = route.candidates;
  call.lines = route.lines;
  call.customerTerms = route.customerTerms;
  call.maxDurationSeconds = route.maxDurationSeconds;
  call.attemptLimit = route.attemptLimit;
  call.stopsAfterSdp = route.stopSwitchAfterSdp;
  const candidate = route.candidates[route.chosen];
  if (candidate === undefined) return finish(call, refused('NoAvailableRouter'));
  call.nextCandidate = route.chosen + 1;
  return startAttempt(call, candidate, around);
}

function startAttempt(
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
    challenges: 0,
    hasProvisional: false,
    isCancelSent: false,
    authorization: undefined,
    cseqOffset: 0,
  });
  call.phase = 'recording';
  return [{ kind: 'record' }];
}

function recorded(call: CallState, around: CallSurroundings): CallEffect[] {
  const attempt = call.attempts.at(-1);
  if (attempt === undefined) return [];
  if (call.isCancelled) return giveUp(call, around);
  call.phase = 'calling';
  const effects: CallEffect[] = call.isTryingSent ? [] : [{ kind: 'trying' }];
  call.isTryingSent = true;
  effects.push({ kind: 'invite', attempt });
  return effects;
}

function responded(
  call: CallState,
  input: Extract<CallInput, { kind: 'response' }>,
  around: CallSurroundings,
): CallEffect[] {
  const current = call.attempts.at(-1);
  if (call.phase !== 'calling' || current?.sequence !== input.sequence) {
    return lateResponse(call, input.sequence, input.response);
  }
  const { status } = input.response;
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
  const isAnswer = call.phase === 'answering' || call.phase === 'answered';
  if (late === undefined || (isAnswer && late === call.attempts.at(-1))) return [];
  if (response.status >= 200) {
    return response.status < 300 ? [{ kind: 'hang-up', sequence, response }] : [];
  }
  if (late.isCancelSent || (call.phase === 'calling' && late === call.attempts.at(-1))) return [];
  late.isCancelSent = true;
  return [{ kind: 'cancel-invite', sequence }];
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
    call.provisionalTimer = timer;
    effects.push({ kind: 'start-timer', name: timer, ms: timerMs(current.candidate, timer) });
  }
  if (status === 100) return effects;
  if (status === 180 && call.ringingMs === 0) call.ringingMs = input.around.nowMs;
  if (input.hasSdp) call.hasEarlyMedia = true;
  effects.push({ kind: 'relay', attempt: current, response: input.response });
  return effects;
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
  const authorization = around.authorize(response, current);
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
  current.hasProvisional = false;
  stopTimer(call);
  call.phase = 'recording';
  return [{ kind: 'stop-timer' }, { kind: 'record' }];
}

function unanswered(
  call: CallState,
  sequence: number,
  failure: 'timeout' | 'transport-error',
  around: CallSurroundings,
): CallEffect[] {
  const current = call.attempts.at(-1);
  if (call.phase !== 'calling' || current?.sequence !== sequence) return [];
  const cause = failure === 'timeout' ? 'invite' : 'transport-error';
  const next = current.candidate.addresses.indexOf(current.attempt.address) + 1;
  if (next > 0 && next < current.candidate.addresses.length) {
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

function timerFired(
  call: CallState,
  name: ProvisionalTimer,
  around: CallSurroundings,
): CallEffect[] {
  const current = call.attempts.at(-1);
  if (call.phase !== 'calling' || current === undefined || call.provisionalTimer !== name)
    return [];
  current.isCancelSent = true;
  const failure = attemptTimedOut(call, current, name, around.nowMs);
  return [
    { kind: 'cancel-invite', sequence: current.sequence },
    ...failAttempt(call, current, failure, around),
  ];
}

/** ROUTE-06: on to the next candidate, or the end. */
function failAttempt(
  call: CallState,
  current: CallAttempt,
  failure: Failure,
  around: CallSurroundings,
): CallEffect[] {
  endAttempt(call, current, failure, around);
  const rest = call.candidates.slice(call.nextCandidate);
  if (rest.length === 0 || !maySwitch(call, current, failure)) {
    return [{ kind: 'stop-timer' }, ...finish(call, failure)];
  }
  call.phase = 'switching';
  return [
    { kind: 'stop-timer' },
    {
      kind: 'switch',
      failedGateway: current.candidate.gateway,
      gateways: rest.map((candidate) => candidate.gateway),
    },
  ];
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
  if (call.attemptLimit > 0 && call.attempts.length >= call.attemptLimit) return false;
  return failure.reason !== 'Rejected' || !current.candidate.stopCodes.includes(failure.code);
}

function switched(
  call: CallState,
  response: NextCandidateResponse,
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

function cancelled(call: CallState, around: CallSurroundings): CallEffect[] {
  if (call.phase === 'calling') return giveUp(call, around);
  // Before and between attempts an answer of auth, routing or the store is under way: it is heard first.
  call.isCancelled = true;
  return [];
}

function giveUp(call: CallState, around: CallSurroundings): CallEffect[] {
  const current = call.attempts.at(-1);
  const effects: CallEffect[] = [{ kind: 'stop-timer' }];
  stopTimer(call);
  if (current?.attempt.endedMs === 0) {
    current.attempt.endedMs = around.nowMs;
    current.attempt.code = 487;
    current.attempt.reason = 'CallerCancelled';
    if (current.hasProvisional && !current.isCancelSent) {
      current.isCancelSent = true;
      effects.push({ kind: 'cancel-invite', sequence: current.sequence });
    }
  }
  call.decisions.push(
    edgeDecision(
      {
        check: 'cancel',
        result: 'refused',
        subject: 'caller',
        reason: 'CallerCancelled',
        atMs: around.nowMs,
      },
      { 'after-ms': around.nowMs - call.startedMs, rang: call.ringingMs === 0 ? 'no' : 'yes' },
    ),
  );
  return [...effects, ...finish(call, refused('CallerCancelled'))];
}

function unavailable(
  call: CallState,
  input: Extract<CallInput, { kind: 'unavailable' }>,
  around: CallSurroundings,
): CallEffect[] {
  if (!inquiring.has(call.phase)) return [];
  call.decisions.push(
    edgeDecision(
      {
        check: 'store',
        result: 'failed',
        subject: input.what,
        reason: 'ServiceUnavailable',
        atMs: around.nowMs,
      },
      { error: input.text },
    ),
  );
  return finish(call, call.failure ?? refused('ServiceUnavailable'));
}

function finish(call: CallState, failure: Failure): CallEffect[] {
  call.phase = 'ending';
  call.failure = failure;
  const ending = {
    reason: failure.reason,
    code: codeOf(failure.final),
    by: endedBy(failure),
    text: failure.text,
  } as const;
  return [{ kind: 'store-end', ending, final: failure.final }];
}

function answerStored(
  call: CallState,
  input: Extract<CallInput, { kind: 'answer-stored' }>,
): CallEffect[] {
  const attempt = call.attempts.at(-1);
  if (attempt === undefined) return [];
  call.phase = 'answered';
  const effects: CallEffect[] = [{ kind: 'relay', attempt, response: input.response }];
  if (input.event !== undefined) effects.push({ kind: 'publish', event: input.event });
  return effects;
}

function endStored(
  call: CallState,
  input: Extract<CallInput, { kind: 'end-stored' }>,
): CallEffect[] {
  call.phase = 'ended';
  const effects: CallEffect[] = [{ kind: 'respond', final: input.final }];
  if (input.event !== undefined) effects.push({ kind: 'publish', event: input.event });
  return effects;
}

function stopTimer(call: CallState): void {
  call.provisionalTimer = undefined;
}
