import type { CallEventMessage } from '@tandem/events';
import type { MoneyEnd, Precondition } from '@tandem/limits';
import type { AuthenticateRequest, Origin } from '@tandem/proto/auth';
import type { AuthenticateReply, NextCandidateReply, RouteReply } from '@tandem/proto/edge-replies';
import type { CallEvent } from '@tandem/proto/events';
import type {
  NextCandidateRequest,
  RestRequest,
  RouteRequest,
  Signature,
} from '@tandem/proto/routing';
import type { Signing } from './core/call/call-steps.ts';
import type { OfferStore } from './media-ports.ts';

export type {
  AnchoredBody,
  AnchoredCall,
  BodyStep,
  KeptOffer,
  MediaRelays,
  OfferStore,
  PassingBody,
  PassingMedia,
} from './media-ports.ts';
export type {
  EdgeRole,
  NetworkProber,
  NetworkView,
  PeerTransport,
  Pod,
  PodFigures,
  PodLink,
  PodLinkListener,
  PodRegistry,
  ProbeTarget,
  SourceVerdict,
} from './pod-ports.ts';

/** Who a request is from; rejects with a SwitchError where the service or its store is away. */
export interface AuthClient {
  /** @param onAccepting told where the credentials are right, while the pod's own store is asked whether they are good */
  authenticate(
    request: AuthenticateRequest,
    onAccepting?: (accepting: Accepting) => void,
  ): Promise<AuthenticateReply>;
  /** Waits until the service is heard of. @returns whether it was within the time. @default it is in this process */
  untilUp?(timeoutMs: number): Promise<boolean>;
}

/** What a call may be asked for ahead of auth's answer. */
export interface Accepting {
  /** Whom the request is from if the credentials are good. */
  readonly origin: Origin;
  /** What the store holds then. */
  readonly acceptance: Precondition;
}

/** Where a call goes; rejects with a SwitchError where the service or its store is away. */
export interface RoutingClient {
  /**
   * @param onlyIf no line is taken unless the store holds this: rejects with SWITCH_PRECONDITION_UNMET. Only where
   *   `isOverSamePipe`
   */
  route(request: RouteRequest, onlyIf?: Precondition): Promise<RouteReply>;
  nextCandidate(request: NextCandidateRequest): Promise<NextCandidateReply>;
  /** ROUTE-06: leaves a gateway out for as long as it has asked for. */
  rest(request: RestRequest): Promise<void>;
  /** As that of `AuthClient`. */
  untilUp?(timeoutMs: number): Promise<boolean>;
  /** Asks the store over the connection of the call store: what is asked in one turn is done in its order. @default false */
  readonly isOverSamePipe?: boolean;
}

/** A call that is to be signed (CALL-12). */
export interface SigningRequest {
  readonly signature: Signature;
  /** The called number as the gateway gets it. */
  readonly callee: string;
  readonly nowMs: number;
}

/** Signs calls (RFC 8224). The INVITE waits, and so does the rest of its call; the record keeps what it has said. */
export interface CallSigner {
  /** Never rejects: a call that cannot be signed goes on without. */
  sign(request: SigningRequest): Promise<Signing>;
}

/** Wall clock and timers. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `fire` once, `ms` from now. */
  start(ms: number, fire: () => void): object;
  stop(timer: object): void;
}

/** Who handles an initial INVITE, whatever pod its repetitions reach. */
export interface Claim {
  readonly callId: string;
  /** `slot.epoch` of the pod that claimed it. */
  readonly owner: string;
  /** Whether this claim was the first, or has been taken over from a pod that died before it wrote a record. */
  readonly isNew: boolean;
}

/** What must be in the store before the INVITE of an attempt leaves (edge.md §4). */
export interface WriteAhead {
  readonly callId: string;
  readonly owner: string;
  /** Encoded tandem.edge.v1.CallRecord. */
  readonly record: Buffer;
  /** Line keys that the call holds. */
  readonly lines: readonly string[];
  /** Encoded token of the carrier where its Contact gets a reference only. */
  readonly tokenB?: Buffer | undefined;
}

