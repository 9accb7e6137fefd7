import { multiplyRatio, parseMoney } from '@tandem/domain';
import type { Nanos } from '@tandem/domain';
import type { Terms } from '@tandem/proto/billing';

/** What one answered call costs one account. */
export interface Charge {
  readonly billedSeconds: number;
  readonly price: Nanos;
}

/**
 * Seconds of an answered call: begun seconds count, and a call that was answered lasts at least one
 * (BILL-02), also where two clocks make its end earlier than its answer.
 */
export function callSeconds(answeredMs: number, endedMs: number): number {
  return Math.max(1, Math.ceil((endedMs - answeredMs) / 1000));
}

/**
 * Rates an answered call (BILL-02). The free seconds come off first: a call no longer than they are costs
 * nothing, the connection fee included. The rest is rounded up to the first increment, then to full next
 * increments; the price is rounded once, at the end, half away from zero to 1e-9.
 * @throws RangeError where an amount of the terms is no decimal.
 */
export function charge(terms: Terms, seconds: number): Charge {
  const chargeable = seconds - terms.freeSeconds;
  const pricePerMinute = parseMoney(terms.pricePerMinute);
  const connectionFee = terms.connectionFee === '' ? 0n : parseMoney(terms.connectionFee);
  if (chargeable <= 0) return { billedSeconds: 0, price: 0n };
  const billedSeconds = roundUp(chargeable, terms);
  const price = connectionFee + multiplyRatio(pricePerMinute, BigInt(billedSeconds), 60n);
  return { billedSeconds, price };
}

/** The terms in words: `0.0123 a minute, 60/60, prefix 44, rate group standard`. */
export function explainTerms(terms: Terms): string {
  const increments = `${String(increment(terms.firstIncrementSeconds))}/${String(increment(terms.nextIncrementSeconds))}`;
  const parts = [`${terms.pricePerMinute} a minute`, increments];
  if (terms.connectionFee !== '' && terms.connectionFee !== '0') {
    parts.push(`connection fee ${terms.connectionFee}`);
  }
  if (terms.freeSeconds > 0) parts.push(`first ${String(terms.freeSeconds)} s free`);
  parts.push(`prefix ${terms.prefix}`, `rate group ${terms.rateGroup}`);
  return parts.join(', ');
}

function roundUp(seconds: number, terms: Terms): number {
  const first = increment(terms.firstIncrementSeconds);
  const next = increment(terms.nextIncrementSeconds);
  if (seconds <= first) return first;
  return first + Math.ceil((seconds - first) / next) * next;
}

// An increment that is not set is one second.
function increment(seconds: number): number {
  return Math.max(1, seconds);
}
