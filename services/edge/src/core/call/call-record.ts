import { CallRecord } from '@tandem/proto/edge';
import type { FinalAnswer, SentInvite } from '@tandem/proto/edge';
import { encoded } from '@tandem/proto/encoded';
import type { Candidate } from '@tandem/proto/routing';
import type { CallAttempt, CallState, FinalResponse } from './call-state.ts';
import { formatFlowAddress } from '../network/flow-address.ts';
import type { PeerAddress } from '../network/peer-address.ts';
import type { Sealer } from '../marks/seal.ts';

/** What a record says besides the state of the call. */
export interface RecordFacts {
  readonly inviteBytes: Buffer;
  readonly source: PeerAddress;
  readonly traceParent: string;
  readonly sealer: Sealer;
  /** `slot.epoch` of the pod that writes it. */
  readonly owner: string;
  /** Set once the call has failed: what the caller is told. */
  readonly final?: FinalResponse | undefined;
}

/** The write-ahead record: all that another pod needs to go on with the call (edge.md §1.5, core/adopted-call.ts). */
export function callRecord(call: CallState, facts: RecordFacts): Buffer {
  const last = call.attempts.at(-1);
  const record: CallRecord = {
    callId: call.callId,
    invite: facts.inviteBytes,
    source: formatFlowAddress(facts.source),
    startedMs: call.startedMs,
    ringingMs: call.ringingMs,
    origin: call.origin,
    callerAddresses: [...call.callerAddresses],
    candidates: call.candidates.map((candidate) => sealed(candidate, facts.sealer)),
    attempt: call.nextCandidate,
    attempts: call.attempts.map(({ attempt }) => attempt),
    sequence: call.sequence,
    customerTerms: call.customerTerms,
    lines: [...call.lines],
    decisions: call.decisions,
    traceParent: facts.traceParent,
    maxDurationSeconds: call.maxDurationSeconds,
    ...inviteUnderWay(last),
    toTag: call.toTag,
    hasEarlyMedia: call.hasEarlyMedia,
    isTryingSent: call.isTryingSent,
    timer: call.provisionalTimer ?? '',
    timerDueMs: call.timerDueMs,
    attemptLimit: call.attemptLimit,
    stopsAfterSdp: call.stopsAfterSdp,
    isStub: last === undefined,
    windingUp: windingUp(call),
    final: facts.final === undefined ? undefined : finalAnswer(facts.final),
    owner: facts.owner,
  };
  return encoded(CallRecord, record);
}

/** What the record says of the last attempt's INVITE. */
function inviteUnderWay(
  last: CallAttempt | undefined,
): Pick<
  CallRecord,
  | 'cseqOffset'
  | 'authorizationHeader'
  | 'authorization'
  | 'branch'
  | 'challenges'
  | 'hasProvisional'
  | 'isCancelSent'
> {
  const { header = '', value = '' } = last?.authorization ?? {};
  return {
    cseqOffset: last?.cseqOffset ?? 0,
    authorizationHeader: header,
    authorization: value,
    branch: last?.branch ?? '',
    challenges: last?.challenges ?? 0,
    hasProvisional: last?.hasProvisional ?? false,
    isCancelSent: last?.isCancelDue ?? false,
  };
}

/** Earlier attempts whose carriers must be told, and have not said that they know. */
function windingUp(call: CallState): SentInvite[] {
  return call.attempts.flatMap(({ isCancelDue, hasFinal, sequence, cseqOffset, branch }, at) =>
    at < call.attempts.length - 1 && isCancelDue && !hasFinal
      ? [{ attempt: at, sequence, cseqOffset, branch }]
      : [],
  );
}

function finalAnswer(final: FinalResponse): FinalAnswer {
  return final.kind === 'refusal'
    ? {
        reason: final.reason,
        retryAfterSeconds: final.retryAfterSeconds ?? 0,
        code: 0,
        phrase: '',
      }
    : { reason: '', retryAfterSeconds: 0, code: final.code, phrase: final.phrase };
}

/** The carriers' passwords lie sealed in the store (AUTH-12). */
function sealed(candidate: Candidate, sealer: Sealer): Candidate {
  if (candidate.password === '') return candidate;
  return { ...candidate, password: sealer.seal('secret', Buffer.from(candidate.password)) };
}
