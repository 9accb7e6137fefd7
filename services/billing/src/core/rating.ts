import { parseMoney, prefixName } from '@tandem/domain';
import type { Tariff } from '@tandem/domain';
import type { Terms } from '@tandem/proto/billing';

/** What calls of one account are charged by, read from their terms. */
export interface Rate extends Tariff {
  readonly account: string;
  readonly currency: string;
}

/**
 * Seconds of an answered call: begun seconds count, and a call that was answered lasts at least one
 * (BILL-02), also where two clocks make its end earlier than its answer.
 */
export function callSeconds(answeredMs: number, endedMs: number): number {
  return Math.max(1, Math.ceil((endedMs - answeredMs) / 1000));
}

/**
 * The rate of some terms.
 * @throws RangeError where an amount is no decimal.
 */
export function rateOf(terms: Terms): Rate {
  return {
    account: terms.account,
    currency: terms.currency,
    pricePerMinute: parseMoney(terms.pricePerMinute),
    connectionFee: terms.connectionFee === '' ? 0n : parseMoney(terms.connectionFee),
    firstIncrementSeconds: increment(terms.firstIncrementSeconds),
    nextIncrementSeconds: increment(terms.nextIncrementSeconds),
    freeSeconds: terms.freeSeconds,
  };
}

/** The terms in words: `0.0123 a minute, 60/60, prefix 44, rate group standard`. */
export function explainTerms(terms: Terms): string {
  const first = String(increment(terms.firstIncrementSeconds));
  const next = String(increment(terms.nextIncrementSeconds));
  const parts = [`${terms.pricePerMinute} a minute`, `${first}/${next}`];
  if (terms.connectionFee !== '' && terms.connectionFee !== '0') {
    parts.push(`connection fee ${terms.connectionFee}`);
  }
  if (terms.freeSeconds > 0) parts.push(`first ${String(terms.freeSeconds)} s free`);
  parts.push(`prefix ${prefixName(terms.prefix)}`, `rate group ${terms.rateGroup}`);
  return parts.join(', ');
}

// An increment that is not set is one second.
function increment(seconds: number): number {
  return Math.max(1, seconds);
}
