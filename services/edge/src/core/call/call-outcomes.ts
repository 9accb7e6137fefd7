import { refusals } from '@tandem/domain';
import { readableText } from '@tandem/sip';
import type { Branch, BranchState, Call, CallState, Failure } from './call-state.ts';
import type { CallEffect, CallInput, CallSurroundings } from './call-steps.ts';
import { edgeDecision } from './decisions.ts';
import { codeOf, endedBy, refused, toldToCaller } from './failures.ts';

/** A record of the call as it stands; while one is being written the next one waits for that. */
export function record(call: CallState): CallEffect[] {
  if (call.isRecording) return [];
  call.isRecording = true;
  for (const branch of call.branches) {
    if (isToBeStored(branch)) branch.stored = 'under-way';
  }
  return [{ kind: 'record' }];
}

/** Whether the store is to be told of a branch now. One that begins is told of once its body is there. */
export function isToBeStored({ isLive, passing, stored }: Branch): boolean {
  return stored === 'due' && (!isLive || passing === 'done');
}

/** What was being written is in the store. */
export function written(call: CallState): void {
  for (const branch of call.branches) {
    if (branch.stored === 'under-way') settle(branch);
  }
}

/** The answer, or the end, is in the store, and with it what has become of every branch. */
function allWritten(call: CallState): void {
  for (const branch of call.branches) settle(branch);
}

/** A refusal that is not in the store yet has no ACK: its carrier repeats it, to another pod should this one die. */
function settle(branch: BranchState): void {
  branch.isAckDue = !branch.isLive && branch.hasFinal && branch.stored !== 'yes';
  branch.stored = 'yes';
}

/** ACKs of refusals whose meaning has been stored now. */
export function acknowledgements(call: CallState): CallEffect[] {
  const effects: CallEffect[] = [];
  for (const branch of call.branches) {
    if (!branch.isAckDue) continue;
    branch.isAckDue = false;
    if (branch !== call.winner) effects.push({ kind: 'acknowledge', sequence: branch.sequence });
  }
  return effects;
}

/** CANCELs that are due and may be sent now. */
export function cancelsDue(call: CallState): CallEffect[] {
  const effects: CallEffect[] = [];
  for (const branch of call.branches) {
    if (!branch.isCancelDue || branch.isCancelSent || branch.hasFinal) continue;
    if (branch.stored !== 'yes') continue;
    branch.isCancelSent = true;
    effects.push({ kind: 'cancel-invite', branch });
  }
  return effects;
}

/** Whether nothing but a body is missing before the record of the first branches is written. */
export function isWaitingForBody({ isRecording, phase }: CallState): boolean {
  return phase === 'recording' && !isRecording;
}

/** Whether an INVITE has been sent on a branch that may still win. */
export function isUnderWay({ branches }: CallState): boolean {
  return branches.some(({ isLive, isSent }) => isLive && isSent);
}

/** No provisional response's timer runs any more. */
export function stopTimer(branch: BranchState): void {
  branch.timer = undefined;
  branch.timerDueMs = 0;
}

/** The end of a call that was not answered: stored first, then told, as the caller's gateway wants it told. */
export function finish(
  call: CallState,
  failed: Failure,
  { nowMs }: Pick<CallSurroundings, 'nowMs'>,
): CallEffect[] {
  const failure = toldToCaller(call, failed, nowMs);
  call.phase = 'ending';
  call.failure = failure;
  for (const branch of call.branches) branch.isLive = false;
  const ending = {
    reason: failure.reason,
    code: codeOf(failure.final),
    by: endedBy(failure),
    text: failure.text,
  } as const;
  return [{ kind: 'stop-timer' }, { kind: 'store-end', ending, final: failure.final }];
}

/** The caller gave up (CANCEL, or BYE in the early dialog), or an operator ended the call. */
export function cancelled(
  call: CallState,
  { operator, reasons = [] }: Extract<CallInput, { kind: 'cancel' }>,
  around: CallSurroundings,
): CallEffect[] {
  if (operator !== undefined) {
    if (!isOpen(call)) return [];
    call.operator ??= operator;
  }
  if (call.cancelReasons.length === 0) call.cancelReasons = reasons;
  if (call.phase === 'calling' || isWaitingForBody(call)) return giveUp(call, around);
  if (call.phase === 'answered' || call.phase === 'ended') return [{ kind: 'accept-cancel' }];
  // Before and between attempts an answer of auth, routing or the store is under way: it is heard first.
  call.isCancelled = true;
  return [];
}

