import { multiplyRatio, parseMoney } from './money.ts';
import type { Nanos } from './money.ts';
import { wholeSeconds } from './rounding.ts';
import type { SecondsRounding } from './rounding.ts';

/** What an answered call is charged by. Increments are at least one second. */
export interface Tariff {
  readonly pricePerMinute: Nanos;
  readonly connectionFee: Nanos;
  readonly firstIncrementSeconds: number;
  readonly nextIncrementSeconds: number;
  readonly freeSeconds: number;
}

/** A tariff as it travels in the terms of a call: amounts as decimals, an empty one is 0; an increment that is not set is 0. */
export interface TariffTexts {
  readonly pricePerMinute: string;
  readonly connectionFee: string;
  readonly firstIncrementSeconds: number;
  readonly nextIncrementSeconds: number;
  readonly freeSeconds: number;
}

/** @throws RangeError where an amount is no decimal */
export function readTariff(texts: TariffTexts): Tariff {
  const { connectionFee, firstIncrementSeconds, nextIncrementSeconds } = texts;
  return {
    pricePerMinute: parseMoney(texts.pricePerMinute),
    connectionFee: connectionFee === '' ? 0n : parseMoney(connectionFee),
    firstIncrementSeconds: Math.max(1, firstIncrementSeconds),
    nextIncrementSeconds: Math.max(1, nextIncrementSeconds),
    freeSeconds: texts.freeSeconds,
  };
}

/** Seconds of an answered call: a call that was answered lasts at least one (BILL-02). */
export function callSeconds(ms: number, rounding: SecondsRounding): number {
  return Math.max(1, wholeSeconds(ms, rounding));
}

/** What one answered call costs one account. */
export interface Charge {
  readonly billedSeconds: number;
  readonly price: Nanos;
}

/**
 * Rates an answered call (BILL-02). The free seconds come off first: a call no longer than they are costs
 * nothing, the connection fee included. The rest is rounded up to the first increment, then to full next
 * increments; the price is rounded once, at the end, half away from zero to 1e-9.
 */
export function charge(tariff: Tariff, seconds: number): Charge {
  const chargeable = seconds - tariff.freeSeconds;
  if (chargeable <= 0) return { billedSeconds: 0, price: 0n };
  const billedSeconds = roundUp(chargeable, tariff);
  const talk = multiplyRatio(tariff.pricePerMinute, BigInt(billedSeconds), 60n);
  return { billedSeconds, price: tariff.connectionFee + talk };
}

/**
 * What a call costs at least once it costs anything: connection fee and first increment (DENY-05). Free seconds do not
 * lower it, since nothing ends a call when they are over, and the next second costs all of this at once.
 */
export function leastPrice(tariff: Tariff): Nanos {
  return charge(tariff, tariff.freeSeconds + 1).price;
}

/** What fits the field in which a longest duration travels. */
const LONGEST_SECONDS = 0xffff_ffffn;

/**
 * The longest call whose charge the money covers (CALL-09). One that began has its first increment even where the money
 * is less, since it is charged whatever it lasts.
 * @returns seconds; 0 = no limit, where nothing is charged by the minute
 */
export function longestSeconds(tariff: Tariff, money: Nanos): number {
  const { pricePerMinute, connectionFee } = tariff;
  if (pricePerMinute === 0n) return 0;
  const first = BigInt(tariff.firstIncrementSeconds);
  const next = BigInt(tariff.nextIncrementSeconds);
  // The inverse of `charge`: its rounding gives up to 29 sixtieths of 1e-9 away.
  const paid = ((money - connectionFee) * 60n + 29n) / pricePerMinute;
  const billed = paid < first ? first : first + ((paid - first) / next) * next;
  const seconds = billed + BigInt(tariff.freeSeconds);
  return Number(seconds < LONGEST_SECONDS ? seconds : LONGEST_SECONDS);
}

/** A tariff as whole increments, so that what they sum to is never less than the charge (BILL-05). */
export interface Increments {
  /** Connection fee and first increment. */
  readonly leastNanos: Nanos;
  /** What `leastNanos` pays for: free seconds and first increment. */
  readonly firstSeconds: number;
  readonly freeSeconds: number;
  /** Each further increment, rounded up; 0 = the call costs nothing more, whatever it lasts. */
  readonly stepNanos: Nanos;
  readonly nextSeconds: number;
}

export function incrementsOf(tariff: Tariff): Increments {
  const { firstIncrementSeconds, freeSeconds, nextIncrementSeconds, pricePerMinute } = tariff;
  return {
    leastNanos: leastPrice(tariff),
    firstSeconds: freeSeconds + firstIncrementSeconds,
    freeSeconds,
    stepNanos: (pricePerMinute * BigInt(nextIncrementSeconds) + 59n) / 60n,
    nextSeconds: nextIncrementSeconds,
  };
}

function roundUp(seconds: number, tariff: Tariff): number {
  const { firstIncrementSeconds: first, nextIncrementSeconds: next } = tariff;
  if (seconds <= first) return first;
  return first + Math.ceil((seconds - first) / next) * next;
}
