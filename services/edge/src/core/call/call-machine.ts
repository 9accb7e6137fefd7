import type { RouteReply } from '@tandem/proto/edge-replies';
import type { Claim } from '../../ports.ts';
import {
  recorded,
  responded,
  startAttempt,
  switchFrom,
  switched,
  timerFired,
  unanswered,
} from './attempt-steps.ts';
import { reasonOf, refused } from './call-endings.ts';
import {
  answerStored,
  cancelled,
  cancelsDue,
  endStored,
  finish,
  giveUp,
  lost,
  noteUnavailable,
  unavailable,
} from './call-outcomes.ts';
import type {
  AuthVerdict,
  CallEffect,
  CallInput,
  CallPhase,
  CallState,
  CallSurroundings,
} from './call-state.ts';

export type { CallSurroundings } from './call-state.ts';

/*
 * An initial INVITE that auth has decided on, until the final response (one that it challenges is no call):
 *
 *   claiming ─► routing ─► recording ─► calling ─► answering ─► answered
 *       │           │          ▲           │
 *       │ refused   │ refused  │           │ failed, another candidate
 *       ▼           ▼          │           ▼
 *     ending ◄──────┴──── switching ◄── parting
 *       ▲                                  │
 *       │ failed for good, cancelled ◄─────┘
 *       ▼
 *     ended
 *
 * Nothing is sent before it can be recovered: `record` comes before 100 and INVITE, and before an attempt is left for
 * the next one, `store-answer` before the 200, `store-end` before the final refusal and CANCEL (edge.md §4). A pod that
 * takes the call over goes on with `resume`.
 */

/** Takes a call one step on. Changes `call` in place and says what is to be done, in this order. */
export function step(call: CallState, input: CallInput, around: CallSurroundings): CallEffect[] {
  if (!isAwaited(call, input)) return [];
  switch (input.kind) {
    case 'claimed':
      return claimed(call, input.claim);
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
    case 'lost':
      return lost(call);
    case 'answer-stored':
      return answerStored(call, input);
    case 'end-stored':
      return endStored(call, input);
  }
}

/** An outcome that comes when nothing of the kind is under way is stale, and means nothing. */
function isAwaited(call: CallState, input: CallInput): boolean {
  const phases = phasesOfOutcome[input.kind];
  return phases?.includes(call.phase) !== false;
}

const phasesOfOutcome: Readonly<Partial<Record<CallInput['kind'], readonly CallPhase[]>>> = {
  claimed: ['claiming'],
  routed: ['routing'],
  switched: ['switching'],
  recorded: ['recording', 'parting'],
  'answer-stored': ['answering'],
  'end-stored': ['ending'],
};

/**
 * The first effects of a new call. Also one that is refused is claimed first: the caller has had no 100 and repeats its INVITE,
 * so another pod may have served it meanwhile.
 */
export function begin(
  call: CallState,
  verdict: AuthVerdict,
  around: CallSurroundings,
): CallEffect[] {
  if (verdict.kind === 'unavailable') {
    noteUnavailable(call, { what: 'auth', text: verdict.text }, around);
    call.failure = refused('ServiceUnavailable');
    return [{ kind: 'claim' }];
  }
  const { callerAddresses, decisions, outcome } = verdict.response;
  call.callerAddresses = callerAddresses;
  call.decisions.push(...decisions);
  switch (outcome?.$case) {
    case 'allow':
      call.origin = outcome.value;
      break;
    case 'deny':
      call.origin = outcome.value.origin;
      call.failure = refused(reasonOf(outcome.value.reason));
      break;
    default:
      call.failure = refused('ServiceUnavailable');
  }
  return [{ kind: 'claim' }];
}

/**
 * The first effects of a call that another pod began, as its record says (core/adopted-call.ts).
 */
export function resume(call: CallState, around: CallSurroundings): CallEffect[] {
  const attempt = call.attempts.at(-1);
  switch (call.phase) {
    case 'ended':
      return resumeEnd(call);
    case 'routing':
      return [{ kind: 'route' }];
    case 'switching':
      if (attempt === undefined) return [];
      return [...cancelsDue(call), switchFrom(call, attempt)];
    default: {
      if (attempt === undefined) return [];
      const effects = cancelsDue(call);
      effects.push({ kind: 'invite', attempt });
      const { provisionalTimer, timerDueMs } = call;
      if (provisionalTimer !== undefined) {
        const ms = Math.max(0, timerDueMs - around.nowMs);
        effects.push({ kind: 'start-timer', name: provisionalTimer, ms });
      }
      return effects;
    }
  }
}

/** Its end is stored; who has to hear of it may not have. */
function resumeEnd(call: CallState): CallEffect[] {
  const attempt = call.attempts.at(-1);
  const effects = cancelsDue(call);
  // Cancelled before a provisional response came: the one that the repeated INVITE brings is answered with CANCEL.
  if (attempt?.attempt.reason === 'CallerCancelled' && !attempt.isCancelDue) {
    effects.push({ kind: 'invite', attempt });
  }
  if (call.failure !== undefined) effects.push({ kind: 'respond', final: call.failure.final });
  return effects;
}

function claimed(call: CallState, claim: Claim): CallEffect[] {
  if (!claim.isNew) {
    call.phase = 'ended';
    return [{ kind: 'leave', claim }];
  }
  call.callId = claim.callId;
  if (call.failure !== undefined) return finish(call, call.failure);
  call.phase = 'routing';
  return [{ kind: 'route' }];
}

function routed(call: CallState, response: RouteReply, around: CallSurroundings): CallEffect[] {
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
