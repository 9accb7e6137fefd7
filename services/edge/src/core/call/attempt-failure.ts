import type { SipResponse } from '@tandem/sip';
import { refused } from './call-endings.ts';
import type { CallAttempt, CallState, Failure, ProvisionalTimer } from './call-state.ts';
import { edgeDecision } from './decisions.ts';

/** A carrier that writes much nonsense fills no CDR. */
const LONGEST_FAULTS = 500;

/** CALL-03: the parameters behind the timers that run after a provisional response, for the decision that names them. */
const timerParameters = {
  ringing: 'SS_SIP_TIMEOUT_RINGING',
  'session-progress': 'SS_SIP_TIMEOUT_SESSION_PROGRESS',
  'session-progress-sdp': 'SS_SIP_TIMEOUT_SESSION_PROGRESS_SDP',
} as const;

/** What was wrong with an answer of the carrier that was matched and served all the same. */
export function noteFaults(
  call: CallState,
  current: CallAttempt,
  response: SipResponse,
  nowMs: number,
): void {
  const facts = {
    code: response.status,
    faults: response.faults.join('; ').slice(0, LONGEST_FAULTS),
    address: current.attempt.address,
  };
  call.decisions.push(
    edgeDecision('malformed-response', { subject: subjectOf(current), facts, atMs: nowMs }),
  );
}

/** The carrier's final answer other than a challenge: the callee's own words, or a redirection we do not follow. */
export function attemptFailed(
  call: CallState,
  current: CallAttempt,
  response: SipResponse,
  nowMs: number,
): Failure {
  const isRejection = response.status >= 400;
  const reason = isRejection ? 'Rejected' : 'BadGateway';
  const text = response.headers.get('Reason') ?? response.reason;
  const facts = {
    code: response.status,
    phrase: response.reason,
    address: current.attempt.address,
  };
  call.decisions.push(
    edgeDecision('final-response', { subject: subjectOf(current), reason, facts, atMs: nowMs }),
  );
  return {
    reason,
    code: response.status,
    text,
    final: isRejection
      ? {
          kind: 'rejection',
          code: response.status,
          phrase: response.reason,
          headers: response.headers,
        }
      : { kind: 'refusal', reason: 'BadGateway' },
  };
}

/** The carrier challenged and cannot be satisfied: no credentials, or they were refused (AUTH-11). */
export function carrierRefused(
  call: CallState,
  current: CallAttempt,
  response: SipResponse,
  nowMs: number,
): Failure {
  const hasCredentials = current.candidate.username !== '';
  const cause = hasCredentials
    ? 'the gateway refused our username or password'
    : 'the gateway wants credentials and none are configured';
  const facts = {
    code: response.status,
    username: current.candidate.username,
    'challenges-answered': current.challenges,
    cause,
  };
  call.decisions.push(
    edgeDecision('credentials-refused', { subject: subjectOf(current), facts, atMs: nowMs }),
  );
  return {
    reason: 'BadGateway',
    code: response.status,
    text: cause,
    // Never a 401 or 407: the caller would take it for a challenge of ours.
    final: { kind: 'refusal', reason: 'BadGateway' },
  };
}

/** The carrier went silent, or cannot be reached (CALL-03, DENY-14, DENY-15, DENY-16). */
export function attemptTimedOut(
  call: CallState,
  current: CallAttempt,
  cause: 'invite' | 'transport-error' | ProvisionalTimer,
  nowMs: number,
): Failure {
  const subject = subjectOf(current);
  const { address, startedMs } = current.attempt;
  const waited = { 'waited-ms': nowMs - startedMs, address };
  const made = { subject, atMs: nowMs };
  switch (cause) {
    case 'transport-error':
      call.decisions.push(edgeDecision('unreachable', { ...made, facts: { address } }));
      return refused('BadGateway');
    case 'invite': {
      const facts = { timer: 'SS_SIP_TIMEOUT_INVITE', ...waited } as const;
      call.decisions.push(edgeDecision('nothing-received', { ...made, facts }));
      return refused('InviteTimeout');
    }
    default: {
      const facts = { timer: timerParameters[cause], ...waited };
      call.decisions.push(edgeDecision('no-final-response', { ...made, facts }));
      return refused('GatewayTimeout');
    }
  }
}

function subjectOf(current: CallAttempt): string {
  return `routing-gateway ${current.candidate.gateway}`;
}
