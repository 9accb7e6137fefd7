import { branchOf, fail } from './branches.ts';
import { unpassed } from './call-outcomes.ts';
import type { CallState } from './call-state.ts';
import type { CallEffect, CallInput, CallSurroundings } from './call-steps.ts';
import { descriptionInvalid, leftEarly } from './failures.ts';

/**
 * A carrier's response that the caller cannot have: its attempt has failed (CALL-08). A 2xx comes again, since it gets no ACK, and
 * is hung up then. Where the caller has heard of several callees the others may still answer.
 */
export function responseStuck(
  call: CallState,
  { failure, isCarriersFault, response, sequence }: Extract<CallInput, { kind: 'response-stuck' }>,
  around: CallSurroundings,
): CallEffect[] {
  const branch = branchOf(call, sequence);
  const isProvisional = response.status < 200;
  if (branch?.isLive !== true || (isProvisional && call.dialogs.length > 1)) return [];
  if (isProvisional) {
    branch.isCancelDue = true;
    call.hasEarlyMedia = false;
  }
  const failed = isCarriersFault
    ? descriptionInvalid(call, { branch, error: failure, atMs: around.nowMs })
    : unpassed(call, failure, around);
  return fail(call, branch, failed, around);
}

/** RFC 3261 §15: a callee may not leave like this, but it will not answer any more. Where there are several, others may. */
export function calleeLeft(call: CallState, around: CallSurroundings): CallEffect[] {
  const [branch, ...others] = call.branches.filter(({ isLive, isSent }) => isLive && isSent);
  if (branch === undefined || others.length > 0 || call.dialogs.length > 1) return [];
  branch.isCancelDue = true;
  return fail(call, branch, leftEarly(call, branch, around.nowMs), around);
}
