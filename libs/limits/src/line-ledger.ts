import type { Nanos } from '@tandem/domain';
import type { SliceTerms } from './call-money.ts';
import type { Precondition } from './precondition.ts';

/** One limit that a call needs a line of, or a token. */
export interface LimitClaim {
  /** `<kind>:<name>`, such as `account:demo`, `mapping-gateway:trunk` or `routing-gateway:carrier-a`. */
  readonly key: string;
  /** Calls at the same time, or per second; 0 = no limit, but a line is still counted. */
  readonly limit: number;
  /** The limit is one of calls per second (ROUTE-15): spent when it is taken, never held. @default of lines */
  readonly per?: 'second' | undefined;
  /**
   * Of a limit of lines that is not 0: the claim fails while fewer than these are free (ROUTE-05).
   * @default 0: one is enough, as with 1
   */
  readonly reserved?: number | undefined;
}

/** How many may be in use, or of the last second, for one more to be taken, and one. */
export function mostInUse({ limit, reserved = 0 }: LimitClaim): number {
  return limit - Math.max(0, reserved - 1);
}

/** The keys of what is held, to be renewed and released: lines, not tokens. */
export function heldKeys(claims: readonly LimitClaim[]): string[] {
  return claims.flatMap(({ key, per }) => (per === undefined ? [key] : []));
}

/** Whose money a call will spend: refused where balance + overdraft is used up, or is less than the call costs (DENY-05). */
export interface BalanceClaim {
  readonly account: string;
  readonly overdraftNanos: Nanos;
  /** What the call costs at least; 0 = nothing. */
  readonly leastNanos: Nanos;
  /**
   * With the lines a first slice of money is reserved, which no other call can spend; what others have reserved counts as spent
   * (BILL-05). @default nothing is reserved
   */
  readonly slices?: SliceTerms | undefined;
}

/** The balance that a call needs: with nothing left not even a free one begins. */
export function neededBalance({ overdraftNanos, leastNanos }: BalanceClaim): Nanos {
  return (leastNanos > 0n ? leastNanos : 1n) - overdraftNanos;
}

/** What a call needs: every fixed line, and every line of one of the choices. */
export interface AcquireRequest {
  /** The request may be repeated with the same call id: a call never counts twice. */
  readonly callId: string;
  /** Lines needed whatever is chosen: mapping gateway or phone, and account. */
  readonly fixed: readonly LimitClaim[];
  /** One list of lines per routing gateway, in order of preference; none = only the fixed lines. */
  readonly choices: readonly (readonly LimitClaim[])[];
  /** How long the lines are held unless renewed, milliseconds. */
  readonly leaseMs: number;
  readonly balance?: BalanceClaim | undefined;
  /**
   * The money of the resellers above that account, from the one next to it on up: it is looked at, and reserved, together with the account's
   * own, or none of it is. Of no account twice, and nothing without `balance`. @default none
   */
  readonly resellers?: readonly BalanceClaim[] | undefined;
  /**
   * Nothing is taken unless the store holds this: else SwitchError SWITCH_PRECONDITION_UNMET. Only of a ledger that is in the same
   * store. @default nothing is asked
   */
  readonly onlyIf?: Precondition | undefined;
}

/** A limit that was reached. */
export interface FullLine {
  readonly key: string;
  readonly limit: number;
  /** Lines in use, or calls of the last second. */
  readonly inUse: number;
  /** Set where it is one of calls per second. */
  readonly per?: 'second';
  /** Set where the claim left this many lines to others: some may be free. */
  readonly reserved?: number;
  /** Up to five of the calls that hold the lines, or took the tokens. */
  readonly holders: readonly string[];
}

/** A choice that was passed over because one of its limits was reached. */
export interface SkippedChoice {
  /** Index into the request's choices. */
  readonly choice: number;
  readonly line: FullLine;
}

