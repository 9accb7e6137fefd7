import { CallRecord } from '@tandem/proto/edge';
import type { Branch as RecordedBranch, FinalAnswer, SentInvite } from '@tandem/proto/edge';
import { encoded } from '@tandem/proto/encoded';
import type { Candidate } from '@tandem/proto/routing';
import { serialize } from '@tandem/sip';
import { formatFlowAddress } from '../network/flow-address.ts';
import type { Sealer } from '../marks/seal.ts';
import { isAwaited } from './call-outcomes.ts';
import { destinationOf } from './call-state.ts';
import type { Branch, Call, Failure } from './call-state.ts';

/** What a record says besides the state of the call. */
export interface RecordFacts {
  readonly traceParent: string;
  readonly sealer: Sealer;
  /** `slot.epoch` of the pod that writes it. */
  readonly owner: string;
  /** The call has failed: its failure is what the caller is told. @default false */
  readonly isEnded?: boolean | undefined;
}

/** The write-ahead record: all that another pod needs to go on with the call (edge.md §1.5, recovery.ts). */
export function callRecord(call: Call, facts: RecordFacts): Buffer {
  const last = call.winner ?? call.branches.at(-1);
  const record: CallRecord = {
    callId: call.callId,
    invite: serialize(call.invite),
    source: formatFlowAddress(call.source),
    startedMs: call.startedMs,
    ringingMs: call.ringingMs,
    origin: call.origin,
    callerAddresses: [...call.callerAddresses],
    replyAddress: call.replyMode === 'socket' ? undefined : call.replyMode,
    candidates: call.candidates.map((candidate) => sealed(candidate, facts.sealer)),
    attempt: call.nextCandidate,
    attempts: call.attempts.map(({ attempt }) => attempt),
    sequence: call.sequence,
    customerTerms: call.customerTerms,
    lines: [...call.lines],
    decisions: [...call.decisions],
    traceParent: facts.traceParent,
    maxDurationSeconds: call.maxDurationSeconds,
    ...underWay(last),
    toTag: call.toTag,
    hasEarlyMedia: call.hasEarlyMedia,
    isTryingSent: call.isTryingSent,
    attemptLimit: call.attemptLimit,
    stopsAfterSdp: call.stopsAfterSdp,
    isStub: last === undefined,
    windingUp: windingUp(call),
    ...saidOf(call, facts),
    cancelReasons: [...call.cancelReasons],
    callerAnswers: call.callerAnswers,
    passesAllow: !call.isOfVersionBefore,
    product: call.product,
    owner: facts.owner,
    branches: branchesOf(call),
    dialogs: call.dialogs.map(({ branch, farTag, tag, isOver, isLeft }) => ({
      sequence: branch.sequence,
      farTag,
      tag,
      isOver,
      isLeft,
    })),
    asserted: call.asserted,
    verification: call.verification,
  };
  return encoded(CallRecord, record);
}

const noBranch = {
  cseqOffset: 0,
  authorizationHeader: '',
  authorization: '',
  branch: '',
  challenges: 0,
  hasProvisional: false,
  isCancelSent: false,
  timer: '',
  timerDueMs: 0,
} as const;

/** The branch that won, or is the last one: the one that pods of the version before know of, and readers of an answered call. */
function underWay(
  branch: Branch | undefined,
): Pick<RecordedBranch, 'authorizations'> & Pick<CallRecord, keyof typeof noBranch> {
  if (branch === undefined) return { ...noBranch, authorizations: [] };
  // The version before has room for one: the last, which is all that there is unless several hops ask.
  const { header = '', value = '' } = branch.authorizations.at(-1) ?? {};
  return {
    cseqOffset: branch.cseqOffset,
    authorizationHeader: header,
    authorization: value,
    authorizations: branch.authorizations.length > 1 ? [...branch.authorizations] : [],
    branch: branch.text,
    challenges: branch.challenges,
    hasProvisional: branch.hasProvisional,
    isCancelSent: branch.isCancelDue,
    timer: branch.timer ?? '',
    timerDueMs: branch.timerDueMs,
  };
}

