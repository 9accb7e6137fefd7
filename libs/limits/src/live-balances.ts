import type { Nanos } from '@tandem/domain';
import type { PaidCall, Reserved, StandingCall } from './call-money.ts';

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
   * @param charged calls whose charges are in these balances, or in newer ones: what they have spent is reserved no more, in
   *   the same step. @default none
   */
  put(balances: readonly LiveBalance[], charged?: readonly PaidCall[]): Promise<void>;
  /** The balances of those accounts that are known. */
  get(accounts: readonly string[]): Promise<ReadonlyMap<string, Nanos>>;
  /** What calls have reserved of each account's money, in the order of the accounts (BILL-05). */
  reserved(accounts: readonly string[]): Promise<readonly Reserved[]>;
  /** Calls that ended so long ago, in ms, and are not charged yet as far as `put` was told; the oldest first. */
  uncharged(ageMs: number, most: number): Promise<readonly PaidCall[]>;
  /**
   * Reserves what calls that go on have cost, where the store was emptied and knows nothing of them; what calls have reserved
   * there themselves stands. They are among the uncharged ones.
   */
  stand(calls: readonly StandingCall[]): Promise<void>;
}
