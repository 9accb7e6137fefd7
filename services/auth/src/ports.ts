import type { DecisionRecord, RefusalReason } from '@tandem/domain';
import type { Precondition } from '@tandem/limits';
import type { CallFacts, Verdict } from '@tandem/stir';
import type { AbuseTerms } from './core/abuse-terms.ts';
import type { Attempt } from './core/attempt.ts';
import type { SessionTerms } from './core/session-terms.ts';
import type { Terminal } from './core/terminal.ts';

/** Milliseconds since the epoch, for the times that decisions carry. The store has a clock of its own. */
export interface Clock {
  nowMs(): number;
}

/** Verifies the signatures of calls (CALL-12). */
export interface CallVerifier {
  /** Never rejects: what cannot be looked at has its verdict too. May take as long as a fetch. */
  verify(call: CallFacts): Promise<Verdict>;
}

/** Draws nonces. */
export interface NonceSource {
  /** At least 128 random bits as text of letters, digits, `-` and `_`. */
  draw(): string;
}

/**
 * Nonces, failures, suspensions and the black list, shared by all pods. Every method is atomic: it sees and leaves one
 * state, whatever other pods do meanwhile (AUTH-10). All throw SwitchError SWITCH_STORE_UNAVAILABLE
 * where the store cannot be reached.
 */
export interface AuthStore {
  /**
   * Keeps a new nonce, unless the terminal is suspended (AUTH-07) or its source black-listed (AUTH-08); and that an answer to
   * it is waited for (AUTH-14).
   */
  issue(command: IssueCommand): Promise<IssueResult>;
  /**
   * Takes credentials whose digest is right: compares and sets nc in one step (AUTH-04). Credentials that
   * were taken before, by the same request, are taken again with the same result. The user name has proved itself at this place,
   * and nothing is waited for any more of its session.
   */
  accept(command: AcceptCommand): Promise<AcceptResult>;
  /** What the store holds once these credentials are taken; undefined where nobody can ask the store for it. */
  acceptance(command: AcceptCommand): Precondition | undefined;
  /**
   * Counts credentials that are wrong, once per request, against the session (AUTH-06), and once for all that a session
   * answers within `BURST_MS` against the terminal, the user name (AUTH-07) and the source (AUTH-08), unless their nonce is unknown,
   * expired, or was given to another source. The same request again has the same result.
   */
  refuse(command: RefuseCommand): Promise<RefuseResult>;
  /** Whether it is this pod's turn to look for what nobody answered: of all pods that ask about once a second one has it. */
  mayLook(): Promise<boolean>;
  /**
   * Challenges that were not answered in their time (AUTH-14), `MOST_TAKEN` at most. They are whoever's takes them for
   * `TAKEN_MS`; then they are given to the next who asks, unless they are concluded.
   */
  takeUnanswered(): Promise<readonly UnansweredChallenge[]>;
  /** Gathers what became of a challenge, and forgets it. False where it was answered meanwhile, or concluded by another pod. */
  conclude(session: string, failure: NewFailure): Promise<boolean>;
  /** Gathers a request that is refused as it is, unless its source is black-listed. */
  gather(
    failure: NewFailure,
    from: { readonly isSpared: boolean },
  ): Promise<Gathered | Blacklisted>;
  /** The suspensions in force, the one that ends first before the others. */
  listSuspensions(): Promise<readonly Suspension[]>;
  /** Ends a suspension, by its name as listed, and forgets the failures behind it. False where there was none. */
  liftSuspension(terminal: string): Promise<boolean>;
  /** The sources that are black-listed, the one that is so for longest first; at most `MOST_LISTED`. */
  listBlacklist(): Promise<readonly BlacklistEntry[]>;
  /** Black-lists a place, in place of what stood there. */
  addToBlacklist(entry: NewBlacklistEntry): Promise<void>;
  /** Takes a place off the black list, and forgets its failures. False where it was not there. */
  liftFromBlacklist(place: string): Promise<boolean>;
  /** Who has not proved himself, the latest first; at most `MOST_LISTED`. */
  listFailures(): Promise<readonly GatheredFailure[]>;
  /** Whether the store can be reached now; for readiness. */
  isReachable(): boolean;
}

/** A nonce to be kept. */
export interface FreshNonce {
  readonly nonce: string;
  readonly realm: string;
  /** Limits of the session that begins with it. */
  readonly terms: SessionTerms;
  readonly lifetimeMs: number;
}

/** Whose request it is said to be, and what holds for where it comes from. */
interface Asked {
  readonly terminal: Terminal;
  readonly abuse: AbuseTerms;
  /** The source is never black-listed (AUTH-08). */
  readonly isSpared: boolean;
  /** Kept, and given to the caller, where the request is answered with a challenge. */
  readonly fresh: FreshNonce;
  /** One authentication session: a SIP Call-ID from one source address. */
  readonly session: string;
  /** What is told of the request where the challenge leads nowhere. */
  readonly attempt: Attempt;
}

