import { refusals } from '@tandem/domain';
import type { EndedBy, RefusalReason } from '@tandem/domain';
import { readableText } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import { destinationOf } from './call-state.ts';
import type {
  BranchState,
  CallState,
  Failure,
  FinalResponse,
  ProvisionalTimer,
} from './call-state.ts';
import { mappedCode, mappedRefusal } from './code-maps.ts';
import type { MappedCode, ShownProgress } from './code-maps.ts';
import { edgeDecision } from './decisions.ts';
import { codecsOf } from './sdp-codecs.ts';
import { whatIsAsked, whatWouldDo } from './telling-headers.ts';

/** CALL-03: the parameters behind the timers that run after a provisional response, for the decision that names them. */
const timerParameters = {
  ringing: 'SS_SIP_TIMEOUT_RINGING',
  'session-progress': 'SS_SIP_TIMEOUT_SESSION_PROGRESS',
  'session-progress-sdp': 'SS_SIP_TIMEOUT_SESSION_PROGRESS_SDP',
} as const;

/** The same as a gateway of the configuration names them. */
const timerNames = {
  ringing: 'ringing',
  'session-progress': 'sessionProgress',
  'session-progress-sdp': 'sessionProgressSdp',
} as const;

function ownTimer({ attempt }: BranchState, name: string): string | undefined {
  return attempt.candidate.timers?.own.includes(name) === true ? `timers.${name}` : undefined;
}

/** RFC 5626 §11.5: what somebody on the way says of a connection that is gone. No caller hears of it. */
export const FLOW_FAILED = 430;

/** RFC 3261 §16.7 step 6, RFC 4028 §7.3: these of the 4xx tell the caller how to ask again. */
const telling: ReadonlySet<number> = new Set([415, 420, 422, 484]);

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
  if (final.kind === 'rejection') return final.code;
  return final.told?.code ?? refusals[final.reason].code;
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

/**
 * What the caller gets of two attempts, one after the other (RFC 3261 §16.7 step 6), ranked as those that were begun together;
 * of equals the later, which is what ended the search.
 */
export function betterFailure(known: Failure | undefined, later: Failure): Failure {
  return known !== undefined && rankOf(known) < rankOf(later) ? known : later;
}

function rankOf({ code: said, final }: Failure): number {
  const code = codeOf(final);
  const statusClass = Math.floor(code / 100);
  if (statusClass === 6) return 0;
  return statusClass * 10 + rankInClass(said, final);
}

/** What a carrier says tells more than that it is silent, broken or away. */
function rankInClass(said: number, final: FinalResponse): number {
  if (final.kind === 'refusal' || said === 408) return 3;
  if (said === 503) return 4;
  return telling.has(said) ? 1 : 2;
}

/** Says that the caller hears something else than the carrier says before the answer: once is enough. */
export function noteShown(
  call: CallState,
  branch: BranchState,
  parts: {
    readonly response: SipResponse;
    readonly hasSdp: boolean;
    readonly shown: ShownProgress;
    readonly around: { readonly nowMs: number };
  },
): void {
  if (branch.isMapNoted === true) return;
  branch.isMapNoted = true;
  const { response, hasSdp, shown, around } = parts;
  const sdp = shown.hasSdp ? 'kept' : hasSdp ? 'dropped' : 'none';
  const facts = { from: response.status, to: shown.status, sdp } as const;
  const subject = subjectOf(branch);
  call.decisions.push(edgeDecision('progress-mapped', { subject, facts, atMs: around.nowMs }));
}

/** Says which of several answers goes back, where that is not the last one. */
export function noteBest(call: CallState, best: Failure, nowMs: number): void {
  const failed = call.attempts.filter(({ attempt }) => attempt.endedMs !== 0);
  const last = failed.at(-1)?.attempt.code ?? best.code;
  if (last === best.code) return;
  const facts = { code: best.code, last, attempts: failed.length };
  call.decisions.push(edgeDecision('best-response', { subject: 'caller', facts, atMs: nowMs }));
}

