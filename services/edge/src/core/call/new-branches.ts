import { Attempt } from '@tandem/proto/events';
import type { Candidate } from '@tandem/proto/routing';
import { MOST_SEQUENCES, markedBranch } from '../marks/call-mark.ts';
import { hasBody } from '../messages/passing-body.ts';
import { anchor, isRelayMissing } from './anchoring.ts';
import { destinationOf } from './call-state.ts';
import type { AttemptState, BranchState, CallState } from './call-state.ts';
import type { CallSurroundings } from './call-steps.ts';
import { destinationsOf, firstWays, isOfDevices } from './targets.ts';
import type { Destination } from './targets.ts';

/** Attempts at all places of a candidate that are called at once: one, but of a phone that is at several (REG-03). */
export function addAttempts(call: CallState, candidate: Candidate, around: CallSurroundings): void {
  const destinations = reachable(destinationsOf(candidate), around);
  if (destinations.length < 2) addAttempt(call, { candidate, destinations, position: 0 }, around);
  else addWays(call, { candidate, destinations, ways: firstWays(destinations) }, around);
}

/** Those of the rank behind that of `before`, as far as a branch has numbers left. @returns whether there are any */
export function addNextRank(
  call: CallState,
  before: AttemptState,
  around: CallSurroundings,
): boolean {
  const { candidate, destinations } = before;
  if (destinations.length < 2 || call.sequence >= MOST_SEQUENCES) return false;
  const ways = firstWays(destinations, destinationOf(before).target.rank ?? 0);
  if (ways.length === 0) return false;
  call.round += 1;
  addWays(call, { candidate, destinations, ways }, around);
  return true;
}

function addWays(
  call: CallState,
  {
    candidate,
    destinations,
    ways,
  }: Pick<AttemptState, 'candidate' | 'destinations'> & { readonly ways: readonly number[] },
  around: CallSurroundings,
): void {
  for (const position of ways) {
    if (call.sequence >= MOST_SEQUENCES) return;
    addAttempt(call, { candidate, destinations, position }, around);
  }
}

/** Addresses that no listener of ours reaches are passed over, unless all are such: then the attempt says so. */
function reachable(
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
  const { gateway, account, prefix } = place.candidate;
  const { target, text: address = '' } = place.destinations[place.position] ?? {};
  const contact = isOfDevices(place.destinations) ? target?.uri : undefined;
  const startedMs = around.nowMs;
  // As long as the caller has heard of no other one the call has one tag.
  const isAlone = call.dialogs.length === 0 && !isAnyLive(call);
  const attempt = {
    ...place,
    relay: anchor(call, place.candidate, around),
    tagNumber: isAlone ? 0 : call.attempts.length,
    attempt: Attempt.fromPartial({ gateway, account, address, startedMs, contact, prefix }),
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
