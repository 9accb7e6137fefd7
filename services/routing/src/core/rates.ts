import type { Rate } from '@tandem/config';
import { parseMoney } from '@tandem/domain';
import type { Nanos } from '@tandem/domain';
import { Terms } from '@tandem/proto/billing';
import type { AccountEntry, RateGroupEntry } from './routing-tables.ts';

/** The rate of a number in a group. */
export interface RateMatch {
  readonly group: RateGroupEntry;
  readonly prefix: string;
  readonly rate: Rate;
}

/** The rate with the longest prefix of the number, or undefined (DENY-06). */
export function findRate(group: RateGroupEntry | undefined, number: string): RateMatch | undefined {
  const match = group?.rates.longest(number);
  const rate = match?.values[0];
  if (group === undefined || match === undefined || rate === undefined) return undefined;
  return { group, prefix: match.prefix, rate };
}

/** What billing charges the call by, fixed now: tandem.billing.v1.Terms. */
export function encodeTerms(
  account: AccountEntry,
  { group, prefix, rate }: RateMatch,
  version: number,
): Uint8Array {
  const terms = Terms.create({
    account: account.name,
    rateGroup: group.name,
    prefix,
    currency: group.currency,
    pricePerMinute: rate.pricePerMinute,
    firstIncrementSeconds: rate.firstIncrement,
    nextIncrementSeconds: rate.nextIncrement,
    connectionFee: rate.connectionFee,
    freeSeconds: rate.freeSeconds,
    configurationVersion: version,
  });
  return Terms.encode(terms).finish();
}

/** The price for people: `0.0123 USD a minute, 60/60, prefix 44, rate group standard`. */
export function describePrice({ group, prefix, rate }: RateMatch): string {
  const parts = [
    `${rate.pricePerMinute} ${group.currency} a minute`,
    `${String(rate.firstIncrement)}/${String(rate.nextIncrement)}`,
  ];
  if (parseMoney(rate.connectionFee) !== 0n) parts.push(`connection fee ${rate.connectionFee}`);
  if (rate.freeSeconds > 0) parts.push(`first ${String(rate.freeSeconds)} s free`);
  parts.push(`prefix ${prefix === '' ? 'any' : prefix}`, `rate group ${group.name}`);
  return parts.join(', ');
}

const LONGEST_SECONDS = 0xffff_ffffn;

/**
 * The longest call that the money pays (CALL-09), in full increments, as billing rates it: free seconds first, then
 * the connection fee and the first increment. A call that may begin gets its first increment even where the money is
 * less, since it is charged whatever it lasts.
 * @returns seconds; 0 = no limit, where nothing is charged by the minute
 */
export function longestSeconds({ rate }: RateMatch, money: Nanos): number {
  const perMinute = parseMoney(rate.pricePerMinute);
  if (perMinute === 0n) return 0;
  const first = BigInt(rate.firstIncrement);
  const next = BigInt(rate.nextIncrement);
  const paid = ((money - parseMoney(rate.connectionFee)) * 60n) / perMinute;
  const charged = paid < first ? first : first + ((paid - first) / next) * next;
  const seconds = charged + BigInt(rate.freeSeconds);
  return Number(seconds < LONGEST_SECONDS ? seconds : LONGEST_SECONDS);
}