/** What is stored when the callee has answered. */
export interface AnswerWrite {
  readonly callId: string;
  readonly owner: string;
  /** Event of type `answered` without its times; the store adds them. */
  readonly event: CallEventMessage;
  readonly lines: readonly string[];
  /** Tokens of both sides, encoded, for peers that do not give them back. */
  readonly tokenA: Buffer;
  readonly tokenB: Buffer;
  readonly dialog: AnsweredDialog;
  readonly session: SessionTerms;
  /** Carriers that were slower have still to be told: the call stays among its owner's until `forget`. @default false */
  readonly isWindingUp?: boolean | undefined;
  /** Sealed tandem.edge.v1.DialogCredentials, where the gateway may challenge what is in the dialog (AUTH-11). */
  readonly credentials?: string | undefined;
  /** The store was away when it came: how long ago it was, ms. @default 0 */
  readonly agoMs?: number | undefined;
}

/** Which of the dialogs that callees have opened is the call. */
export interface AnsweredDialog {
  /** The callee's tag. */
  readonly farTag: string;
  /** The To tag that the caller has; '' where there was one dialog only, and the carrier's token has it. */
  readonly toTag: string;
}

/** How long an answered call may go on, and who shows that it does (CALL-05, CALL-09). */
export interface SessionTerms {
  /**
   * `endpoints` refresh by themselves (RFC 4028); `probes`: neither can, so the switch asks them in the dialog; `none`: the
   * longest duration alone ends it.
   */
  readonly kind: 'endpoints' | 'probes' | 'none';
  /** Session interval, or time between probes; ms. */
  readonly intervalMs: number;
  /** The longest that the call may last from its answer, ms; 0 = no limit. */
  readonly longestMs: number;
}

/** Why a call ended; fields of an event of type `ended`. */
export interface EndWrite {
  readonly callId: string;
  /** Set by a pod that acts for a call of its own: refused as `lost` where another pod has adopted it. */
  readonly owner?: string | undefined;
  /** Identity, type and termination; merged over the event that `answer` stored. */
  readonly ending: CallEventMessage;
  /** The rest of the event, encoded, from a pod that has the call in memory; needed where it was never answered. */
  readonly event?: Buffer | undefined;
  readonly lines?: readonly string[] | undefined;
  /** In which dialog an end hangs up: refused as `other-dialog` where that is not the one that was answered. */
  readonly inDialog?: { readonly from: 'a' | 'b'; readonly farOrToTag: string } | undefined;
  /** A carrier still has to be told (CANCEL under way): the call stays among its owner's until `forget`. */
  readonly isWindingUp?: boolean | undefined;
  /** Replaces the record for the 64 s that it is kept: what the caller is told, and what a carrier has to be told. */
  readonly record?: Buffer | undefined;
  /** The call ended when its longest duration was reached (CALL-09), though a sweep came later. @default now */
  readonly endsAt?: 'limit' | undefined;
  /**
   * The event is kept back for so long at most, ms: how the callee answers its BYE says to when the call is charged (CALL-05),
   * and `conclude` then lets it go. @default 0
   */
  readonly keptBackMs?: number | undefined;
  /** BYEs of the switch that are still to be sent, or will be unless the one that is relayed is answered. */
  readonly hangUp?: HangUp | undefined;
}

/** BYEs of the switch that are not answered yet: the call stays due, with its tokens, until `handled` or `hungUp` (edge.md §4.3). */
interface HangUp {
  /** Value of Reason in them (RFC 3326). */
  readonly reason: string;
  /** The call is not given before, but where its pod dies with the BYEs under way. */
  readonly forMs: number;
  /** The side that gets one: the other has hung up itself. @default both */
  readonly only?: 'a' | 'b' | undefined;
}

/** What a first-wins script found. */
export type WriteResult =
  /** This write was the first; the event has its times and is in the outbox. */
  | {
      readonly kind: 'first';
      readonly event: CallEventMessage;
      /** Of an end: numbers in the callee's dialog have moved, so that the store has to say them. @default false */
      readonly isRenumbered?: boolean | undefined;
      /** Of an answered call that ends, where several dialogs were opened: the tag that the caller has. */
      readonly toTag?: string | undefined;
    }
  /** Another pod, or this one before, wrote it already. */
  | {
      readonly kind: 'late';
      readonly isRenumbered?: boolean | undefined;
      readonly toTag?: string | undefined;
    }
  /** The end of one dialog of an answered call, which goes on in another one. */
  | { readonly kind: 'other-dialog' }
  /** Another pod has adopted the call: whoever asked stops what it does for it. */
  | { readonly kind: 'lost'; readonly owner: string }
  /** The end of a call that is not answered yet and whose facts this pod does not have: its owner must do it. */
  | { readonly kind: 'pending'; readonly owner: string }
  /** The store has no such call (any more). */
  | { readonly kind: 'unknown' };