/** What was wrong with an answer of the carrier that was matched and served all the same. */
export function noteFaults(
  call: CallState,
  branch: BranchState,
  response: SipResponse,
  nowMs: number,
): void {
  const faults = readableText(response.faults.join('; '));
  noteFault(call, branch, { code: response.status, faults, nowMs });
}

/** A carrier that has a provisional response acknowledged though nobody offered that (RFC 3262 §3). */
export function noteUnasked(
  call: CallState,
  branch: BranchState,
  response: SipResponse,
  nowMs: number,
): void {
  const faults =
    'Require: 100rel, which the INVITE does not support: the switch acknowledges all but an offer';
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

/**
 * The carrier's final answer other than a challenge: the callee's own words, as the gateway's maps tell them. A redirection that
 * is not followed is a bad gateway (DENY-16), unless a map makes a refusal of it, or it is to pass.
 */
export function attemptFailed(
  call: CallState,
  branch: BranchState,
  response: SipResponse,
  nowMs: number,
): Failure {
  const { status, headers } = response;
  if (status === FLOW_FAILED) return flowFailed(call, branch, response, nowMs);
  const { answers } = branch.attempt.candidate;
  const mapped = mappedRefusal(response, answers);
  const isTold = status >= 400 || mapped.map !== undefined || answers?.redirects === 'pass';
  const reason = isTold ? 'Rejected' : 'BadGateway';
  const subject = subjectOf(branch);
  const facts = {
    code: status,
    phrase: readableText(response.reason),
    address: branch.attempt.attempt.address,
    'retry-after': restOf(response),
    warning: readable(headers.get('Warning')),
    'reason-header': readable(headers.get('Reason')),
    says: whatWouldDo(response),
    codecs: codecsOf(response).join(', ') || undefined,
  };
  call.decisions.push(edgeDecision('final-response', { subject, reason, facts, atMs: nowMs }));
  noteMapped(call, { subject, from: status, mapped, nowMs });
  const text = readableText(headers.get('Reason') ?? response.reason);
  if (!isTold) {
    return { reason, code: status, text, final: { kind: 'refusal', reason: 'BadGateway' } };
  }
  const { code, phrase, readCode } = mapped;
  const { sequence } = branch;
  const final = { kind: 'rejection', code, phrase, response, sequence } as const;
  return { reason, code: status, readCode, text, final };
}

const LONGEST = 200;

function readable(value: string | undefined): string | undefined {
  return value === undefined ? undefined : readableText(value).slice(0, LONGEST);
}

function flowFailed(
  call: CallState,
  branch: BranchState,
  { reason, status }: SipResponse,
  nowMs: number,
): Failure {
  const failed = attemptTimedOut(call, branch, { cause: 'transport-error' }, nowMs);
  return { ...failed, code: status, text: readableText(reason) };
}

/** What the caller's own gateway makes of the end of its call; its own cancel stays what it is. */
export function toldToCaller(call: CallState, failure: Failure, nowMs: number): Failure {
  const { callerAnswers, origin } = call;
  const { final, reason } = failure;
  const code = codeOf(final);
  const told = reason === 'CallerCancelled' ? undefined : mappedCode(code, callerAnswers);
  if (told === undefined) return failure;
  const subject = `${origin?.kind ?? ''} ${origin?.name ?? ''}`;
  noteMapped(call, { subject, from: code, mapped: { ...told, map: 'codeMap' }, nowMs });
  return {
    ...failure,
    final: final.kind === 'rejection' ? { ...final, ...told } : { ...final, told },
  };
}

/** Says which map has changed a code. */
function noteMapped(
  call: CallState,
  {
    subject,
    from,
    mapped,
    nowMs,
  }: {
    readonly subject: string;
    readonly from: number;
    readonly mapped: Pick<MappedCode, 'code' | 'map'> & Partial<Pick<MappedCode, 'cause'>>;
    readonly nowMs: number;
  },
): void {
  const { code: to, map, cause } = mapped;
  if (map === undefined || to === from) return;
  const facts = { from, to, map, cause };
  call.decisions.push(edgeDecision('code-mapped', { subject, facts, atMs: nowMs }));
}

/** For how long a carrier that is away wants to be left alone, in seconds (RFC 3261 §21.5.4); undefined where it does not say. */
export function restOf({ status, headers }: SipResponse): number | undefined {
  return status === 503 ? deltaSeconds(headers.get('Retry-After')) : undefined;
}

/** RFC 3261 §20.33: delta-seconds, which a comment and parameters may follow. */
function deltaSeconds(value = ''): number | undefined {
  const digits = /^\s*(\d{1,9})\s*(?:[(;]|$)/.exec(value)?.[1];
  return digits === undefined ? undefined : Number(digits);
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
    asked: whatIsAsked(response),
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

/** What somebody says of its media cannot be anchored (CALL-08). @param parts.branch that of the carrier. @default the caller's */
export function descriptionInvalid(
  call: CallState,
  {
    branch,
    error,
    atMs,
  }: {
    readonly branch?: BranchState | undefined;
    readonly error: string;
    readonly atMs: number;
  },
): Failure {
  const reason = branch === undefined ? 'DescriptionInvalid' : 'BadGateway';
  const subject = branch === undefined ? 'caller' : subjectOf(branch);
  call.decisions.push(
    edgeDecision('description-invalid', { subject, reason, facts: { error }, atMs }),
  );
  return refused(reason);
}

/** The callee said BYE before it answered. */
export function leftEarly(call: CallState, branch: BranchState, nowMs: number): Failure {
  const { address } = branch.attempt.attempt;
  const made = { subject: subjectOf(branch), facts: { address }, atMs: nowMs };
  call.decisions.push(edgeDecision('left-early', made));
  return refused('BadGateway');
}

/** The carrier went silent, or cannot be reached (CALL-03, DENY-14, DENY-15, DENY-16). */
export function attemptTimedOut(
  call: CallState,
  branch: BranchState,
  {
    cause,
    network,
    times,
  }: {
    readonly cause: 'invite' | 'transport-error' | 'no-listener' | 'own-address' | ProvisionalTimer;
    /** What the network says of the address. */
    readonly network?: string | undefined;
    /** How often the INVITE was sent. */
    readonly times?: number | undefined;
  },
  nowMs: number,
): Failure {
  const { address, startedMs } = branch.attempt.attempt;
  const waited = { 'waited-ms': nowMs - startedMs, address };
  const made = { subject: subjectOf(branch), atMs: nowMs };
  switch (cause) {
    case 'transport-error': {
      const transport = destinationOf(branch.attempt).target.transport.name;
      const facts = { address, network, transport };
      call.decisions.push(edgeDecision('unreachable', { ...made, facts }));
      return refused('BadGateway');
    }
    case 'no-listener': {
      const { transport, local = '' } = destinationOf(branch.attempt).target;
      const facts = { address, transport: transport.name, 'local-address': local };
      call.decisions.push(edgeDecision('no-listener', { ...made, facts }));
      return refused('BadGateway');
    }
    case 'own-address':
      call.decisions.push(edgeDecision('own-address', { ...made, facts: { address } }));
      return refused('BadGateway');
    case 'invite': {
      const facts = {
        timer: 'SS_SIP_TIMEOUT_INVITE',
        ...waited,
        'own-timer': ownTimer(branch, 'invite'),
        times,
        network,
      } as const;
      call.decisions.push(edgeDecision('nothing-received', { ...made, facts }));
      return refused('InviteTimeout');
    }
    default: {
      const facts = {
        timer: timerParameters[cause],
        ...waited,
        'own-timer': ownTimer(branch, timerNames[cause]),
        code: branch.lastProvisional,
      };
      call.decisions.push(edgeDecision('no-final-response', { ...made, facts }));
      return refused('GatewayTimeout');
    }
  }
}

/** Whom a decision about a branch is of. */
export function subjectOf({ attempt }: BranchState): string {
  return `routing-gateway ${attempt.candidate.gateway}`;
}
