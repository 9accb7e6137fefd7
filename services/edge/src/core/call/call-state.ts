import type { RefusalReason, TerminationReason } from '@tandem/domain';
import type { Origin, Verification } from '@tandem/proto/auth';
import type { Attempt } from '@tandem/proto/events';
import type { AnswerTerms, Candidate } from '@tandem/proto/routing';
import type { SipRequest, SipResponse } from '@tandem/sip';
import type { Authorization } from '../messages/challenge-answers.ts';
import type { PeerAddress } from '../network/peer-address.ts';
import { replyAddress } from '../network/reply-address.ts';
import type { ReplyMode } from '../network/reply-address.ts';
import type { EncodedDecision } from './decisions.ts';
import type { OverloadRefusal } from './overload-refusal.ts';
import { nowhere } from './targets.ts';
import type { Destination } from './targets.ts';

/**
 * Where a call is between its INVITE and the end of that transaction. After the answer there is nothing to remember:
 * whatever comes in the dialog is relayed by its token.
 */
export type CallPhase =
  | 'asking'
  | 'claiming'
  | 'routing'
  | 'recording'
  | 'calling'
  | 'parting'
  | 'switching'
  | 'answering'
  | 'answered'
  | 'ending'
  | 'ended';

/** An initial INVITE, as it came in. */
export interface CallArrival {
  /** The id of the call that it may become. */
  readonly callId: string;
  readonly startedMs: number;
  readonly invite: SipRequest;
  /** Where it came from. */
  readonly source: PeerAddress;
  /** The pod is too loaded for it: it is refused once auth has said whose it is. @default it is not */
  readonly overload?: OverloadRefusal | undefined;
  /** What the switch calls itself. @default nothing */
  readonly product?: string | undefined;
}

/** What a call remembers. Owned by its mailbox, and written by the machine alone: `step` changes it in place. */
export interface CallState {
  callId: string;
  phase: CallPhase;
  readonly startedMs: number;
  readonly invite: SipRequest;
  readonly source: PeerAddress;
  readonly overload: OverloadRefusal | undefined;
  ringingMs: number;
  origin: Origin | undefined;
  /** From where its nodes may speak, where a gateway calls that is known by its address: addresses and CIDR blocks. */
  callerAddresses: readonly string[];
  /** Where the gateway that calls takes answers (CALL-07). */
  replyMode: ReplyMode;
  /** CALL-12: what auth has found of its signature; undefined where that is not looked at. */
  verification: Verification | undefined;
  /** CALL-12: the caller's number by its trusted side; '' where that names none. */
  asserted: string;
  readonly decisions: EncodedDecision[];
  candidates: readonly Candidate[];
  /** Index of the next candidate that has not been tried. */
  nextCandidate: number;
  readonly attempts: AttemptState[];
  /** The INVITEs of all attempts, in the order of their numbers. */
  readonly branches: BranchState[];
  /** Number of the set of branches that were begun together last. */
  round: number;
  /** The dialogs that callees have opened, in the order in which they were heard. */
  readonly dialogs: EarlyDialogState[];
  /** The branch whose 2xx is the answer, the callee's tag in it, and the To tag of the caller's dialog. */
  winner: BranchState | undefined;
  answerTag: string | undefined;
  answerToTag: string;
  lines: readonly string[];
  customerTerms: Uint8Array;
  maxDurationSeconds: number;
  attemptLimit: number;
  stopsAfterSdp: boolean;
  /** How the caller is told that its call has failed. @default as it is */
  callerAnswers: AnswerTerms | undefined;
  /** The caller may have heard a callee already, on whatever branch. */
  hasEarlyMedia: boolean;
  isCancelled: boolean;
  /** Who ends the call, where that is an operator. */
  operator: string | undefined;
  /** Why the caller gives up: values of Reason as received. */
  cancelReasons: readonly string[];
  /** The version before began it: its INVITEs have an Allow in any case. */
  isOfVersionBefore: boolean;
  /** What the switch calls itself in its INVITEs: what it was when the call came; '' = nothing. */
  product: string;
  /** To tag of the first dialog that the caller sees, and of a refusal; made by the pod to which the call came first. */
  toTag: string;
  isTryingSent: boolean;
  /** Number of INVITEs sent so far. */
  sequence: number;
  /** A record is being written. */
  isRecording: boolean;
  /** The caller has its final response, as far as can be known. */
  isCallerTold: boolean;
  /** It is answered while others that were called are still to be told. */
  isOthersDue: boolean;
  /** No pod need go on with the call any more. */
  isForgotten: boolean;
  /** The best that carriers have said: what the caller will be told if nothing better comes. */
  failure: Failure | undefined;
}

