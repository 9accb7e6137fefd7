import type { AuthenticateReply, RouteReply } from '@tandem/proto/edge-replies';
import { AnswerTerms } from '@tandem/proto/routing';
import type { Claim } from '../../ports.ts';
import { broken } from './broken-call.ts';
import {
  bodyPassed,
  recorded,
  responded,
  startRound,
  switched,
  timerFired,
  unanswered,
  unrecorded,
} from './branches.ts';
import {
  answerStored,
  cancelled,
  endStored,
  finish,
  forget,
  giveUp,
  isWaitingForBody,
  leave,
  lost,
  noteUnavailable,
} from './call-outcomes.ts';
import { newCall } from './call-state.ts';
import { STOPPED_MS } from './deadline.ts';
import type { Call, CallArrival, CallPhase, CallState } from './call-state.ts';
import type { CallEffect, CallInput, CallSurroundings } from './call-steps.ts';
import { leaveDialog } from './early-dialogs.ts';
import { calleeLeft, responseStuck } from './failed-branches.ts';
import { noteElsewhere } from './caller-elsewhere.ts';
import { replyModeOf } from '../network/reply-address.ts';
import { reasonOf, refused } from './failures.ts';
import { overloadDecision } from './overload-refusal.ts';

/*
 * An initial INVITE, from its arrival until the final response:
 *
 *   asking ─► claiming ─► routing ─► recording ─► calling ─► answering ─► answered
 *     │           │          │          ▲           │
 *     │ challenged│ refused  │ refused  │           │ the last branch failed, another candidate
 *     │           ▼          ▼          │           ▼
 *     │         ending ◄─────┴──── switching ◄── parting
 *     │           ▲                                 │
 *     │           │ failed for good, cancelled ◄────┘
 *     ▼           ▼
 *       ended
 *
 * One that auth challenges, or turns away, is no call: nothing has been written of it, and nothing is remembered. `calling` has one or more
 * branches (branches.ts), the INVITEs that may win the call. A branch that joins or leaves others is recorded in `calling`; in
 * `recording` and `parting` there is no other.
 *
 * An INVITE's body goes through the body step before its branch is recorded, so that whoever adopts the call sends the same.
 *
 * Nothing is sent before it can be recovered: `record` comes before 100 and INVITE, and before an attempt is left for
 * the next one, `store-answer` before the 200, `store-end` before the final refusal and CANCEL (edge.md §4). A pod that
 * takes the call over goes on with `resume` (recovery.ts).
 */

/** Is routing slower than this, the caller gets its 100 all the same, after a record (edge.md §4.1). */
const SLOW_MS = 200;

/** An INVITE that has come in, of which auth is to be asked: the effect `authenticate` is what it begins with. */
export function begin(arrival: CallArrival): Call {
  return newCall(arrival);
}

/** Takes a call one step on. Changes `call` in place and says what is to be done, in this order. */
export function step(call: Call, input: CallInput, around: CallSurroundings): CallEffect[] {
  // Everybody else sees the state read-only.
  const state = call as CallState;
  if (!isAwaited(state, input)) return [];
  const effects = take(state, input, around);
  const last = forget(state);
  if (last !== undefined) effects.push(last);
  return effects;
}

function take(call: CallState, input: CallInput, around: CallSurroundings): CallEffect[] {
  switch (input.kind) {
    case 'authenticated':
      return authenticated(call, input.response, around);
    case 'claimed':
      return claimed(call, input.claim, around);
    case 'routed':
      return routed(call, input.response, around);
    case 'switched':
      return switched(call, input.response, around);
    case 'recorded':
      return recorded(call, around);
    case 'body':
      return bodyPassed(call, input, around);
    case 'unavailable':
      return unavailable(call, input, around);
    case 'response':
      return responded(call, input, around);
    case 'no-response':
      return unanswered(call, input, around);
    case 'timer':
      return fired(call, input, around);
    case 'cancel':
      return cancelled(call, input, around);
    case 'lost':
      return lost(call, input.owner);
    case 'answer-stored':
      return answerStored(call, input);
    case 'end-stored':
      return endStored(call, input);
    default:
      return note(call, input, around);
  }
}

/** An outcome that comes when nothing of the kind is under way is stale, and means nothing. */
function isAwaited(call: CallState, input: CallInput): boolean {
  if (input.kind === 'recorded' && !call.isRecording) return false;
  const phases = phasesOfOutcome[input.kind];
  return phases?.includes(call.phase) !== false;
}

const phasesOfOutcome: Readonly<Partial<Record<CallInput['kind'], readonly CallPhase[]>>> = {
  authenticated: ['asking'],
  claimed: ['claiming'],
  routed: ['routing'],
  switched: ['switching'],
  recorded: ['recording', 'calling', 'parting'],
  'answer-stored': ['answering'],
  'end-stored': ['ending'],
};

/**
 * Auth has said who calls. Also a call that is refused is claimed first: the caller has had no 100 and repeats its INVITE, so
 * another pod may have served it meanwhile.
 */
function authenticated(
  call: CallState,
  { callerAddresses, decisions, outcome, replyAddress, verification }: AuthenticateReply,
  around: CallSurroundings,
): CallEffect[] {
  if (outcome?.$case === 'challenge') {
    leave(call);
    return [{ kind: 'challenge', challenge: outcome.value, decisions }];
  }
  if (outcome?.$case === 'deny' && outcome.value.unrecorded) {
    const { reason, unanswered: isSilent } = outcome.value;
    leave(call);
    return [{ kind: 'turn-away', reason: isSilent ? undefined : reasonOf(reason), decisions }];
  }
  call.callerAddresses = callerAddresses;
  call.replyMode = replyModeOf(replyAddress);
  call.verification = verification;
  call.decisions.push(...decisions);
  if (outcome?.$case === 'allow') {
    call.origin = outcome.value;
    noteElsewhere(call, `${outcome.value.kind} ${outcome.value.name}`, around.nowMs);
    refuseOverload(call, around);
  } else {
    const { callerAnswers, origin } = outcome?.value ?? {};
    call.origin = origin;
    call.callerAnswers = callerAnswers && AnswerTerms.fromPartial(callerAnswers);
    call.failure = refused(reasonOf(outcome?.value.reason ?? ''));
  }
  return claim(call, around);
}