export type IssueCommand = Asked;

export type IssueResult = { readonly kind: 'issued' } | Suspended | Blacklisted;

/** Credentials as the store sees them. */
export interface Presented extends Asked {
  readonly nonce: string;
  readonly realm: string;
  /** The same for a repeated request, and only for that. */
  readonly fingerprint: string;
}

export interface AcceptCommand extends Presented {
  /** Nonce count; undefined without qop: such a nonce serves one request. */
  readonly nonceCount: number | undefined;
}

export interface RefuseCommand extends Presented {
  /** Where the request came from, and why its credentials are wrong: kept with a suspension. */
  readonly source: string;
  readonly cause: string;
  /** What was sent, and what was expected, in words; '' where the cause says it all. */
  readonly explanation: string;
}

export type AcceptResult = { readonly kind: 'accepted' } | Ended | Suspended | Blacklisted | Stale;

export type RefuseResult =
  | {
      readonly kind: 'challenged';
      readonly nonce: string;
      readonly realm: string;
      readonly terms: SessionTerms;
      readonly count: FailureCount;
    }
  | Ended
  | Suspended
  | Blacklisted
  | Stale;

/** AUTH-06: the session is over. What it sends within the rest of its burst is not looked at, right or wrong. */
export interface Ended {
  readonly kind: 'ended';
  /** Which limit was reached first. */
  readonly limit: 'retry' | 'timeout';
  readonly terms: SessionTerms;
  readonly count: FailureCount;
  readonly isRecorded: boolean;
}

/** AUTH-07 */
export interface Suspended {
  readonly kind: 'suspended';
  readonly suspension: Suspension;
  /**
   * The user name has proved itself at this place lately, so that its refusal has a CDR; of the many that a flood makes a few do
   * (behaviour section 2).
   */
  readonly isRecorded: boolean;
}

/** AUTH-08 */
export interface Blacklisted {
  readonly kind: 'black-listed';
  readonly entry: BlacklistEntry;
  /** This request brought it about. */
  readonly isNew: boolean;
}

/** The nonce is not good any more: a fresh one is offered, and nothing was counted (AUTH-04). */
export interface Stale {
  readonly kind: 'stale';
  readonly cause: 'unknown-nonce' | 'replayed' | 'other-place' | 'other-realm' | 'worn-out';
  readonly nonce: string;
  readonly realm: string;
  readonly terms: SessionTerms;
}

/** A challenge that nobody answered in its time (AUTH-14, AUTH-15). */
export interface UnansweredChallenge {
  readonly session: string;
  readonly terminal: Terminal;
  /** The last request that was challenged. */
  readonly attempt: Attempt;
  /** How many were, retransmissions not counted. */
  readonly cycles: number;
  /** Why the nonce of the last one was not taken; undefined: it had none. */
  readonly stale: Stale['cause'] | undefined;
}

/** A failure to be gathered with others of its user name and place. */
export interface NewFailure {
  readonly terminal: Terminal;
  readonly cause: string;
  readonly reason: RefusalReason;
  readonly decision: DecisionRecord;
}

export interface Gathered {
  readonly kind: 'gathered';
}

export interface FailureCount {
  /** Wrong answers in this session, this one included. */
  readonly session: number;
  /** Failures of the terminal since its last success, this one included. */
  readonly terminal: number;
}

/** A terminal that is refused for a time (AUTH-07). */
export interface Suspension {
  /** `terminalText`, or `elsewhereText` where a user name is suspended. */
  readonly terminal: string;
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly failures: number;
  /** SS_AUTHENTICATION_MAX_RETRY, or of a user name SS_AUTHENTICATION_USER_MAX_RETRY, as it was for the session that led here. */
  readonly maxFailures: number;
  /** What was wrong with the last credentials. */
  readonly cause: string;
  /** What was sent in them and what was expected; '' where the cause says it all. */
  readonly explanation: string;
  /** Where the last of them came from. */
  readonly lastSource: string;
}

/** A source of which nothing is taken for a time (AUTH-08). */
export interface BlacklistEntry {
  readonly place: string;
  readonly sinceMs: number;
  readonly untilMs: number;
  /** 0: an operator put it there. */
  readonly failures: number;
  /** What was wrong with the last credentials, of whom; or the operator's words. */
  readonly cause: string;
}

export interface NewBlacklistEntry {
  readonly place: string;
  readonly forMs: number;
  readonly cause: string;
}

/** Failures of one user name at one place, gathered. */
export interface GatheredFailure {
  readonly user: string;
  readonly place: string;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly count: number;
  /** Of the last one. */
  readonly cause: string;
  readonly reason: string;
  /** In words; '' where the cause says it all, or the decision does. */
  readonly explanation: string;
  readonly decision: DecisionRecord | undefined;
}