/** Ends a call that its caller does not want any more, or an operator. The carriers are told once that is stored (edge.md §4). */
export function giveUp(call: CallState, around: CallSurroundings): CallEffect[] {
  const reason = call.operator === undefined ? 'CallerCancelled' : 'EndedByOperator';
  for (const branch of call.branches) {
    if (!branch.isLive) continue;
    const { attempt } = branch.attempt;
    attempt.endedMs = around.nowMs;
    attempt.code = refusals[reason].code;
    attempt.reason = reason;
    branch.stored = 'due';
    // RFC 3261 §9.1: no CANCEL before a provisional response; a later one is answered with it.
    branch.isCancelDue = branch.hasProvisional;
    stopTimer(branch);
  }
  const soFar = {
    'after-ms': around.nowMs - call.startedMs,
    rang: call.ringingMs === 0 ? 'no' : 'yes',
  } as const;
  if (call.operator !== undefined) {
    const { operator } = call;
    const facts = { operator, ...soFar };
    const { nowMs: atMs } = around;
    call.decisions.push(edgeDecision('ended-by-operator', { subject: 'operator', facts, atMs }));
    return finish(call, { ...refused('EndedByOperator'), text: operator }, around);
  }
  const text = readableText(call.cancelReasons.join(', '));
  const facts = { ...soFar, reason: call.cancelReasons.length === 0 ? undefined : text };
  call.decisions.push(edgeDecision('cancelled', { subject: 'caller', facts, atMs: around.nowMs }));
  return finish(call, { ...refused('CallerCancelled'), text }, around);
}

/** The CDR says which service, or the store, did not answer. */
export function noteUnavailable(
  call: CallState,
  { what, text }: { readonly what: 'auth' | 'routing' | 'store' | 'body'; readonly text: string },
  around: CallSurroundings,
): void {
  const facts = { error: text };
  call.decisions.push(edgeDecision('part-away', { subject: what, facts, atMs: around.nowMs }));
}

/** A body has not been through the body step, for no fault of its sender. */
export function unpassed(call: CallState, text: string, around: CallSurroundings): Failure {
  noteUnavailable(call, { what: 'body', text }, around);
  return refused('ServiceUnavailable');
}

/** The answer is stored: now the caller may hear it, and carriers that were slower that nobody wants them. */
export function answerStored(
  call: CallState,
  { response, event }: Extract<CallInput, { kind: 'answer-stored' }>,
): CallEffect[] {
  const { winner } = call;
  if (winner === undefined) return [];
  call.phase = 'answered';
  allWritten(call);
  const { answerToTag: toTag } = call;
  const effects: CallEffect[] = [
    { kind: 'relay', branch: winner, response, toTag, isToBeStored: false },
  ];
  effects.push(...acknowledgements(call), ...cancelsDue(call));
  if (event !== undefined) effects.push({ kind: 'publish', event });
  return effects;
}

/** The end is stored: now carriers and caller may hear it. */
export function endStored(
  call: CallState,
  { final, event }: Extract<CallInput, { kind: 'end-stored' }>,
): CallEffect[] {
  call.phase = 'ended';
  allWritten(call);
  const effects: CallEffect[] = [...acknowledgements(call), ...cancelsDue(call)];
  effects.push({ kind: 'respond', final });
  if (event !== undefined) effects.push({ kind: 'publish', event });
  return effects;
}

/** Another pod has adopted the call: this one was paused for too long, or drains. */
export function lost(call: CallState, owner?: string): CallEffect[] {
  if (call.phase === 'ended' || call.phase === 'answered') return [];
  // Nothing is written, said or remembered of an INVITE that auth is asked about: its sender repeats it.
  const isElsewhere = call.phase !== 'asking';
  leave(call);
  return [{ kind: 'drop', isElsewhere, owner }];
}

/** This pod has nothing more to do with the call. */
export function leave(call: CallState): void {
  call.phase = 'ended';
  call.isForgotten = true;
  for (const branch of call.branches) {
    branch.isLive = false;
    stopTimer(branch);
  }
}

/**
 * Once nobody has to be told anything any more no other pod need go on with the call, should this one die. A caller that has
 * had no response repeats its INVITE: then there is nothing to be adopted. Of an answered call that is so from the beginning,
 * unless others were called beside who answered.
 */
export function forget(call: CallState): CallEffect | undefined {
  if (call.isForgotten || !isWoundUp(call)) return undefined;
  call.isForgotten = true;
  return { kind: 'forget' };
}

function isWoundUp(call: CallState): boolean {
  const { branches, isOthersDue, isTryingSent, phase } = call;
  if (phase === 'answered') return isOthersDue && branches.every(hasNothingLeft);
  return phase === 'ended' && isTryingSent && isSettled(call);
}

/** Whether a call has no final answer yet. */
export function isOpen({ phase }: Call): boolean {
  return phase !== 'answered' && phase !== 'ending' && phase !== 'ended';
}

/** Whether nobody has to be told anything any more. */
export function isSettled({ branches, isCallerTold }: Call): boolean {
  return isCallerTold && branches.every(hasNothingLeft);
}

/** Whether a branch's carrier need not be told, or heard, any more. */
function hasNothingLeft(branch: Branch): boolean {
  if (branch.isCancelSent && !branch.isCancelOver) return false;
  return !isAwaited(branch);
}

/** Whether a response to the INVITE of a branch may still come. */
export function isAwaited({ isSent, hasFinal, isOver }: Branch): boolean {
  return isSent && !hasFinal && !isOver;
}
