import type { Increments, Nanos, SecondsRounding } from '@tandem/domain';

/** By what a call reserves money of its account, slice by slice (BILL-05). */
export interface SliceTerms extends Omit<Increments, 'leastNanos'> {
  readonly rounding: SecondsRounding;
  /** For how long is reserved at once where there is plenty. */
  readonly sliceSeconds: number;
}

/** The rules of slices; the scripts in Redis have the same ones. */
export const sliceRules = {
  /** A call takes this part of what is left at most, so that slices grow shorter near the end and others get theirs. */
  share: 8n,
  /** Any pod's sweep must come by while a slice lasts, seconds. */
  shortest: 4,
  /** A slice is topped up so long before it ends, seconds. */
  margin: 10,
  /** A call whose money has ended is hung up within this, ms: till then it is charged to that end. */
  cutMs: 2000,
  /** Nothing of a call is kept for longer that nobody looks after, ms. */
  longestMs: 86_400_000,
} as const;

/** Why a call cannot go on: no further increment could be reserved. */
export interface MoneyEnd {
  /** When what it had reserved was used up, ms of the store's clock. */
  readonly endedMs: number;
  readonly account: string;
  readonly balance: Nanos;
  readonly overdraft: Nanos;
  /** By all calls of the account, this one too. */
  readonly reserved: Nanos;
  /** What one more increment costs, and how long it is. */
  readonly step: Nanos;
  readonly stepSeconds: number;
}

/** What calls of an account have reserved. */
export interface Reserved {
  readonly total: Nanos;
  /** Up to five of the calls, the last ones first. */
  readonly holders: readonly string[];
}

/** A call and who pays for it. */
export interface PaidCall {
  readonly account: string;
  readonly callId: string;
}

/** A call that goes on, of which the store may know nothing. */
export interface StandingCall extends PaidCall {
  /** What it has cost, and will have until this is told again. */
  readonly amount: Nanos;
}
