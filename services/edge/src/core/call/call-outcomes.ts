import { refusals } from '@tandem/domain';
import { codeOf, endedBy, refused } from './call-endings.ts';
import type {
  CallEffect,
  CallInput,
  CallPhase,
  CallState,
  CallSurroundings,
  Failure,
} from './call-state.ts';
import { edgeDecision } from './decisions.ts';

/** Phases in which another service or the store has been asked and the call cannot go on without. */
const inquiring: ReadonlySet<CallPhase> = new Set([
  'claiming',
  'routing',
  'parting',
  'switching',
  'recording',
]);

/** The end of a call that was not answered: stored first, then told. */
export function finish(call: CallState, failure: Failure): CallEffect[] {
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

/** The caller gave up (CANCEL, or BYE in the early dialog). */
export function cancelled(call: CallState, around: CallSurroundings): CallEffect[] {
  if (call.phase === 'calling') return giveUp(call, around);
  // Before and between attempts an answer of auth, routing or the store is under way: it is heard first.
  call.isCancelled = true;
  return [];
}

/** Ends a call that its caller does not want any more. The carrier is told once that is stored (edge.md §4). */
export function giveUp(call: CallState, around: CallSurroundings): CallEffect[] {
  const current = call.attempts.at(-1);
  if (current?.attempt.endedMs === 0) {
    current.attempt.endedMs = around.nowMs;
    current.attempt.code = refusals.CallerCancelled.code;
    current.attempt.reason = 'CallerCancelled';
    // RFC 3261 §9.1: no CANCEL before a provisional response; a later one is answered with it.
    current.isCancelDue = current.hasProvisional;
  }
  stopTimer(call);
  const facts = {
    'after-ms': around.nowMs - call.startedMs,
    rang: call.ringingMs === 0 ? 'no' : 'yes',
  } as const;
  call.decisions.push(edgeDecision('cancelled', { subject: 'caller', facts, atMs: around.nowMs }));
  return [{ kind: 'stop-timer' }, ...finish(call, refused('CallerCancelled'))];
}

/** Routing or the store did not answer. */
export function unavailable(
  call: CallState,
  input: Extract<CallInput, { kind: 'unavailable' }>,
  around: CallSurroundings,
): CallEffect[] {
  if (!inquiring.has(call.phase)) return [];
  noteUnavailable(call, input, around);
  return finish(call, call.failure ?? refused('ServiceUnavailable'));
}

/** The CDR says which service, or the store, did not answer. */
export function noteUnavailable(
  call: CallState,
  input: { readonly what: 'auth' | 'routing' | 'store'; readonly text: string },
  around: CallSurroundings,
): void {
  const facts = { error: input.text };
  call.decisions.push(
    edgeDecision('part-away', { subject: input.what, facts, atMs: around.nowMs }),
  );
}

/** The answer is stored: now the caller may hear it. */
export function answerStored(
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

/** The end is stored: now carriers and caller may hear it. */
export function endStored(
  call: CallState,
  input: Extract<CallInput, { kind: 'end-stored' }>,
): CallEffect[] {
  call.phase = 'ended';
  const effects: CallEffect[] = [...cancelsDue(call), { kind: 'respond', final: input.final }];
  if (input.event !== undefined) effects.push({ kind: 'publish', event: input.event });
  return effects;
}

/** CANCELs that are due and may be sent now. */
export function cancelsDue(call: CallState): CallEffect[] {
  const effects: CallEffect[] = [];
  for (const attempt of call.attempts) {
    if (!attempt.isCancelDue || attempt.isCancelSent || attempt.hasFinal) continue;
    attempt.isCancelSent = true;
    effects.push({ kind: 'cancel-invite', sequence: attempt.sequence });
  }
  return effects;
}

/** Another pod has adopted the call: this one was paused for too long, or drains. */
export function lost(call: CallState): CallEffect[] {
  if (call.phase === 'ended' || call.phase === 'answered') return [];
  call.phase = 'ended';
  stopTimer(call);
  return [{ kind: 'drop' }];
}

/** No provisional response's timer runs any more. */
export function stopTimer(call: CallState): void {
  call.provisionalTimer = undefined;
  call.timerDueMs = 0;
}
