import type { Nanos } from '@tandem/domain';

/** An account's balance as of one ledger entry. */
export interface LiveBalance {
  readonly account: string;
  readonly balance: Nanos;
  /** Grows with each ledger entry of the account, e.g. their number. */
  readonly version: number;
}

/**
 * Balances as the ledger has them, for the check at each call (DENY-05): written by billing, after commit and at
 * start; read inside `LineLedger.acquire`. Every method throws SwitchError SWITCH_STORE_UNAVAILABLE where the store
 * is away.
 */
export interface LiveBalances {
  /** Sets balances whatever was there. */
  set(balances: ReadonlyMap<string, Nanos>): Promise<void>;
  /**
   * Sets each balance unless a newer version of it is there, so that two writers that commit in one order and write
   * in the other do no harm.
   */
  put(balances: readonly LiveBalance[]): Promise<void>;
  /** The balances of those accounts that are known. */
  get(accounts: readonly string[]): Promise<ReadonlyMap<string, Nanos>>;
}