/** One attempt at an address of a carrier, as it will stand in the CDR. */
export interface AttemptState {
  readonly candidate: Candidate;
  /** Where the candidate is reached, and which of these places is tried. */
  readonly destinations: readonly Destination[];
  readonly position: number;
  /** Stands for the media relay that it goes through, or, before its offer has passed, is meant to; 0 = none. */
  relay: number;
  /** Which To tag the caller sees of its first dialog: 0 is that of the call (core/marks/dialog-tag.ts). */
  readonly tagNumber: number;
  /** Filled in as the attempt goes on. */
  readonly attempt: Attempt;
}

/**
 * One INVITE client transaction of an attempt, from its record until the carrier has nothing more to be told. Several may be
 * live at once; an INVITE that answers a challenge is a branch of its own, which takes the place of the challenged one.
 */
export interface BranchState {
  readonly attempt: AttemptState;
  /** Number of the INVITE, as it stands in the Via branch. */
  readonly sequence: number;
  /** The Via branch; never changed, whoever goes on with the call. */
  readonly text: string;
  /** The set of branches that it was begun with. */
  readonly round: number;
  /** CSeq on leg B minus CSeq on leg A. */
  readonly cseqOffset: number;
  /** Credentials that answer the carrier's challenges (AUTH-11), one for each realm, and how many challenges there were. */
  readonly authorizations: readonly Authorization[];
  readonly challenges: number;
  /**
   * Whether the caller's body has been through the body step and the INVITE is signed, where it is to be, and what has come
   * of the body; undefined: it passes as received.
   */
  passing: 'due' | 'under-way' | 'done';
  passedBody: Buffer | undefined;
  /** CALL-12: value of the Identity header that it is signed with, '' while there is none. */
  signature: string;
  /** It may still win the call. */
  isLive: boolean;
  isSent: boolean;
  /** Whether the store knows that it is to be sent, or that it is given up; what follows from that waits for it. */
  stored: 'due' | 'under-way' | 'yes';
  hasProvisional: boolean;
  /** Its last provisional response; undefined where this pod has heard none. */
  lastProvisional?: number;
  /** The carrier has given its final response: there is nothing more to tell it. */
  hasFinal: boolean;
  /** Its refusal is stored, and has no ACK yet. */
  isAckDue: boolean;
  /** The carrier must be told that nobody wants the call; it is as soon as that is stored. */
  isCancelDue: boolean;
  isCancelSent: boolean;
  /** The CANCEL has its answer, or gets none. */
  isCancelOver: boolean;
  /** No response is waited for any more. */
  isOver: boolean;
  /** The switch acknowledges provisional responses itself: what the caller says in the carrier's dialog is counted on behind. */
  countsBehind: boolean;
  /** Another pod began it: its timers count from the attempt's start. */
  isAdopted: boolean;
  /** The timer of CALL-03 that runs, and when it fires. */
  timer: ProvisionalTimer | undefined;
  timerDueMs: number;
  /** When those fire that have been started: one that comes back runs for as long as any of them. */
  readonly timersDueMs: Partial<Record<ProvisionalTimer, number>>;
  /** Why it failed; undefined also where another branch has taken its place. */
  failure: Failure | undefined;
  /** That a map changes its provisional responses has been said. */
  isMapNoted?: boolean;
}

/** A dialog that a callee has opened with a To tag of its own, and that is one of its own for the caller (early-dialogs.ts). */
interface EarlyDialogState {
  readonly branch: BranchState;
  /** The callee's own tag; '' where it gave none, which opens none on its side. */
  readonly farTag: string;
  /** What the caller sees. */
  readonly tag: string;
  /** Nothing of it reaches the caller any more: it has left it, or the dialog has ended. */
  isOver: boolean;
  /** The caller has left it with BYE. */
  isLeft: boolean;
}

