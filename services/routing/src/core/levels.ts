import { longestSeconds } from '@tandem/domain';
import type { AcquireResult, BalanceClaim } from '@tandem/limits';
import { findRate } from './rates.ts';
import type { RateMemo } from './rate-memo.ts';
import type { AccountEntry, RateMatch } from './routing-tables.ts';

/** An account that owes something for a call, and by which rate: who calls, or a reseller above it (BILL-01). */
export interface Level {
  readonly account: AccountEntry;
  /** Undefined where it has none for the number. */
  readonly rate: RateMatch | undefined;
}

const none: readonly Level[] = [];

/** The resellers above an account, from the one next to it on up, each with its own rate for the number. */
export function levelsAbove(
  { resellers }: AccountEntry,
  callee: string,
  nowMs: number,
): readonly Level[] {
  // Most accounts are under nobody.
  if (resellers.length === 0) return none;
  return resellers.map((account) => ({
    account,
    rate: findRate(account.rateGroup, callee, nowMs),
  }));
}

/**
 * What is paid to the switch for a call, which is what its profit is reckoned from (ROUTE-11): the rate of the topmost account. What
 * resellers take on top of it is theirs.
 */
export function rateOfTop(
  account: AccountEntry | undefined,
  rate: RateMatch | undefined,
  { callee, nowMs }: { readonly callee: string; readonly nowMs: number },
): RateMatch | undefined {
  const top = account?.resellers.at(-1);
  return top === undefined ? rate : findRate(top.rateGroup, callee, nowMs);
}

/** DENY-05: a phone that no gateway takes has no price; its call needs some money all the same. */
export function balanceClaim(memo: RateMemo, { account, rate }: Level): BalanceClaim {
  const whose = { account: account.name, overdraftNanos: account.overdraft };
  if (rate === undefined) return { ...whose, leastNanos: 0n };
  const { leastNanos, slices } = memo.slices(rate.rate);
  // BILL-05: what costs nothing reserves nothing, and needs some money all the same.
  const isReserving = account.isPrepaid && leastNanos + slices.stepNanos > 0n;
  return { ...whose, leastNanos, ...(isReserving && { slices }) };
}

/** How long a call may last by the money of all levels, own and above; 0 = no limit. */
export function longestCall(
  memo: RateMemo,
  levels: readonly Level[],
  taken: Extract<AcquireResult, { kind: 'taken' }>,
): number {
  const balances = [taken.balance, ...(taken.resold ?? [])];
  let longest = 0;
  for (const [at, { account, rate }] of levels.entries()) {
    if (!account.isPrepaid || rate === undefined) continue;
    const money = (balances[at] ?? 0n) + account.overdraft;
    const seconds = longestSeconds(memo.tariff(rate.rate), money);
    if (seconds !== 0 && (longest === 0 || seconds < longest)) longest = seconds;
  }
  return longest;
}