export type AcquireResult =
  | {
      readonly kind: 'taken';
      /** Index of the choice whose lines were taken; -1 where the request had no choices. */
      readonly choice: number;
      /** The choices before it that were full. */
      readonly skipped: readonly SkippedChoice[];
      /** The account's balance, where the request named one. */
      readonly balance: Nanos | undefined;
      /** Those of its resellers, in the order of the request; not set where it named none. */
      readonly resold?: readonly Nanos[];
    }
  /** A fixed limit was reached; nothing is held. */
  | { readonly kind: 'full'; readonly line: FullLine; readonly balance: Nanos | undefined }
  /** No choice was free; nothing is held. */
  | {
      readonly kind: 'all-full';
      readonly skipped: readonly SkippedChoice[];
      readonly balance: Nanos | undefined;
    }
  /** What calls have reserved of the balance, and up to five of them. */
  | {
      readonly kind: 'no-balance';
      /** Whose it is: the account's own, or that of a reseller by its index in the request. @default its own */
      readonly reseller?: number;
      readonly balance: Nanos;
      readonly reserved: Nanos;
      readonly holders: readonly string[];
    }
  /** The balance has not been written yet: billing has not started. Whose it is: as of `no-balance`. */
  | { readonly kind: 'balance-unknown'; readonly reseller?: number };

/** Whose money a call spends: its account's own, then its resellers' on up. */
export function payersOf(
  request: Pick<AcquireRequest, 'balance' | 'resellers'>,
): readonly BalanceClaim[] {
  const { balance, resellers = [] } = request;
  return balance === undefined ? [] : [balance, ...resellers];
}

/** What `acquire` would say now, and every choice that is full rather than those before the first free one. */
export type PeekResult = AcquireResult;

/** Failover: give the failed gateway's lines back and take the next free choice's, in one step. */
export interface AdvanceRequest {
  readonly callId: string;
  /** Keys of the lines to give back. */
  readonly release: readonly string[];
  /** Keys of the lines to keep: their leases are renewed. */
  readonly keep: readonly string[];
  readonly choices: readonly (readonly LimitClaim[])[];
  readonly leaseMs: number;
}

export type AdvanceResult =
  | {
      readonly kind: 'taken';
      readonly choice: number;
      readonly skipped: readonly SkippedChoice[];
    }
  /** The released lines are free; the kept ones are still held. */
  | { readonly kind: 'all-full'; readonly skipped: readonly SkippedChoice[] };

export interface LineHolder {
  readonly callId: string;
  /** When the call took its first line; 0 where that is no longer known. */
  readonly sinceMs: number;
  readonly expiresMs: number;
}

export interface LineUse {
  readonly key: string;
  readonly inUse: number;
  /** By expiry, soonest first. */
  readonly holders: readonly LineHolder[];
}

/**
 * Who holds which lines (ROUTE-05): sets of call ids with a lease, never counters, so that a crash cannot leak one.
 * Exact under concurrency over all pods. Every method throws SwitchError SWITCH_STORE_UNAVAILABLE where the store is
 * away.
 */
export interface LineLedger {
  /** Takes all fixed lines and those of the first choice that is wholly free, or nothing. */
  acquire(request: AcquireRequest): Promise<AcquireResult>;
  /** The same decision without taking anything (ROUTE-12). */
  peek(request: Omit<AcquireRequest, 'leaseMs'>): Promise<PeekResult>;
  advance(request: AdvanceRequest): Promise<AdvanceResult>;
  /**
   * Holds the lines for `leaseMs` from now. A line whose lease had run out is taken again whatever its limit, since
   * the call does use it: so never renew after the call's end.
   */
  renew(callId: string, keys: readonly string[], leaseMs: number): Promise<void>;
  /** Gives the lines back; those not held are ignored. */
  release(callId: string, keys: readonly string[]): Promise<void>;
  /** Who holds the lines of one limit, or of all limits in use. */
  list(key?: string): Promise<readonly LineUse[]>;
  /** Lines in use of each key, in the order of the keys. */
  count(keys: readonly string[]): Promise<readonly number[]>;
}
