import type { FactsOf } from '@tandem/domain';
import { MOST_SEQUENCES } from '../marks/call-mark.ts';
import type { BranchState, CallState, Failure } from './call-state.ts';
import { edgeDecision } from './decisions.ts';
import { codeOf, subjectOf } from './failures.ts';
import { isHeard } from './forks.ts';

type Stop = Omit<FactsOf<'failover-stopped'>, 'untried'>;

/** Most gateways that are named. */
const MOST_NAMED = 8;

/** Whether no other gateway is tried, though some are left (ROUTE-06): that is said with the call, and why. */
export function isStopped(
  call: CallState,
  branch: BranchState,
  { failure, nowMs }: { readonly failure: Failure; readonly nowMs: number },
): boolean {
  const stop = stopOf(call, branch, failure);
  if (stop === undefined) return false;
  const left = call.candidates.slice(call.nextCandidate).map(({ gateway }) => gateway);
  const more = left.length > MOST_NAMED ? ` and ${String(left.length - MOST_NAMED)} more` : '';
  const untried = `${left.slice(0, MOST_NAMED).join(', ')}${more}`;
  const subject = subjectOf(branch);
  const facts = { ...stop, untried };
  call.decisions.push(edgeDecision('failover-stopped', { subject, facts, atMs: nowMs }));
  return true;
}

function stopOf(call: CallState, { attempt }: BranchState, failure: Failure): Stop | undefined {
  const { attemptLimit: limit, attempts, sequence } = call;
  const { stopCodes, switchUntilConnect } = attempt.candidate;
  // The caller's own, which is the same for every gateway.
  if (failure.reason === 'DescriptionInvalid') return { why: 'caller-at-fault' };
  if (failure.isRedirected !== true) {
    if (!switchUntilConnect) return { why: 'switchUntilConnect' };
    if (isHeard(call)) return { why: 'early-media' };
  }
  // A branch has one byte for the number of its INVITE.
  if (sequence >= MOST_SEQUENCES) return { why: 'most-attempts', limit: MOST_SEQUENCES };
  if (limit > 0 && attempts.length >= limit) return { why: 'SS_GATEWAY_SWITCH_LIMIT', limit };
  if (failure.reason !== 'Rejected') return undefined;
  // A redirection that is to pass is for the caller to follow.
  if (codeOf(failure.final) < 400) return { why: 'redirected' };
  const code = failure.readCode ?? failure.code;
  // RFC 4028 §7.3: the caller asks again with the longer interval; another gateway may not mind, but is not better.
  if (code === 422) return { why: 'session-interval' };
  if (!stopCodes.includes(code)) return undefined;
  return { why: 'stop-code', code, stopCodes: stopCodes.join(', ') };
}
