import type { Rate } from '@tandem/config';
import { charge, formatMoney, prefixName } from '@tandem/domain';
import type { AnalysedCharge } from '@tandem/proto/routing';
import { tariffOf } from './rate-memo.ts';
import type { RateGroupEntry, RateMatch } from './routing-tables.ts';

/**
 * The rate with the longest prefix of the number among those that are in effect when the call begins, or undefined (DENY-06). A
 * call keeps it whatever comes into effect while it goes on.
 */
export function findRate(
  group: RateGroupEntry | undefined,
  number: string,
  nowMs: number,
): RateMatch | undefined {
  const match = group?.rates.longest(number);
  if (group === undefined || match === undefined) return undefined;
  const rate = match.values.find((each) => isInEffect(each, nowMs));
  if (rate !== undefined) return { group, prefix: match.prefix, rate };
  // Rare: none of the longest prefix is in effect, and a shorter one may be.
  for (const { prefix, values } of group.rates.matches(number)) {
    const found = values.find((each) => isInEffect(each, nowMs));
    if (found !== undefined) return { group, prefix, rate: found };
  }
  return undefined;
}

/** From its first moment on, and no more at its last. */
function isInEffect({ effectiveFrom, effectiveUntil }: Rate, nowMs: number): boolean {
  if (effectiveFrom !== undefined && nowMs < Date.parse(effectiveFrom)) return false;
  return effectiveUntil === undefined || nowMs < Date.parse(effectiveUntil);
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
  if (rate.effectiveFrom !== undefined) parts.push(`from ${rate.effectiveFrom}`);
  if (rate.effectiveUntil !== undefined) parts.push(`until ${rate.effectiveUntil}`);
  return parts.join(', ');
}

/** What a call of so many seconds would be charged, as billing charges it; undefined where none are asked for. */
export function chargeFor({ group, rate }: RateMatch, seconds: number): AnalysedCharge | undefined {
  if (seconds === 0) return undefined;
  const { billedSeconds, price } = charge(tariffOf(rate), seconds);
  return { price: formatMoney(price), currency: group.currency, billedSeconds };
}
