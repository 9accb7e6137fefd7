import type { Branch as RecordedBranch, CallRecord, FinalAnswer } from '@tandem/proto/edge';
import type { Attempt } from '@tandem/proto/events';
import { Candidate } from '@tandem/proto/routing';
import { SipRequest, SipResponse, parseMessage } from '@tandem/sip';
import type { Sealer } from '../marks/seal.ts';
import { readAuthorizations } from '../messages/challenge-answers.ts';
import type { Authorization } from '../messages/challenge-answers.ts';
import { parseFlowAddress } from '../network/flow-address.ts';
import { bodiesDue, switchOn } from './branches.ts';
import { cancelsDue } from './call-outcomes.ts';
import { recordedBranches } from './call-record.ts';
import { newCall } from './call-state.ts';
import type {
  AttemptState,
  BranchState,
  Call,
  CallPhase,
  CallState,
  Failure,
  ProvisionalTimer,
} from './call-state.ts';
import type { CallEffect, CallSurroundings } from './call-steps.ts';
import { edgeDecision } from './decisions.ts';
import { bestFailure, reasonOf, refused } from './failures.ts';
import { replyModeOf } from '../network/reply-address.ts';
import { destinationsOf } from './targets.ts';

/** The state of a call as the pod that had it last wrote it down; undefined where the record cannot be read. */
export function adoptedCall(
  record: CallRecord,
  parts: { readonly sealer: Sealer; readonly isEnded: boolean },
): Call | undefined {
  const source = parseFlowAddress(record.source);
  const invite = parseMessage(Buffer.from(record.invite));
  if (source === undefined || !(invite instanceof SipRequest)) return undefined;
  const { callId, startedMs } = record;
  // The version before always said so.
  const { product = 'Tandem' } = record;
  const call = newCall({ callId, startedMs, invite, source, product });
  call.ringingMs = record.ringingMs;
  call.origin = record.origin;
  call.callerAddresses = record.callerAddresses;
  call.replyMode = replyModeOf(record.replyAddress);
  call.verification = record.verification;
  call.asserted = record.asserted;
  call.decisions.push(...record.decisions);
  call.candidates = record.candidates.map((candidate) => opened(candidate, parts.sealer));
  call.nextCandidate = record.attempt;
  call.lines = record.lines;
  call.customerTerms = record.customerTerms;
  call.maxDurationSeconds = record.maxDurationSeconds;
  call.attemptLimit = record.attemptLimit;
  call.stopsAfterSdp = record.stopsAfterSdp;
  call.hasEarlyMedia = record.hasEarlyMedia;
  call.isOfVersionBefore = !record.passesAllow;
  call.callerAnswers = record.callerAnswers;
  call.cancelReasons = record.cancelReasons;
  call.toTag = record.toTag;
  // The record stands before the 100 that it allows.
  call.isTryingSent = true;
  call.sequence = record.sequence;
  const branches = recordedBranches(record);
  record.attempts.forEach((attempt, at) => {
    const branch = branches.find((each) => each.attempt === at);
    call.attempts.push({ ...placeOf(attempt, call.candidates, branch), attempt });
  });
  for (const branch of branches) {
    const attempt = call.attempts[branch.attempt];
    if (attempt !== undefined) call.branches.push(adoptedBranch(branch, attempt));
  }
  for (const { sequence, farTag, tag, isOver, isLeft } of record.dialogs) {
    const branch = call.branches.find((each) => each.sequence === sequence);
    // Nothing comes any more of one whose INVITE the record leaves out.
    if (branch !== undefined) call.dialogs.push({ branch, farTag, tag, isOver, isLeft });
  }
  call.phase = phaseOf(call, parts.isEnded);
  call.failure = call.phase === 'ended' ? recordedFinal(record.final) : bestOf(record, call);
  return call;
}

/** The decision that tells who took a call over, and how the first effects of it follow from its record (edge.md §5). */
export function resume(
  adopted: Call,
  around: CallSurroundings,
  parts: {
    readonly adoption: {
      readonly by: string;
      readonly from: string;
      readonly cause: 'message' | 'offer' | 'sweep';
    };
    /** Branch of an INVITE to which a response has come, so that it need not be sent again. */
    readonly seenBranch?: string | undefined;
  },
): CallEffect[] {
  const call = adopted as CallState;
  const { by, from, cause } = parts.adoption;
  call.decisions.push(
    edgeDecision('adopted', {
      subject: `edge ${by}`,
      facts: { from, cause },
      atMs: around.nowMs,
    }),
  );
  if (call.phase === 'routing') return [{ kind: 'route' }];
  const effects = cancelsDue(call);
  for (const branch of call.branches) {
    // Also one that was cancelled before a provisional response: that which the repeated INVITE brings is answered with CANCEL.
    if (branch.isCancelDue || branch.isOver || branch.passing === 'due') continue;
    branch.isSent = true;
    const isSeen = branch.hasProvisional || branch.text === parts.seenBranch;
    effects.push({ kind: 'invite', branch, isSeen });
  }
  for (const { timer, timerDueMs, sequence } of call.branches) {
    if (timer === undefined) continue;
    const ms = Math.max(0, timerDueMs - around.nowMs);
    effects.push({ kind: 'start-timer', name: timer, sequence, ms });
  }
  effects.push(...bodiesDue(call));
  if (call.phase === 'switching') effects.push(switchOn(call));
  if (call.phase === 'ended' && call.failure !== undefined) {
    effects.push({ kind: 'respond', final: call.failure.final });
  }
  return effects;
}

