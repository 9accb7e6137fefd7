import { refusals } from '@tandem/domain';
import type { EndedBy, RefusalReason } from '@tandem/domain';
import type { SipResponse } from '@tandem/sip';
import type {
  BranchState,
  CallState,
  Failure,
  FinalResponse,
  ProvisionalTimer,
} from './call-state.ts';
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

/** RFC 3261 §16.7 step 6: these of the 4xx tell the caller how to ask again. */
const telling: ReadonlySet<number> = new Set([415, 420, 484]);

/** A refusal of the switch's own, as a failure. */
export function refused(reason: RefusalReason, retryAfterSeconds?: number): Failure {
  const { code } = refusals[reason];
  return { reason, code, text: '', final: { kind: 'refusal', reason, retryAfterSeconds } };
}

/** A reason named by another service; one that is unknown here is a fault of the service. */
export function reasonOf(name: string): RefusalReason {
  return Object.hasOwn(refusals, name) ? (name as RefusalReason) : 'ServiceUnavailable';
}

/** The code that the caller gets. */
export function codeOf(final: FinalResponse): number {
  return final.kind === 'rejection' ? final.code : refusals[final.reason].code;
}

/** Who ended a call that failed. */
export function endedBy(failure: Failure): EndedBy {
  if (failure.reason === 'CallerCancelled') return 'caller';
  return failure.reason === 'Rejected' ? 'callee' : 'switch';
}

/**
 * What the caller gets of several branches that were begun together and have all failed (RFC 3261 §16.7 step 6): a 6xx, else
 * the lowest class, in it what tells the caller most; of equals the first. Undefined where none has failed.
 */
export function bestFailure({ branches, round }: CallState): Failure | undefined {
  let best: Failure | undefined;
  for (const branch of branches) {
    const { failure } = branch;
    if (branch.round !== round || failure === undefined) continue;
    if (best === undefined || rankOf(failure) < rankOf(best)) best = failure;
  }
  return best;
}

function rankOf({ final }: Failure): number {
  const code = codeOf(final);
  const statusClass = Math.floor(code / 100);
  if (statusClass === 6) return 0;
  // A callee's own answer says more than its silence.
  const within = telling.has(code) ? 1 : code === 408 ? 3 : 2;
  return statusClass * 10 + within;
}

/** What was wrong with an answer of the carrier that was matched and served all the same. */
export function noteFaults(
  call: CallState,
  branch: BranchState,
  response: SipResponse,
  nowMs: number,
): void {
  call.decisions.push(
    edgeDecision(
      { check: 'malformed-response', result: 'passed', subject: subjectOf(branch), atMs: nowMs },
      {
        code: response.status,
        faults: response.faults.join('; ').slice(0, LONGEST_FAULTS),
        address: branch.attempt.attempt.address,
      },
    ),
  );
}

/** The carrier's final answer other than a challenge: the callee's own words, or a redirection we do not follow. */
export function attemptFailed(
  call: CallState,
  branch: BranchState,
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
        subject: subjectOf(branch),
        reason,
        atMs: nowMs,
      },
      {
        code: response.status,
        phrase: response.reason,
        address: branch.attempt.attempt.address,
      },
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
  branch: BranchState,
  response: SipResponse,
  nowMs: number,
): Failure {
  const { username } = branch.attempt.candidate;
  const cause =
    username === ''
      ? 'the gateway wants credentials and none are configured'
      : 'the gateway refused our username or password';
  call.decisions.push(
    edgeDecision(
      {
        check: 'digest',
        result: 'failed',
        subject: subjectOf(branch),
        reason: 'BadGateway',
        atMs: nowMs,
      },
      {
        code: response.status,
        username,
        'challenges-answered': branch.challenges,
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
  branch: BranchState,
  cause: 'invite' | 'transport-error' | ProvisionalTimer,
  nowMs: number,
): Failure {
  const { address, startedMs } = branch.attempt.attempt;
  const reason =
    cause === 'invite'
      ? 'InviteTimeout'
      : cause === 'transport-error'
        ? 'BadGateway'
        : 'GatewayTimeout';
  const facts =
    cause === 'transport-error'
      ? { address }
      : { timer: timerParameters[cause], 'waited-ms': nowMs - startedMs, address };
  call.decisions.push(
    edgeDecision(
      { check: 'timer', result: 'failed', subject: subjectOf(branch), reason, atMs: nowMs },
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

function subjectOf({ attempt }: BranchState): string {
  return `routing-gateway ${attempt.candidate.gateway}`;
}
