import { parseMoney } from '@tandem/domain';
import type { Nanos } from '@tandem/domain';
import type { RateGroupEntry, RateMatch } from './routing-tables.ts';

/** The rate with the longest prefix of the number, or undefined (DENY-06). */
export function findRate(group: RateGroupEntry | undefined, number: string): RateMatch | undefined {
  const match = group?.rates.longest(number);
  const rate = match?.values[0];
  if (group === undefined || match === undefined || rate === undefined) return undefined;
  return { group, prefix: match.prefix, rate };
}

/** The price for people: `0.0123 USD a minute, 60/60, prefix 44, rate group standard`. */
export function describePrice({ group, prefix, rate }: RateMatch): string {
  const parts = [
    `${rate.pricePerMinute} ${group.currency} a minute`,
    `${String(rate.firstIncrement)}/${String(rate.nextIncrement)}`,
  ];
  if (!/^[0.]+$/.test(rate.connectionFee)) parts.push(`connection fee ${rate.connectionFee}`);
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
