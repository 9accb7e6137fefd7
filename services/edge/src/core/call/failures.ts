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

/** CALL-03: the parameters behind the timers that run after a provisional response, for the decision that names them. */
const timerParameters = {
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
  const faults = response.faults.join('; ').slice(0, LONGEST_FAULTS);
  noteFault(call, branch, { code: response.status, faults, nowMs });
}

/** A carrier that has a provisional response acknowledged though nobody offered that (RFC 3262 §3). */
export function noteUnasked(
  call: CallState,
  branch: BranchState,
  response: SipResponse,
  nowMs: number,
): void {
  const faults = 'Require: 100rel, which the INVITE does not support: it passes as any other';
  noteFault(call, branch, { code: response.status, faults, nowMs });
}

function noteFault(
  call: CallState,
  branch: BranchState,
  {
    code,
    faults,
    nowMs,
  }: { readonly code: number; readonly faults: string; readonly nowMs: number },
): void {
  const facts = { code, faults, address: branch.attempt.attempt.address };
  call.decisions.push(
    edgeDecision('malformed-response', { subject: subjectOf(branch), facts, atMs: nowMs }),
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
  const facts = {
    code: response.status,
    phrase: response.reason,
    address: branch.attempt.attempt.address,
  };
  call.decisions.push(
    edgeDecision('final-response', { subject: subjectOf(branch), reason, facts, atMs: nowMs }),
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
  { response, cause }: { readonly response: SipResponse; readonly cause: string },
  nowMs: number,
): Failure {
  const { username } = branch.attempt.candidate;
  const facts = {
    code: response.status,
    username,
    'challenges-answered': branch.challenges,
    cause,
  } as const;
  call.decisions.push(
    edgeDecision('credentials-refused', { subject: subjectOf(branch), facts, atMs: nowMs }),
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
  branch: BranchState,
  cause: 'invite' | 'transport-error' | ProvisionalTimer,
  nowMs: number,
): Failure {
  const { address, startedMs } = branch.attempt.attempt;
  const waited = { 'waited-ms': nowMs - startedMs, address };
  const made = { subject: subjectOf(branch), atMs: nowMs };
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

/** Whom a decision about a branch is of. */
export function subjectOf({ attempt }: BranchState): string {
  return `routing-gateway ${attempt.candidate.gateway}`;
}