/** Those that an adopter has to go on with, to tell, or to hold against each other. */
function branchesOf(call: Call): RecordedBranch[] {
  const recorded: RecordedBranch[] = [];
  for (const branch of call.branches) {
    const isFailed = branch.failure !== undefined && !isAwaited(branch);
    const isOfRound = isFailed && branch.round === call.round;
    // The answer may not get into the store: until it is there, the branch that won may win.
    const isLive = branch.isLive || (branch === call.winner && call.phase === 'answering');
    if (!isLive && !isOfRound && !isAwaited(branch)) continue;
    recorded.push({
      ...underWay(branch),
      attempt: attemptOf(call, branch),
      candidate: Math.max(0, call.candidates.indexOf(branch.attempt.candidate)),
      destination: destinationOf(branch.attempt).place,
      isBodyDue: branch.passing !== 'done',
      passedBody: branch.passedBody,
      relay: branch.attempt.relay,
      identity: branch.signature,
      sequence: branch.sequence,
      isLive,
      isFailed,
      isCancelDue: branch.isCancelDue,
      tagNumber: branch.attempt.tagNumber,
      countsBehind: branch.countsBehind,
    });
  }
  return recorded;
}

function attemptOf({ attempts }: Call, branch: Branch): number {
  return attempts.lastIndexOf(branch.attempt);
}

/** Earlier attempts whose carriers must be told, and have not said that they know. */
function windingUp(call: Call): SentInvite[] {
  const told: SentInvite[] = [];
  const lastAttempt = call.attempts.at(-1);
  for (const branch of call.branches) {
    const { attempt, sequence, cseqOffset, text } = branch;
    if (attempt === lastAttempt || !branch.isCancelDue || branch.hasFinal) continue;
    told.push({ attempt: attemptOf(call, branch), sequence, cseqOffset, branch: text });
  }
  return told;
}

/** The version before recorded none: the attempt's gateway and address tell where it went, and all have one tag. */
const noPlace = {
  candidate: 0,
  destination: 0,
  isBodyDue: false,
  passedBody: undefined,
  relay: 0,
  identity: '',
  authorizations: [],
  tagNumber: 0,
  countsBehind: false,
};

/** The branches of a record, also of one that the version before has written, which knew one under way. */
export function recordedBranches(record: CallRecord): RecordedBranch[] {
  if (record.branches.length > 0) return record.branches;
  const last = record.attempts.at(-1);
  if (last === undefined) return [];
  const isLive = last.endedMs === 0;
  // That it was cancelled before a provisional response shows in the attempt alone.
  const isUnheard = last.reason === 'CallerCancelled';
  const current = {
    ...record,
    attempt: record.attempts.length - 1,
    ...noPlace,
    isLive,
    isFailed: !isLive && !isUnheard && !record.isCancelSent,
    isCancelDue: record.isCancelSent,
  };
  const toBeTold = record.windingUp.map((sent) => ({
    ...sent,
    ...noPlace,
    authorizationHeader: '',
    authorization: '',
    challenges: 0,
    hasProvisional: true,
    isLive: false,
    isFailed: false,
    isCancelDue: true,
    timer: '',
    timerDueMs: 0,
  }));
  return [...toBeTold, current];
}

/** What the caller is told, or will be if nothing better comes. */
function saidOf(
  { failure }: Call,
  { isEnded = false }: RecordFacts,
): Pick<CallRecord, 'final' | 'best'> {
  const said = failure === undefined ? undefined : finalAnswer(failure);
  return isEnded ? { final: said, best: undefined } : { final: undefined, best: said };
}

function finalAnswer({ code: attemptCode, text, final }: Failure): FinalAnswer {
  const failed = { attemptCode, text };
  if (final.kind === 'refusal') {
    const { reason, retryAfterSeconds = 0, told } = final;
    const { code: toldCode = 0, phrase: toldPhrase = '' } = told ?? {};
    const nothingMore = { response: NONE, sequence: 0 };
    return {
      ...failed,
      reason,
      retryAfterSeconds,
      code: toldCode,
      phrase: toldPhrase,
      ...nothingMore,
    };
  }
  const { code, phrase, response, sequence = 0 } = final;
  const bytes = response === undefined ? NONE : serialize(response);
  return { ...failed, reason: '', retryAfterSeconds: 0, code, phrase, response: bytes, sequence };
}

const NONE = Buffer.alloc(0);

/** The carriers' passwords lie sealed in the store (AUTH-12). */
function sealed(candidate: Candidate, sealer: Sealer): Candidate {
  if (candidate.password === '') return candidate;
  return { ...candidate, password: sealer.seal('secret', Buffer.from(candidate.password)) };
}
