import { prefixName, readTariff, roundingOf } from '@tandem/domain';
import type { SecondsRounding, Tariff } from '@tandem/domain';
import type { Terms } from '@tandem/proto/billing';

/** What calls of one account are charged by, read from their terms. */
export interface Rate extends Tariff {
  readonly account: string;
  /** Of the rate: where calls go to. */
  readonly prefix: string;
  readonly currency: string;
  readonly rounding: SecondsRounding;
  /** Calls have reserved money by it (BILL-05). */
  readonly isReserving: boolean;
  /** By what the resellers above the account are charged, from the one next to it on up (BILL-01). */
  readonly resellers: readonly Rate[];
}

/** The moments of a call that say how long it lasted, in ms; 0 = did not happen. */
export interface CallTimes {
  readonly answeredMs: number;
  readonly endedMs: number;
  readonly aliveMs: number;
  /** 1 = charged to `aliveMs`. */
  readonly chargedToAlive: number;
}

/**
 * For how long a call is charged, to the millisecond (BILL-11): to its end, or, where the switch ended it since nobody showed
 * that it goes on, to the last proof of life (CALL-05). Two clocks may make an end earlier than its answer.
 */
export function durationMs({ answeredMs, endedMs, aliveMs, chargedToAlive }: CallTimes): number {
  if (answeredMs === 0) return 0;
  const untilMs = chargedToAlive === 0 ? endedMs : Math.min(aliveMs, endedMs);
  return Math.max(0, untilMs - answeredMs);
}

/**
 * The rate of some terms.
 * @throws RangeError where an amount is no decimal.
 */
export function rateOf(terms: Terms): Rate {
  return {
    account: terms.account,
    prefix: terms.prefix,
    currency: terms.currency,
    ...readTariff(terms),
    rounding: roundingOf(terms.rounding),
    isReserving: terms.reserving,
    resellers: terms.resellers.map(rateOf),
  };
}

/** The terms in words: `0.0123 a minute, 60/60, prefix 44, rate group standard, version 3 of its sheet`. */
export function explainTerms(terms: Terms): string {
  const first = String(increment(terms.firstIncrementSeconds));
  const next = String(increment(terms.nextIncrementSeconds));
  const parts = [`${terms.pricePerMinute} a minute`, `${first}/${next}`];
  if (terms.connectionFee !== '' && terms.connectionFee !== '0') {
    parts.push(`connection fee ${terms.connectionFee}`);
  }
  if (terms.freeSeconds > 0) parts.push(`first ${String(terms.freeSeconds)} s free`);
  parts.push(`prefix ${prefixName(terms.prefix)}`, `rate group ${terms.rateGroup}`);
  const { rateSheetVersion: sheet } = terms;
  if (sheet > 0) parts.push(`version ${String(sheet)} of its sheet`);
  const rounding = roundingWords[roundingOf(terms.rounding)];
  if (rounding !== '') parts.push(rounding);
  return parts.join(', ');
}

/** What is usual is not told. */
const roundingWords: Readonly<Record<SecondsRounding, string>> = {
  up: 'begun seconds count',
  half: '',
  down: 'full seconds count',
};

// An increment that is not set is one second.
function increment(seconds: number): number {
  return Math.max(1, seconds);
}
