import type { CallRecord, FinalAnswer } from '@tandem/proto/edge';
import type { Attempt } from '@tandem/proto/events';
import { Candidate } from '@tandem/proto/routing';
import { SipRequest, parseMessage } from '@tandem/sip';
import { reasonOf, refused } from './call-endings.ts';
import { newCall } from './call-state.ts';
import type {
  Authorization,
  CallAttempt,
  CallPhase,
  CallState,
  Failure,
  ProvisionalTimer,
} from './call-state.ts';
import { parseFlowAddress } from '../network/flow-address.ts';
import type { PeerAddress } from '../network/peer-address.ts';
import type { Sealer } from '../marks/seal.ts';

/** What a record says of a call and of its caller. */
export interface AdoptedCall {
  readonly call: CallState;
  readonly invite: SipRequest;
  readonly source: PeerAddress;
}

/** The caller of a call that is in the store, as its record has it; undefined where the record cannot be read. */
function recordedCaller(record: CallRecord): Omit<AdoptedCall, 'call'> | undefined {
  const source = parseFlowAddress(record.source);
  const invite = parseMessage(Buffer.from(record.invite));
  return source === undefined || !(invite instanceof SipRequest) ? undefined : { invite, source };
}

/** The state of a call as the pod that had it last wrote it down: what `resume` of the machine goes on from. */
export function adoptedCall(
  record: CallRecord,
  parts: { readonly sealer: Sealer; readonly isEnded: boolean },
): AdoptedCall | undefined {
  const caller = recordedCaller(record);
  if (caller === undefined) return undefined;
  const call = newCall(record.callId, record.startedMs);
  const candidates = record.candidates.map((candidate) => opened(candidate, parts.sealer));
  call.ringingMs = record.ringingMs;
  call.origin = record.origin;
  call.callerAddresses = record.callerAddresses;
  call.decisions.push(...record.decisions);
  call.candidates = candidates;
  call.nextCandidate = record.attempt;
  call.attempts.push(...attemptsOf(record, candidates));
  call.lines = record.lines;
  call.customerTerms = record.customerTerms;
  call.maxDurationSeconds = record.maxDurationSeconds;
  call.attemptLimit = record.attemptLimit;
  call.stopsAfterSdp = record.stopsAfterSdp;
  call.hasEarlyMedia = record.hasEarlyMedia;
  call.toTag = record.toTag;
  // The record stands before the 100 that it allows.
  call.isTryingSent = true;
  call.sequence = record.sequence;
  call.provisionalTimer = timers.find((name) => name === record.timer);
  call.timerDueMs = record.timerDueMs;
  call.phase = phaseOf(record, parts.isEnded);
  call.failure = failureOf(record, call.phase);
  return { call, ...caller };
}

/** What the caller of a call that has failed is told. */
export function recordedFinal(final: FinalAnswer | undefined): Failure {
  if (final === undefined) return refused('ServiceUnavailable');
  const { reason, retryAfterSeconds, code, phrase } = final;
  if (reason !== '') return refused(reasonOf(reason), retryAfterSeconds || undefined);
  return rejected({ code, phrase });
}

const timers: readonly ProvisionalTimer[] = ['ringing', 'session-progress', 'session-progress-sdp'];

function phaseOf(record: CallRecord, isEnded: boolean): CallPhase {
  if (isEnded) return 'ended';
  const last = record.attempts.at(-1);
  if (last === undefined) return 'routing';
  return last.endedMs === 0 ? 'calling' : 'switching';
}

function failureOf(record: CallRecord, phase: CallPhase): Failure | undefined {
  if (phase === 'ended') return recordedFinal(record.final);
  const failed = record.attempts.findLast(({ endedMs }) => endedMs !== 0);
  if (failed === undefined) return undefined;
  const { reason, code, text } = failed;
  if (reason !== 'Rejected') return refused(reasonOf(reason));
  // The text is the carrier's phrase, or its Reason header, which is no phrase.
  return rejected({ code, phrase: text.includes(';') ? 'Rejected' : text });
}

function rejected({ code, phrase }: { readonly code: number; readonly phrase: string }): Failure {
  return { reason: 'Rejected', code, text: phrase, final: { kind: 'rejection', code, phrase } };
}

function attemptsOf(record: CallRecord, candidates: readonly Candidate[]): CallAttempt[] {
  return record.attempts.map((attempt, at) => {
    const isLast = at === record.attempts.length - 1;
    const invite = isLast ? record : record.windingUp.find((sent) => sent.attempt === at);
    return {
      candidate: candidateOf(attempt, candidates),
      attempt,
      sequence: invite?.sequence ?? 0,
      branch: invite?.branch ?? '',
      cseqOffset: invite?.cseqOffset ?? 0,
      challenges: isLast ? record.challenges : 0,
      hasProvisional: isLast ? record.hasProvisional : invite !== undefined,
      hasFinal: false,
      isCancelDue: isLast ? record.isCancelSent : invite !== undefined,
      isCancelSent: false,
      isAdopted: true,
      authorization: isLast ? authorizationOf(record) : undefined,
    };
  });
}

function candidateOf(attempt: Attempt, candidates: readonly Candidate[]): Candidate {
  return (
    candidates.find(
      ({ gateway, addresses }) =>
        gateway === attempt.gateway && addresses.includes(attempt.address),
    ) ?? Candidate.fromPartial({ gateway: attempt.gateway, account: attempt.account })
  );
}

function authorizationOf({
  authorizationHeader: header,
  authorization: value,
}: CallRecord): Authorization | undefined {
  return header === 'Authorization' || header === 'Proxy-Authorization'
    ? { header, value }
    : undefined;
}

function opened(candidate: Candidate, sealer: Sealer): Candidate {
  if (candidate.password === '') return candidate;
  const password = sealer.open('secret', candidate.password)?.toString() ?? '';
  return { ...candidate, password };
}
