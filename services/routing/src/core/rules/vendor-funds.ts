import { decided, formatMoney } from '@tandem/domain';
import type { DecisionRecord, Nanos } from '@tandem/domain';
import type { AccountEntry } from '../routing-tables.ts';
import type { BarredAt } from './barred-at.ts';

/** What is left at each vendor, as billing has written it last. */
export type VendorFunds = ReadonlyMap<string, Nanos>;

/** ROUTE-09, DENY-13: its vendor's money is at the limit. */
export interface FundsBarrier {
  readonly kind: 'vendor-out-of-funds';
  readonly account: string;
  readonly balance: Nanos;
  readonly overdraft: Nanos;
}

/**
 * ROUTE-09, with SERVER_VERIFY_CLEARING_CUSTOMER_REMAIN_MONEY_LIMIT: a vendor's balance is what has been paid to it less what
 * its calls have cost, and its overdraft what it lets go on beyond that.
 * @param funds undefined where nobody asks for them; one whose balance is not known stays
 */
export function fundsBarrier(
  { name: account, overdraft }: AccountEntry,
  funds: VendorFunds | undefined,
): FundsBarrier | undefined {
  const balance = funds?.get(account);
  if (balance === undefined || balance + overdraft > 0n) return undefined;
  return { kind: 'vendor-out-of-funds', account, balance, overdraft };
}

export function fundsDecision(
  { account, balance, overdraft }: FundsBarrier,
  { subject, prefix, atMs }: BarredAt,
): DecisionRecord {
  const facts = {
    prefix,
    account,
    balance: formatMoney(balance),
    overdraft: formatMoney(overdraft),
  };
  return decided('vendor-out-of-funds', { subject, facts, atMs });
}
