import { Attempt } from '@tandem/proto/events';
import { markedBranch } from '../marks/call-mark.ts';
import { hasBody } from '../messages/passing-body.ts';
import { anchor, isRelayMissing } from './anchoring.ts';
import type { AttemptState, BranchState, CallState } from './call-state.ts';
import type { CallSurroundings } from './call-steps.ts';
import type { Destination } from './targets.ts';

/** Addresses that no listener of ours reaches are passed over, unless all are such: then the attempt says so. */
export function reachable(
  destinations: readonly Destination[],
  around: CallSurroundings,
): readonly Destination[] {
  if (destinations.length < 2) return destinations;
  const found = destinations.filter(
    ({ address }) => address !== undefined && around.isReachable?.(address) !== false,
  );
  return found.length === 0 ? destinations : found;
}

/** An attempt at an address of a candidate, with the branch that begins it. */
export function addAttempt(
  call: CallState,
  place: Omit<AttemptState, 'attempt' | 'relay' | 'tagNumber'>,
  around: CallSurroundings,
): void {
  const { gateway, account } = place.candidate;
  const address = place.destinations[place.position]?.text ?? '';
  const startedMs = around.nowMs;
  // As long as the caller has heard of no other one the call has one tag.
  const isAlone = call.dialogs.length === 0 && !isAnyLive(call);
  const attempt = {
    ...place,
    relay: anchor(call, place.candidate, around),
    tagNumber: isAlone ? 0 : call.attempts.length,
    attempt: Attempt.fromPartial({ gateway, account, address, startedMs }),
  };
  call.attempts.push(attempt);
  addBranch(call, attempt, around);
}

/**
 * A branch of an attempt, the call's next one.
 * @param replaced the branch whose place the new one takes, with what answers its challenge
 */
export function addBranch(
  call: CallState,
  attempt: AttemptState,
  around: CallSurroundings,
  replaced?: Pick<
    BranchState,
    'authorizations' | 'challenges' | 'cseqOffset' | 'passing' | 'passedBody' | 'signature'
  >,
): void {
  const sequence = (call.sequence += 1);
  call.branches.push({
    attempt,
    sequence,
    text: markedBranch(around.mark(call.callId, sequence)),
    round: call.round,
    cseqOffset: replaced === undefined ? 0 : replaced.cseqOffset + 1,
    authorizations: replaced?.authorizations ?? [],
    challenges: replaced === undefined ? 0 : replaced.challenges + 1,
    passing: replaced?.passing ?? (isToPass(call, attempt) ? 'due' : 'done'),
    passedBody: replaced?.passedBody,
    signature: replaced?.signature ?? '',
    isLive: true,
    isSent: false,
    stored: 'due',
    hasProvisional: false,
    hasFinal: false,
    isAckDue: false,
    isCancelDue: false,
    isCancelSent: false,
    isCancelOver: false,
    countsBehind: false,
    isOver: false,
    isAdopted: false,
    timer: undefined,
    timerDueMs: 0,
    timersDueMs: {},
    failure: undefined,
  });
}

/** Whether something is to be made for an INVITE before its record: of the caller's body, or a signature. */
function isToPass({ invite }: CallState, attempt: AttemptState): boolean {
  const isSigned = attempt.candidate.identity?.signature !== undefined;
  return hasBody(invite) || isRelayMissing(attempt) || isSigned;
}

/** Whether a branch may still win the call. */
export function isAnyLive({ branches }: CallState): boolean {
  return branches.some(({ isLive }) => isLive);
}