/** What the caller of a call that has failed is told. */
export function recordedFinal(final: FinalAnswer | undefined): Failure {
  if (final === undefined) return refused('ServiceUnavailable');
  const { reason, retryAfterSeconds, code, phrase, sequence, attemptCode, text } = final;
  if (reason !== '') {
    const failure = refused(reasonOf(reason), retryAfterSeconds || undefined);
    const told = code === 0 ? undefined : { code, phrase };
    const { final: refusal } = failure;
    return {
      ...failure,
      code: attemptCode || failure.code,
      text,
      final: refusal.kind === 'refusal' ? { ...refusal, told } : refusal,
    };
  }
  const failure = rejected({ code, phrase });
  const response = recordedResponse(final.response);
  return {
    ...failure,
    code: attemptCode || code,
    text: text === '' ? failure.text : text,
    final: { kind: 'rejection', code, phrase, response, sequence },
  };
}

/** Undefined where there is none, or none that can be read: the caller gets the code alone. */
function recordedResponse(bytes: Uint8Array): SipResponse | undefined {
  if (bytes.length === 0) return undefined;
  try {
    const message = parseMessage(Buffer.from(bytes));
    return message instanceof SipResponse ? message : undefined;
  } catch {
    return undefined; // What was mended when it came need not be well-formed.
  }
}

const timers: readonly ProvisionalTimer[] = ['ringing', 'session-progress', 'session-progress-sdp'];

function phaseOf({ attempts, branches }: CallState, isEnded: boolean): CallPhase {
  if (isEnded) return 'ended';
  if (attempts.length === 0) return 'routing';
  return branches.some(({ isLive }) => isLive) ? 'calling' : 'switching';
}

/** The version before records none: there the attempts say it. */
function bestOf({ best }: CallRecord, call: CallState): Failure | undefined {
  return best === undefined ? (bestFailure(call) ?? lastFailure(call)) : recordedFinal(best);
}

/** The last attempt that has failed. */
function lastFailure({ attempts }: CallState): Failure | undefined {
  const failed = attempts.findLast(({ attempt }) => attempt.endedMs !== 0);
  return failed === undefined ? undefined : failureOf(failed.attempt);
}

function failureOf({ reason, code, text }: Attempt): Failure {
  if (reason !== 'Rejected') return refused(reasonOf(reason));
  // The text is the carrier's phrase, or its Reason header, which is no phrase.
  return rejected({ code, phrase: text.includes(';') ? 'Rejected' : text });
}

function rejected({ code, phrase }: { readonly code: number; readonly phrase: string }): Failure {
  return { reason: 'Rejected', code, text: phrase, final: { kind: 'rejection', code, phrase } };
}

function adoptedBranch(recorded: RecordedBranch, attempt: AttemptState): BranchState {
  const { isBodyDue, isLive, isCancelDue, isFailed, passedBody } = recorded;
  const timer = timers.find((name) => name === recorded.timer);
  return {
    attempt,
    sequence: recorded.sequence,
    text: recorded.branch,
    // Those of the last round are there with what has become of them.
    round: 0,
    cseqOffset: recorded.cseqOffset,
    authorizations: authorizationsOf(recorded),
    challenges: recorded.challenges,
    passing: isBodyDue ? 'due' : 'done',
    passedBody: passedBody === undefined ? undefined : Buffer.from(passedBody),
    signature: recorded.identity,
    isLive,
    isSent: !isFailed && !isBodyDue,
    stored: isBodyDue ? 'due' : 'yes',
    hasProvisional: recorded.hasProvisional,
    hasFinal: isFailed,
    isAckDue: false,
    isCancelDue,
    isCancelSent: false,
    isCancelOver: false,
    countsBehind: recorded.countsBehind,
    isOver: isFailed,
    isAdopted: true,
    timer,
    timerDueMs: recorded.timerDueMs,
    timersDueMs: timer === undefined ? {} : { [timer]: recorded.timerDueMs },
    failure: isFailed ? failureOf(attempt.attempt) : undefined,
  };
}

/** Where an attempt went: as its branch says, else to the first place of its gateway that has its address. */
function placeOf(
  { account, address, gateway }: Attempt,
  candidates: readonly Candidate[],
  branch: RecordedBranch | undefined,
): Omit<AttemptState, 'attempt'> {
  const recorded = branch === undefined ? undefined : candidates[branch.candidate];
  const candidate =
    recorded?.gateway === gateway
      ? recorded
      : (candidates.find((each) => each.gateway === gateway) ??
        Candidate.fromPartial({ gateway, account }));
  const destinations = destinationsOf(candidate);
  const position = branch?.destination ?? 0;
  const isRecorded = destinations[position]?.text === address;
  return {
    candidate,
    relay: branch?.relay ?? 0,
    destinations,
    tagNumber: branch?.tagNumber ?? 0,
    position: isRecorded ? position : destinations.findIndex(({ text }) => text === address),
  };
}

/** The headers that answer a carrier's challenges, as a record has them. */
export function authorizationsOf({
  authorizationHeader: header,
  authorization: value,
  authorizations,
}: Pick<
  RecordedBranch,
  'authorizationHeader' | 'authorization' | 'authorizations'
>): readonly Authorization[] {
  return readAuthorizations(authorizations.length > 0 ? authorizations : [{ header, value }]);
}

function opened(candidate: Candidate, sealer: Sealer): Candidate {
  if (candidate.password === '') return candidate;
  const password = sealer.open('secret', candidate.password)?.toString() ?? '';
  return { ...candidate, password };
}
