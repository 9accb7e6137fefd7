import { multiplyRatio, parseMoney } from '@tandem/domain';
import type { Nanos } from '@tandem/domain';
import type { Terms } from '@tandem/proto/billing';

/** What calls are charged by, read from their terms. */
export interface Rate {
  readonly account: string;
  readonly currency: string;
  readonly pricePerMinute: Nanos;
  readonly connectionFee: Nanos;
  readonly firstIncrementSeconds: number;
  readonly nextIncrementSeconds: number;
  readonly freeSeconds: number;
}

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

/**
 * Rates an answered call (BILL-02). The free seconds come off first: a call no longer than they are costs
 * nothing, the connection fee included. The rest is rounded up to the first increment, then to full next
 * increments; the price is rounded once, at the end, half away from zero to 1e-9.
 */
export function charge(rate: Rate, seconds: number): Charge {
  const chargeable = seconds - rate.freeSeconds;
  if (chargeable <= 0) return { billedSeconds: 0, price: 0n };
  const billedSeconds = roundUp(chargeable, rate);
  const talk = multiplyRatio(rate.pricePerMinute, BigInt(billedSeconds), 60n);
  return { billedSeconds, price: rate.connectionFee + talk };
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
  parts.push(`prefix ${terms.prefix}`, `rate group ${terms.rateGroup}`);
  return parts.join(', ');
}

function roundUp(seconds: number, rate: Rate): number {
  const { firstIncrementSeconds: first, nextIncrementSeconds: next } = rate;
  if (seconds <= first) return first;
  return first + Math.ceil((seconds - first) / next) * next;
}

// An increment that is not set is one second.
function increment(seconds: number): number {
  return Math.max(1, seconds);
}
