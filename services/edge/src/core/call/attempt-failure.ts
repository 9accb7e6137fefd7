import { refusals } from '@tandem/domain';
import type { SipResponse } from '@tandem/sip';
import type { CallAttempt, CallState, Failure, ProvisionalTimer } from './call-state.ts';
import { edgeDecision } from './decisions.ts';

/** A carrier that writes much nonsense fills no CDR. */
const LONGEST_FAULTS = 500;

/** The parameters behind the timers, for the decision that names them (CALL-03). */
const timerParameters = {
  invite: 'SS_SIP_TIMEOUT_INVITE',
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
  call.decisions.push(
    edgeDecision(
      { check: 'malformed-response', result: 'passed', subject: subjectOf(current), atMs: nowMs },
      {
        code: response.status,
        faults: response.faults.join('; ').slice(0, LONGEST_FAULTS),
        address: current.attempt.address,
      },
    ),
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
  call.decisions.push(
    edgeDecision(
      {
        check: 'final-response',
        result: 'failed',
        subject: subjectOf(current),
        reason,
        atMs: nowMs,
      },
      { code: response.status, phrase: response.reason, address: current.attempt.address },
    ),
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
  call.decisions.push(
    edgeDecision(
      {
        check: 'digest',
        result: 'failed',
        subject: subjectOf(current),
        reason: 'BadGateway',
        atMs: nowMs,
      },
      {
        code: response.status,
        username: current.candidate.username,
        'challenges-answered': current.challenges,
        cause,
      },
    ),
  );
  return {
    reason: 'BadGateway',
    code: response.status,
    text: cause,
    // Never a 401 or 407: the caller would take it for a challenge of ours.
    final: { kind: 'refusal', reason: 'BadGateway' },
  };
}

/** The carrier went silent, or cannot be reached (DENY-14, DENY-15, DENY-16). */
export function attemptTimedOut(
  call: CallState,
  current: CallAttempt,
  cause: 'invite' | 'transport-error' | ProvisionalTimer,
  nowMs: number,
): Failure {
  const reason =
    cause === 'invite'
      ? 'InviteTimeout'
      : cause === 'transport-error'
        ? 'BadGateway'
        : 'GatewayTimeout';
  const waitedMs = nowMs - current.attempt.startedMs;
  const facts =
    cause === 'transport-error'
      ? { address: current.attempt.address }
      : { timer: timerParameters[cause], 'waited-ms': waitedMs, address: current.attempt.address };
  call.decisions.push(
    edgeDecision(
      { check: 'timer', result: 'failed', subject: subjectOf(current), reason, atMs: nowMs },
      facts,
    ),
  );
  return {
    reason,
    code: refusals[reason].code,
    text: '',
    final: { kind: 'refusal', reason },
  };
}

function subjectOf(current: CallAttempt): string {
  return `routing-gateway ${current.candidate.gateway}`;
}
