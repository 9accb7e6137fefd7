import { prefixName } from '@tandem/domain';
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
  parts.push(`prefix ${prefixName(prefix)}`, `rate group ${group.name}`);
  return parts.join(', ');
}
