import type { RateTerms } from '../packed-lists.ts';
import type { RateSheet } from './rate-sheet.ts';
import { rateAt } from './times-of-rates.ts';

/** The rate of a number. */
interface NumberRate {
  /** Without `+`. */
  readonly prefix: string;
  readonly rate: RateTerms;
}

/**
 * The rate of the longest prefix of a number among those that are in effect at a moment, as a call that begins then gets it (BILL-02,
 * DENY-06); undefined where there is none.
 */
export function rateOfNumber(
  sheet: RateSheet,
  number: string,
  atMs: number,
): NumberRate | undefined {
  for (const [prefix, rates] of sheet.matches(number)) {
    const rate = rateAt(rates, atMs);
    if (rate !== undefined) return { prefix, rate };
  }
  return undefined;
}
