import { bareNumber } from '@tandem/domain';

/** As many can be read at a glance. */
const MOST = 5;

/**
 * Of prefixes that do not match a number those that come nearest: with the most leading digits in common, the shorter first.
 * @returns at most five; none where none has a digit in common
 */
export function nearestPrefixes(prefixes: Iterable<string>, number: string): readonly string[] {
  const digits = bareNumber(number);
  const nearest = new Map<string, number>();
  for (const prefix of prefixes) {
    const common = commonDigits(bareNumber(prefix), digits);
    if (common > 0) nearest.set(prefix, common);
  }
  return [...nearest]
    .toSorted(([one, a], [other, b]) => b - a || one.length - other.length || order(one, other))
    .slice(0, MOST)
    .map(([prefix]) => prefix);
}

function commonDigits(one: string, other: string): number {
  let common = 0;
  while (common < one.length && one.charAt(common) === other.charAt(common)) common += 1;
  return common;
}

function order(one: string, other: string): number {
  return one < other ? -1 : 1;
}