/** Encoded tokens of a call, by the side that holds them; empty where there is none yet. */
export interface StoredTokens {
  readonly a: Buffer;
  readonly b: Buffer;
}

/** The same, and of which dialog they are. */
export interface StoredDialogs extends StoredTokens {
  /** In which one the call was answered, once it was. */
  readonly answered?: AnsweredDialog;
  /** The caller's token is that of the dialog which was asked for, beside others of the call. */
  readonly isOfDialog?: true;
}

/** A call in progress, as the store has it. */
export interface StoredCall {
  readonly callId: string;
  readonly owner: string;
  /** Before the answer: encoded CallRecord. */
  readonly record: Buffer | undefined;
  /** After the answer. */
  readonly event: CallEvent | undefined;
}

/** What `adopt` found of a call that the pod does not have in memory. */
export type AdoptResult =
  | { readonly kind: 'unknown' }
  /** Its pod lives: what belongs to the call goes there. */
  | { readonly kind: 'owned'; readonly owner: string }
  /** Its pod is dead or draining: it is this pod's from now on. */
  | { readonly kind: 'adopted'; readonly record: Buffer; readonly isEnded: boolean }
  /** Answered; `record` is kept for as long as a 2xx may be repeated. */
  | {
      readonly kind: 'answered';
      readonly record: Buffer | undefined;
      readonly tokens: StoredTokens;
    }
  /** Ended lately (64 s). */
  | {
      readonly kind: 'ended';
      readonly owner: string;
      readonly record: Buffer | undefined;
      readonly wasAnswered: boolean;
    };

/**
 * Calls and the outbox (edge.md §4). Each method is one atomic step with the store's own clock; each rejects with
 * SwitchError SWITCH_STORE_UNAVAILABLE where the store is away. Who lives is decided inside the step, never by a cache.
 */
export interface CallStore {
  /**
   * Claims a transaction for a call id, unless it is claimed already. A claim of a dead pod without a record is taken over
   * with its call id (`isNew`); one with a record is given back as it is, and `adopt` is the next step.
   * @param onlyIf nothing is claimed unless the store holds this: rejects with SWITCH_PRECONDITION_UNMET
   * @returns undefined where the pod's own lease has run out: it slept, and others may have served the INVITE already
   */
  claim(
    transaction: string,
    callId: string,
    owner: string,
    onlyIf?: Precondition,
  ): Promise<Claim | undefined>;
  /** What the store holds once this is claimed; undefined where nobody can ask it for that. */
  claimed(transaction: string, callId: string, owner: string): Precondition | undefined;
  /** The claim of a transaction, for CANCEL. */
  findClaim(transaction: string): Promise<Claim | undefined>;
  /** @returns whether the call is still this pod's */
  writeAhead(write: WriteAhead): Promise<boolean>;
  /** First wins: time of answer, lines' leases moved, event into the outbox. */
  answer(write: AnswerWrite): Promise<WriteResult>;
  /** First wins: time of end, lines freed, event into the outbox, the record kept 64 s for repetitions. */
  end(write: EndWrite): Promise<WriteResult>;
  /** What has become of a call; where its pod is dead or draining it becomes `owner`'s, by compare-and-set. */
  adopt(callId: string, owner: string): Promise<AdoptResult>;
  /**
   * Adopts the calls of dead pods that ring or are being wound up, at most `limit`; the answered ones that they had in hand are due
   * again at once.
   */
  adoptOrphans(owner: string, limit: number): Promise<readonly Orphan[]>;
  /** Takes a call that is ended, or answered, and wound up from its owner's. */
  forget(callId: string, owner: string): Promise<void>;
  /** @param toTag of the caller's dialog, where its token may be kept beside those of others; @default that of the call */
  tokens(callId: string, toTag?: string): Promise<StoredDialogs | undefined>;
  /**
   * Tokens of a call that is there already; also of one that is not answered yet.
   * @param toTag keeps the caller's beside those of other dialogs, until the call is answered; @default it is that of the call
   */
  saveTokens(callId: string, tokens: Partial<StoredTokens>, toTag?: string): Promise<void>;
  /** Calls in progress, newest first, and how many there are. @param offset so many are left out. @default 0 */
  list(
    limit: number,
    offset?: number,
  ): Promise<{ readonly callIds: readonly string[]; readonly total: number }>;
  get(callId: string): Promise<StoredCall | undefined>;
  /** Which of these calls have ended, within the last minute. */
  ended(callIds: readonly string[]): Promise<readonly string[]>;
  /** Events that were due before now; each is not given again for `forMs`. */
  claimDue(limit: number, forMs: number): Promise<readonly CallEventMessage[]>;
  /**
   * The callee has shown whether it was in the call until the switch hung up: then that moment is the last proof of life. Lets
   * go the event of the end that was kept back for it.
   * @returns the event; undefined where none is kept back (any more)
   */
  conclude(callId: string, isAlive: boolean): Promise<CallEventMessage | undefined>;
  /** Adds encoded fields to an event that is in the outbox. @returns whether it is */
  amend(eventId: string, fields: Buffer): Promise<boolean>;
  /** Takes published events out of the outbox. */
  settle(eventIds: readonly string[]): Promise<void>;
  /** How many events wait, and since when the oldest does (ms since the epoch; 0 = none). */
  outbox(): Promise<{ readonly length: number; readonly oldestMs: number }>;
}

