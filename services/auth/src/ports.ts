import type { Precondition } from '@tandem/limits';
import type { CallFacts, Verdict } from '@tandem/stir';
import type { SessionTerms } from './core/session-terms.ts';

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
 * Nonces, failures and suspensions, shared by all pods. Every method is atomic: it sees and leaves one
 * state, whatever other pods do meanwhile (AUTH-10). All throw SwitchError SWITCH_STORE_UNAVAILABLE
 * where the store cannot be reached.
 */
export interface AuthStore {
  /** Keeps a new nonce, unless the terminal is suspended (AUTH-07). */
  issue(command: IssueCommand): Promise<IssueResult>;
  /**
   * Takes credentials whose digest is right: compares and sets nc in one step (AUTH-04). Credentials that
   * were taken before, by the same request, are taken again with the same result.
   */
  accept(command: AcceptCommand): Promise<AcceptResult>;
  /** What the store holds once these credentials are taken; undefined where nobody can ask the store for it. */
  acceptance(command: AcceptCommand): Precondition | undefined;
  /**
   * Counts credentials that are wrong, once per request, against the session (AUTH-06) and the terminal
   * (AUTH-07), unless their nonce is unknown or expired. The same request again has the same result.
   */
  refuse(command: RefuseCommand): Promise<RefuseResult>;
  /** The suspensions in force, the one that ends first before the others. */
  listSuspensions(): Promise<readonly Suspension[]>;
  /** Ends a suspension and forgets the failures behind it. False where there was none. */
  liftSuspension(terminal: string): Promise<boolean>;
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

export interface IssueCommand {
  /** "phone 1001", "mapping-gateway pbx" or "unknown-user 4711 at 192.0.2.1". */
  readonly terminal: string;
  readonly fresh: FreshNonce;
}

export type IssueResult =
  { readonly kind: 'issued' } | { readonly kind: 'suspended'; readonly suspension: Suspension };

/** Credentials as the store sees them. */
export interface Presented {
  readonly terminal: string;
  /** One authentication session: a SIP Call-ID from one source address. */
  readonly session: string;
  readonly nonce: string;
  readonly realm: string;
  /** The same for a repeated request, and only for that. */
  readonly fingerprint: string;
  /** Kept, and given to the caller, where these credentials are answered with a challenge. */
  readonly fresh: FreshNonce;
}

export interface AcceptCommand extends Presented {
  /** Nonce count; undefined without qop: such a nonce serves one request. */
  readonly nonceCount: number | undefined;
}

export interface RefuseCommand extends Presented {
  /** Where the request came from, and why its credentials are wrong: kept with a suspension. */
  readonly source: string;
  readonly cause: string;
}

export type AcceptResult =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'suspended'; readonly suspension: Suspension }
  | Stale;

export type RefuseResult =
  | {
      readonly kind: 'challenged';
      readonly nonce: string;
      readonly realm: string;
      readonly terms: SessionTerms;
      readonly count: FailureCount;
    }
  | {
      readonly kind: 'ended';
      /** Which limit was reached first (AUTH-06). */
      readonly limit: 'retry' | 'timeout';
      readonly terms: SessionTerms;
      readonly count: FailureCount;
    }
  | { readonly kind: 'suspended'; readonly suspension: Suspension }
  | Stale;

/** The nonce is not good any more: a fresh one is offered, and nothing was counted (AUTH-04). */
export interface Stale {
  readonly kind: 'stale';
  readonly cause: 'unknown-nonce' | 'replayed';
  readonly nonce: string;
  readonly realm: string;
  readonly terms: SessionTerms;
}

export interface FailureCount {
  /** Wrong answers in this session, this one included. */
  readonly session: number;
  /** Failures of the terminal since its last success, this one included. */
  readonly terminal: number;
}

/** A terminal that is refused for a time (AUTH-07). */
export interface Suspension {
  readonly terminal: string;
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly failures: number;
  /** SS_AUTHENTICATION_MAX_RETRY as it was for the session that led here. */
  readonly maxFailures: number;
  /** What was wrong with the last credentials. */
  readonly cause: string;
  /** Where the last of them came from. */
  readonly lastSource: string;
}
