import { finish, stopTimer } from './call-outcomes.ts';
import type { BranchState, CallState, Failure } from './call-state.ts';
import type { CallEffect, CallSurroundings } from './call-steps.ts';
import { codeOf } from './failures.ts';
import { addNextRank } from './new-branches.ts';

/** What has become of the call on another of its branches. */
type Outcome = 'answered' | 'declined';

/** The call is decided on another branch: those that are still live are given up, and cancelled once that is stored. */
export function loseOthers(call: CallState, outcome: Outcome, around: CallSurroundings): void {
  for (const branch of call.branches) {
    if (!branch.isLive) continue;
    const { attempt } = branch.attempt;
    attempt.endedMs = around.nowMs;
    attempt.code = 487;
    attempt.text = `${outcome} on another branch`;
    retire(branch);
    // RFC 3261 §9.1: no CANCEL before a provisional response; a later one is answered with it.
    branch.isCancelDue = branch.hasProvisional;
  }
}

/** RFC 3261 §16.7 step 5: who declines for all places ends all branches, and waits for none of them. */
export function declined(
  call: CallState,
  failure: Failure,
  around: CallSurroundings,
): CallEffect[] | undefined {
  if (!isDecline(failure)) return undefined;
  loseOthers(call, 'declined', around);
  return finish(call, failure, around);
}

/** REG-03: once all devices of a rank have failed those of the next one are called. @returns whether there are any */
export function ringNextRank(
  call: CallState,
  { attempt }: BranchState,
  around: CallSurroundings,
): boolean {
  const { failure } = call;
  if (isHeard(call) || failure?.reason === 'DescriptionInvalid') return false;
  if (failure !== undefined && isDecline(failure)) return false;
  return addNextRank(call, attempt, around);
}

/** It cannot win any more; the store does not know that yet. */
export function retire(branch: BranchState): void {
  branch.isLive = false;
  branch.stored = 'due';
  stopTimer(branch);
}

/** Nobody else is called any more: the caller has heard somebody. */
export function isHeard({ hasEarlyMedia, stopsAfterSdp }: CallState): boolean {
  return stopsAfterSdp && hasEarlyMedia;
}

function isDecline({ final }: Failure): boolean {
  return codeOf(final) >= 600;
}