/** A call that was adopted by a sweep. */
export interface Orphan {
  readonly callId: string;
  readonly record: Buffer;
  /** Its end is stored, but a carrier may still have to be told. */
  readonly isEnded: boolean;
  /** It was answered, whether it has ended since or not: those that were slower may still have to be told, and nothing else. */
  readonly wasAnswered?: true;
}

/** A call whose time has come. */
export type DueCall = DueAnswered | DueHangUp;

/** What a sweep has done: something for a call, or a look at which calls wait for an ACK. */
export type DueWork = DueCall | DueWatch;

/** Calls whose callee repeats its answer: any pod may get the ACK, and is to say so (`prove`). */
interface DueWatch {
  readonly why: 'watch';
  readonly callIds: readonly string[];
}

/** A call in progress for which something is due. */
export interface DueAnswered {
  readonly callId: string;
  /**
   * `interim`: tell billing that it lives; `expired`: nobody refreshed it; `duration`: the longest duration; `probe`: ask both
   * ends; `unacknowledged`: the caller has never acknowledged the answer; `money`: its account has none left for it (BILL-05).
   */
  readonly why: 'interim' | 'expired' | 'duration' | 'money' | 'probe' | 'unacknowledged';
  readonly tokens: StoredTokens;
  /** As `answer` stored it, with its times and `aliveMs`. */
  readonly event: CallEventMessage;
  /** Where money ends it. */
  readonly money?: MoneyEnd | undefined;
}

/** A call that has ended, whose ends may not know of it: whoever was to tell them has died, or their BYE has no answer. */
interface DueHangUp {
  readonly callId: string;
  readonly why: 'bye';
  readonly tokens: StoredTokens;
  /** Value of Reason in the BYEs. */
  readonly reason: string;
  /** The side that gets one. @default both */
  readonly only?: 'a' | 'b' | undefined;
}