/** The timers of CALL-03 that run after a provisional response. */
export type ProvisionalTimer = 'ringing' | 'session-progress' | 'session-progress-sdp';

/** Why an attempt failed, and what it means for the caller if it was the last. */
export interface Failure {
  readonly reason: TerminationReason;
  /** As the carrier said it. */
  readonly code: number;
  readonly text: string;
  /** What that is read as where the cause in its Reason says more than the code (RFC 3398). @default `code` */
  readonly readCode?: number | undefined;
  /** The carrier has named others that are called in its place. @default false */
  readonly isRedirected?: boolean | undefined;
  readonly final: FinalResponse;
}

/** What the caller gets in the end. */
export type FinalResponse =
  | {
      readonly kind: 'refusal';
      readonly reason: RefusalReason;
      readonly retryAfterSeconds?: number | undefined;
      /** In place of the code of the reason: a map's. */
      readonly told?: ToldCode | undefined;
    }
  | {
      readonly kind: 'rejection';
      /** What the caller gets: that of the callee, or what a map has made of it. */
      readonly code: number;
      /** Bytes, as in a start line. */
      readonly phrase: string;
      /** The callee's own: its headers and body go back, as far as they pass. */
      readonly response?: SipResponse | undefined;
      /** Number of the INVITE that it answers. @default 0: not known any more */
      readonly sequence?: number | undefined;
    };

/** A code as a map makes it of another one. The phrase as bytes, as in a start line. */
export interface ToldCode {
  readonly code: number;
  readonly phrase: string;
}

/** A call as everybody but its machine sees it: nothing of it can be written. */
export type Call = View<CallState>;
export type CallAttempt = View<AttemptState>;
export type Branch = View<BranchState>;
export type EarlyDialog = View<EarlyDialogState>;

type View<T> = T extends Uint8Array | SipRequest | SipResponse | Destination
  ? T
  : T extends Candidate | Origin | Verification | AnswerTerms
    ? Readonly<T>
    : T extends readonly (infer Item)[]
      ? readonly View<Item>[]
      : T extends object
        ? { readonly [Key in keyof T]: View<T[Key]> }
        : T;

const NO_TERMS = new Uint8Array();
const NO_REASONS: readonly string[] = [];

/** Where the answers to a call's INVITE go. */
export function replyTo({ invite, source, replyMode }: Call): PeerAddress {
  return replyAddress(invite, source, replyMode);
}

/** Where an attempt goes. */
export function destinationOf({ destinations, position }: CallAttempt): Destination {
  return destinations[position] ?? nowhere;
}

/** A call of which nothing is known but its INVITE. */
export function newCall({
  callId,
  startedMs,
  invite,
  source,
  overload,
  product = '',
}: CallArrival): CallState {
  return {
    callId,
    phase: 'asking',
    startedMs,
    invite,
    source,
    overload,
    ringingMs: 0,
    origin: undefined,
    callerAddresses: [],
    replyMode: 'socket',
    verification: undefined,
    asserted: '',
    decisions: [],
    candidates: [],
    nextCandidate: 0,
    attempts: [],
    branches: [],
    round: 0,
    dialogs: [],
    winner: undefined,
    answerTag: undefined,
    answerToTag: '',
    lines: [],
    customerTerms: NO_TERMS,
    maxDurationSeconds: 0,
    attemptLimit: 0,
    stopsAfterSdp: true,
    callerAnswers: undefined,
    hasEarlyMedia: false,
    isCancelled: false,
    operator: undefined,
    cancelReasons: NO_REASONS,
    isOfVersionBefore: false,
    product,
    toTag: '',
    isTryingSent: false,
    sequence: 0,
    isRecording: false,
    isCallerTold: false,
    isOthersDue: false,
    isForgotten: false,
    failure: undefined,
  };
}

/** Where the carrier of a branch is; the caller's address where it has none. */
export function carrierOf({ source }: Pick<Call, 'source'>, { attempt }: Branch): PeerAddress {
  return destinationOf(attempt).address ?? source;
}
