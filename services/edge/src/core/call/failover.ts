import type { FactsOf } from '@tandem/domain';
import { MOST_SEQUENCES } from '../marks/call-mark.ts';
import type { BranchState, CallState, Failure } from './call-state.ts';
import { edgeDecision } from './decisions.ts';
import { codeOf, subjectOf } from './failures.ts';
import { isHeard } from './forks.ts';

type FailoverEnd = FactsOf<'failover-ended'>['cause'];

/** RFC 4028 §7.3: the caller asks again with the longer interval; another gateway may not mind, but is not better. */
const SESSION_INTERVAL_TOO_SMALL = 422;
/** Most gateways that are named. */
const MOST_NAMED = 8;

/** ROUTE-06: whether another gateway may be tried after a failure. Says why it may, or why not (ROUTE-17). */
export function goesOn(
  call: CallState,
  branch: BranchState,
  failure: Failure,
  nowMs: number,
): boolean {
  const isLast = call.nextCandidate >= call.candidates.length;
  const cause = endOf(call, branch, failure) ?? (isLast ? 'candidates-used-up' : undefined);
  // Of somebody who is called here there is no other.
  if (!isPhone(branch)) note(call, branch, { failure, cause, nowMs });
  return cause === undefined;
}

/** What forbids another gateway, whether there is one or not. */
function endOf(
  call: CallState,
  { attempt: { candidate } }: BranchState,
  failure: Failure,
): FailoverEnd | undefined {
  // The caller's own, which is the same for every gateway.
  if (failure.reason === 'DescriptionInvalid') return 'caller-description';
  if (failure.isRedirected !== true) {
    if (!candidate.switchUntilConnect) return 'switch-until-connect';
    if (isHeard(call)) return 'early-media';
  }
  // A branch has one byte for the number of its INVITE.
  if (call.sequence >= MOST_SEQUENCES) return 'invites-used-up';
  if (call.attemptLimit > 0 && call.attempts.length >= call.attemptLimit) return 'switch-limit';
  if (failure.reason !== 'Rejected') return undefined;
  // A redirection that is to pass is for the caller to follow.
  if (codeOf(failure.final) < 400) return 'redirection';
  const code = decisiveCode(failure);
  if (code === SESSION_INTERVAL_TOO_SMALL) return 'session-interval';
  return candidate.stopCodes.includes(code) ? 'stop-code' : undefined;
}

function note(
  call: CallState,
  branch: BranchState,
  said: {
    readonly failure: Failure;
    readonly cause: FailoverEnd | undefined;
    readonly nowMs: number;
  },
): void {
  const { cause, failure, nowMs: atMs } = said;
  const subject = subjectOf(branch);
  const code = decisiveCode(failure);
  const { stopCodes } = branch.attempt.candidate;
  const isAnswer = failure.reason === 'Rejected';
  const told = { code, stopCodes: isAnswer ? stopCodes.join(', ') : undefined };
  if (cause === undefined) {
    const facts = { ...told, failure: failure.reason };
    call.decisions.push(edgeDecision('failover-went-on', { subject, facts, atMs }));
    return;
  }
  const limit = cause === 'switch-limit' ? call.attemptLimit : undefined;
  const facts = { ...told, cause, attempts: call.attempts.length, limit, untried: untriedOf(call) };
  call.decisions.push(edgeDecision('failover-ended', { subject, facts, atMs }));
}

/** Gateways that were left; undefined where none was. */
function untriedOf({ candidates, nextCandidate }: CallState): string | undefined {
  const left = candidates.slice(nextCandidate).map(({ gateway }) => gateway);
  if (left.length === 0) return undefined;
  const more = left.length > MOST_NAMED ? ` and ${String(left.length - MOST_NAMED)} more` : '';
  return `${left.slice(0, MOST_NAMED).join(', ')}${more}`;
}

/** What the carrier means, where a cause of Q.850 says more than its code. */
function decisiveCode({ code, readCode }: Failure): number {
  return readCode ?? code;
}

/** Names of gateways have no blank. */
function isPhone({ attempt }: BranchState): boolean {
  return attempt.candidate.gateway.includes(' ');
}