/** The answered calls by the time at which something is due for them (edge.md §7, §1.8). */
export interface SessionStore {
  /**
   * Calls whose time has come; those whose slices of money are running out get further ones in the same step (BILL-05). All but `interim` are in the hand of `owner` from now on: such a call is not given again for
   * `forMs`, or until `owner` is dead.
   */
  takeDue(owner: string, limit: number, forMs: number): Promise<readonly DueCall[]>;
  /** What was due for a call has been done: it is in nobody's hand, and needs no BYE any more. */
  handled(callId: string, owner: string): Promise<void>;
  /** The BYE that a side of each of these calls has sent is answered: nobody has to send another. */
  hungUp(callIds: readonly string[]): Promise<void>;
  /**
   * A refresh has passed, or a probe was answered: expiry, timer and leases move in one step.
   * @param interval ms; 'none': the endpoints have given up their session timer (RFC 4028 §7.2). @default the one it has
   */
  refresh(callId: string, interval?: number | 'none'): Promise<void>;
  /**
   * A message of the dialog has shown that the call goes on: that is its last proof of life now.
   * @param proof.isAck it is the caller's ACK of the answer, of a call among those that `unacknowledged` tells
   * @param proof.ageMs how long ago that was. @default 0
   */
  prove(
    callId: string,
    proof?: { readonly isAck?: boolean; readonly ageMs?: number },
  ): Promise<void>;
  /**
   * The callee has repeated its answer, so that it has no ACK: from 3 s after the answer on every pod looks out for that; where
   * it is repeated again, and no ACK passes, the call is due as `unacknowledged` 32 s after the answer (RFC 3261 §13.3.1.4).
   */
  repeated(callId: string): Promise<void>;
  /** The calls whose ACK pods look out for, the last ones first. */
  unacknowledged(): Promise<readonly string[]>;
  /**
   * The number that a request of the switch's own, or a relayed one, has in the dialog with `side`, in a call into which the
   * switch speaks: without `cseq` the next free one.
   */
  number(callId: string, side: 'a' | 'b', cseq?: number): Promise<number>;
  /** Those of a relayed request; undefined where nothing has moved the numbers of that dialog, and nobody counts. */
  place(asked: PlaceAsked): Promise<PlacedRequest | undefined>;
  /** Frees leases of lines whose call is gone (ROUTE-05). @returns how many */
  reconcile(): Promise<number>;
}

/** Whose numbers in the other dialog are asked for. */
export interface PlaceAsked {
  readonly callId: string;
  /** In the dialog with whom. */
  readonly side: 'a' | 'b';
  /** The number that it would have if nothing had moved. */
  readonly cseq: number;
  /** That of the INVITE which a PRACK names. */
  readonly rack?: number | undefined;
  /** All requests are counted from now on, whether something has moved yet or not. */
  readonly isCounting: boolean;
}

/** The numbers of a relayed request in the other dialog. */
export interface PlacedRequest {
  readonly cseq: number;
  readonly rack?: number | undefined;
  /** It was challenged, and answered. */
  readonly challenged?: AnsweredChallenge | undefined;
}

/** A request whose challenge was answered: what goes out in its place. */
export interface AnsweredChallenge {
  /** Its number in the carrier's dialog now, and how many challenges were answered. */
  readonly cseq: number;
  readonly round: number;
  /** Encoded tandem.edge.v1.ChallengedRequest. */
  readonly request: Buffer;
}

/** What is to be known for answering a challenge of a carrier in a dialog. */
export interface ChallengeFacts {
  /** As `answer` has stored it. */
  readonly credentials: string | undefined;
  /** Encoded CallRecord, where it is still kept. */
  readonly record: Buffer | undefined;
  readonly answered: AnsweredChallenge | undefined;
}

/** The answer to a challenge, before it leaves. */
export interface ChallengeWrite {
  readonly callId: string;
  /** As in `PlaceAsked`. */
  readonly cseq: number;
  /** The highest number that is known to have been sent. */
  readonly highest: number;
  readonly round: number;
  readonly request: Buffer;
  readonly note: CallNote;
}

/** Decisions that are taken after a call's event was stored. */
export interface CallNote {
  /** `<call id>.noted.<n>`. */
  readonly eventId: string;
  /** An encoded CallEvent that has nothing else: behind the stored event it adds to that. */
  readonly decisions: Buffer;
  /** The whole event of type `noted`, for a call that has ended already. */
  readonly event: CallEventMessage;
}

/** Challenges of carriers in the dialogs of calls (AUTH-11). Nothing of it is asked in a call that is not challenged. */
export interface ChallengeStore {
  /** @param cseq as in `PlaceAsked` */
  challengeFacts(callId: string, cseq: number): Promise<ChallengeFacts>;
  /**
   * First wins for each round of a request: takes the next number in the callee's dialog, and keeps what is sent with it for the
   * repetitions, ACK and CANCEL that may reach any pod. Notes the decision. Undefined where the store has no such call.
   */
  answerChallenge(
    write: ChallengeWrite,
  ): Promise<{ readonly answered: AnsweredChallenge; readonly isFiled: boolean } | undefined>;
  /** Adds decisions to a call. @returns whether they were filed as an event, to be published, since it has ended */
  note(callId: string, note: CallNote): Promise<boolean>;
}

/** All that is stored of calls: one store, four sides of it. */
export type EdgeStore = CallStore & SessionStore & ChallengeStore & OfferStore;