/** Auth has said whose it is, so that it has a CDR; nothing else is asked for. */
function refuseOverload(call: CallState, around: CallSurroundings): void {
  const { overload } = call;
  if (overload === undefined) return;
  call.failure = refused('Overload', overload.retryAfterSeconds);
  call.decisions.push(overloadDecision(overload, around.nowMs));
}

function claim(call: CallState, around: CallSurroundings): CallEffect[] {
  call.phase = 'claiming';
  call.toTag = around.mark(call.callId, 0);
  return [{ kind: 'start-timer', name: 'slow', ms: SLOW_MS }, { kind: 'claim' }];
}

function claimed(call: CallState, won: Claim, around: CallSurroundings): CallEffect[] {
  if (!won.isNew) {
    leave(call);
    return [{ kind: 'leave', claim: won }];
  }
  if (won.callId !== call.callId) {
    // The claim of a pod that died has been taken over, and the id of its call.
    call.callId = won.callId;
    call.toTag = around.mark(call.callId, 0);
  }
  if (call.failure !== undefined) return finish(call, call.failure, around);
  call.phase = 'routing';
  return [{ kind: 'route' }];
}

function routed(call: CallState, response: RouteReply, around: CallSurroundings): CallEffect[] {
  call.decisions.push(...response.decisions);
  call.asserted = response.asserted;
  call.callerAnswers = response.callerAnswers;
  if (response.outcome?.$case !== 'routed') {
    const deny = response.outcome?.value;
    if (call.isCancelled) return giveUp(call, around);
    const denied = refused(reasonOf(deny?.reason ?? ''), deny?.retryAfterSeconds);
    return finish(call, denied, around);
  }
  const route = response.outcome.value;
  call.candidates = route.candidates;
  call.lines = route.lines;
  call.customerTerms = route.customerTerms;
  call.maxDurationSeconds = route.maxDurationSeconds;
  call.attemptLimit = route.attemptLimit;
  call.stopsAfterSdp = route.stopSwitchAfterSdp;
  const candidate = route.candidates[route.chosen];
  if (candidate === undefined) return finish(call, refused('NoAvailableRouter'), around);
  call.nextCandidate = route.chosen + 1;
  return startRound(call, [candidate], around);
}

function fired(
  call: CallState,
  timer: Extract<CallInput, { kind: 'timer' }>,
  around: CallSurroundings,
): CallEffect[] {
  return timer.name === 'slow' ? slow(call) : timerFired(call, timer, around);
}

/** Routing, or the body step, takes its time: a stub of the record first, then the 100 that stops the caller's repetitions. */
function slow(call: CallState): CallEffect[] {
  return call.phase === 'routing' || isWaitingForBody(call) ? [{ kind: 'record-stub' }] : [];
}

function stubRecorded(call: CallState): CallEffect[] {
  const isOver = call.phase === 'ending' || call.phase === 'ended' || call.phase === 'answered';
  if (call.isTryingSent || isOver) return [];
  call.isTryingSent = true;
  return [{ kind: 'trying' }];
}

/** Auth, routing or the store did not answer. */
function unavailable(
  call: CallState,
  input: Extract<CallInput, { kind: 'unavailable' }>,
  around: CallSurroundings,
): CallEffect[] {
  switch (call.phase) {
    case 'asking':
      if (around.nowMs - call.startedMs > STOPPED_MS) return lost(call);
      noteUnavailable(call, input, around);
      call.failure = refused('ServiceUnavailable');
      return claim(call, around);
    case 'claiming':
    case 'routing':
    case 'recording':
    case 'parting':
    case 'switching':
      noteUnavailable(call, input, around);
      return finish(call, call.failure ?? refused('ServiceUnavailable'), around);
    case 'calling':
      return unrecorded(call, input, around);
    default:
      return [];
  }
}

/** What the store, the dialogs and the transactions of the call tell of themselves. */
function note(
  call: CallState,
  input: Extract<
    CallInput,
    {
      kind:
        | 'stub-recorded'
        | 'repeated'
        | 'told'
        | 'branch-over'
        | 'cancel-over'
        | 'dialog-left'
        | 'callee-left'
        | 'response-stuck'
        | 'broken';
    }
  >,
  around: CallSurroundings,
): CallEffect[] {
  switch (input.kind) {
    case 'broken':
      return broken(call, around);
    case 'callee-left':
      return calleeLeft(call, around);
    case 'response-stuck':
      return responseStuck(call, input, around);
    case 'stub-recorded':
      return stubRecorded(call);
    case 'repeated':
      // A call that was adopted: the pod that died has not told the caller that its INVITE arrived, or that was lost.
      return call.isTryingSent ? [{ kind: 'trying' }] : [];
    case 'told':
      call.isCallerTold = true;
      return [];
    case 'dialog-left':
      leaveDialog(call, input.toTag);
      return [];
    case 'branch-over':
    case 'cancel-over':
      for (const branch of call.branches) {
        if (branch.sequence !== input.sequence) continue;
        if (input.kind === 'branch-over') branch.isOver = true;
        else branch.isCancelOver = true;
      }
      return [];
  }
}
