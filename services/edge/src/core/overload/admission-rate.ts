import type { OverloadTerms } from './overload-terms.ts';
import type { Pressure } from './pressure.ts';
import { hasCalmed } from './quiet.ts';
import type { Quietable } from './quiet.ts';

/*
 * How many new calls a second are begun, from what they do to the process (RFC 7415 without a peer that tells):
 *
 *   calm ── past the limit, so far and so long ──► shedding ── nobody refused, half of the limit, for 2 s ──► calm
 *
 * How long depends on whether more is begun than was ever seen through: then it is an overload at once. Where no more is begun than
 * usual the process is late for other reasons (a collection of garbage, programs beside it), and has time to catch up.
 *
 * It begins at what the process has seen through lately, so that a backlog that is all there is refuses nobody. While shedding the
 * rate is cut below what was served, at most once per delay, and grows again as long as there is room: slowly near the rate at which
 * it was cut last, faster and faster below it. A delay that is falling is on its way, and not cut for. Far past the limit hardly
 * anything is begun, until what waits is seen through.
 */

/** Changed in place by {@link stepRate} alone. */
export interface AdmissionRate extends Quietable {
  isShedding: boolean;
  /** New calls a second; Infinity: as many as come. */
  perSecond: number;
  /** Since when it is so. */
  sinceMs: number;
  /** Calls a second that were seen through lately, and over a longer time. */
  served: number;
  steady: number;
  /** The most of it in the last seconds: what the process can, unless something is wrong. */
  best: number;
  /** Calls a second that were begun lately. */
  begun: number;
  /** How far past the limit, times how long; ms. */
  overMs: number;
  /** Until then what has come in while the process stood still is worked off. */
  catchesUpUntilMs: number;
  lowSinceMs: number | undefined;
  cutMs: number;
  /** Until then hardly anything is begun, so that what waits is seen through; undefined: nothing is drained. */
  drainsUntilMs: number | undefined;
  drainsAgainMs: number;
  /** What was served when the rate was cut last. */
  ceiling: number;
  lastPressure: number;
}

/** What has happened since the step before. */
export interface RateInput {
  readonly nowMs: number;
  readonly elapsedMs: number;
  readonly pressure: Pressure;
  /** How late the event loop came to this step. */
  readonly stalledMs: number;
  /** Calls that were begun and are decided now, whatever the decision but a challenge. */
  readonly served: number;
  readonly begun: number;
  readonly refused: number;
  /** Strangers are being held down: more comes than can be borne, whatever the others send. */
  readonly isFlooded: boolean;
}

/** So long at twice the limit or more, longer below it: where more is begun than was ever seen through, and where it is not. */
const OVER_FOR_MS = { more: 200, usual: 2000 };
/** It is more where it is above the best by so much, and more than few. */
const MORE_THAN_BEST = 1.25;
/** So many times the least rate are few calls: not what makes any process late, whatever it has shown so far. */
const FEW = 3;
/** One step counts for no more, though it came late. */
const LONGEST_STEP_MS = 200;
/** Of a stall that came out of calm: as long again and half as much it catches up, but no longer than this. */
const CATCH_UP = 1.5;
const LONGEST_CATCH_UP_MS = 3000;
const SHORTEST_CUT_MS = 200;
/**
 * Of its limit: below the first there is room, below the second plenty; above the third it is cut. A call with a challenge waits in the
 * queue three times, and is repeated after half a second: so the limit itself is too late.
 */
const ROOM = 0.4;
const PLENTY = 0.25;
const TOO_LATE = 0.5;
/**
 * So late that senders repeat themselves, and what is repeated makes it later still: hardly anything is begun until what waits is
 * seen through. It takes as long again and half as much at most; where that did not help it is no calls that make it late.
 */
const DRAIN = 2;
const DRAINS_FOR = 1.5;
const LONGEST_DRAIN_MS = 3000;
const DRAINS_AGAIN_MS = { helped: 5000, failed: 60_000 };
/** Of what was seen through at best, after a drain. */
const KEPT_AFTER_DRAIN = 0.8;
/** Below it, with nobody refused, it is over. */
const CALM = 0.5;
/** Of the rate, where it is late, but below the limit. */
const KEPT_BELOW_LIMIT = 0.93;
/** Of what was served, by how late it is: what waits already is to be seen through as well. */
const LEAST_KEPT = { 'loop-delay': 0.5, 'queue-delay': 0.5, 'set-up-delay': 0.3 } as const;
/**
 * Of the best: where the process itself is late, few calls are decided for that reason alone, and to begin still fewer would not help
 * against what is no call. Where a store is slow nothing is known of what it can.
 */
const FLOOR = { 'loop-delay': 0.6, 'queue-delay': 0.6, 'set-up-delay': 0 } as const;
const SERVED_OVER_MS = 500;
const STEADY_OVER_MS = 1500;
const BEST_OVER_MS = 60_000;
const GROWTH_PER_100_MS = 0.02;
/** Near the last cut, where nothing waits at all. */
const GROWTH_WHEN_IDLE = 0.05;
const IDLE = 0.1;
const MOST_GROWTH = 0.3;
const GROWTH_DOUBLES_MS = 500;
/** Of what is seen through, or was at best: what is not used says nothing about what the process can, and is no reason for more. */
const MOST_AHEAD = 1.1;
/** So near the last cut it grows slowly, unless there has been plenty of room for so long. */
const NEAR_CUT = 0.8;
const FORGET_CUT_MS = 2000;

export function calmRate(nowMs: number): AdmissionRate {
  return {
    isShedding: false,
    perSecond: Infinity,
    sinceMs: nowMs,
    served: 0,
    steady: 0,
    best: 0,
    begun: 0,
    overMs: 0,
    catchesUpUntilMs: 0,
    lowSinceMs: undefined,
    quietSinceMs: undefined,
    cutMs: 0,
    drainsUntilMs: undefined,
    drainsAgainMs: 0,
    ceiling: 0,
    lastPressure: 0,
  };
}

/** @returns whether shedding has begun or ended with this step */
export function stepRate(
  rate: AdmissionRate,
  input: RateInput,
  terms: OverloadTerms,
): 'began' | 'ended' | undefined {
  const { elapsedMs, nowMs, pressure } = input;
  const isFalling = pressure.value < rate.lastPressure;
  const wasOver = rate.lastPressure > 1;
  rate.lastPressure = pressure.value;
  const weight = 1 - Math.exp(-elapsedMs / SERVED_OVER_MS);
  const perSecond = 1000 / Math.max(elapsedMs, 1);
  rate.served += (input.served * perSecond - rate.served) * weight;
  rate.begun += (input.begun * perSecond - rate.begun) * weight;
  const steadyWeight = 1 - Math.exp(-elapsedMs / STEADY_OVER_MS);
  rate.steady += (input.served * perSecond - rate.steady) * steadyWeight;
  rate.best = Math.max(rate.served, rate.best * Math.exp(-elapsedMs / BEST_OVER_MS));
  if (!terms.isOn) return end(rate, nowMs);
  if (!rate.isShedding) {
    return isOverloaded(rate, input, { wasOver, terms }) ? begin(rate, input, terms) : undefined;
  }
  // The fewer are begun, the less it is for them that it is late.
  const lateness = pressure.value * Math.min(1, rate.perSecond / (terms.leastRate * FEW));
  if (rate.drainsUntilMs !== undefined) {
    drain(rate, input, terms);
  } else if (lateness > TOO_LATE) {
    rate.lowSinceMs = undefined;
    const waitMs = Math.max(SHORTEST_CUT_MS, pressure.measuredMs);
    if (!isFalling && nowMs - rate.cutMs >= waitMs) cut(rate, input, terms);
  } else {
    grow(rate, { ...input, lateness }, terms);
  }
  return isQuiet(rate, input) ? end(rate, nowMs) : undefined;
}

function isOverloaded(
  rate: AdmissionRate,
  input: RateInput,
  { wasOver, terms }: { readonly wasOver: boolean; readonly terms: OverloadTerms },
): boolean {
  const { elapsedMs, isFlooded, nowMs, pressure, stalledMs } = input;
  const excess = pressure.value - (isFlooded ? TOO_LATE : 1);
  if (excess <= 0) {
    rate.overMs = 0;
    return false;
  }
  // A collection, a stopped machine, calls that were taken over: whoever came meanwhile is not too many yet.
  if (!wasOver && pressure.measuredMs === stalledMs && nowMs >= rate.catchesUpUntilMs) {
    rate.catchesUpUntilMs = nowMs + Math.min(stalledMs * CATCH_UP, LONGEST_CATCH_UP_MS);
  }
  const usual = Math.max(rate.best * MORE_THAN_BEST, terms.leastRate * FEW);
  const times = rate.begun / usual;
  rate.overMs += Math.min(elapsedMs, LONGEST_STEP_MS) * Math.min(excess, 1) * Math.max(1, times);
  const overForMs = times > 1 || isFlooded ? OVER_FOR_MS.more : OVER_FOR_MS.usual;
  return rate.overMs >= overForMs && nowMs >= rate.catchesUpUntilMs;
}

function begin(rate: AdmissionRate, { nowMs }: RateInput, terms: OverloadTerms): 'began' {
  rate.isShedding = true;
  rate.sinceMs = nowMs;
  rate.quietSinceMs = undefined;
  rate.lowSinceMs = undefined;
  rate.ceiling = rate.best;
  rate.drainsUntilMs = undefined;
  rate.perSecond = Math.max(terms.leastRate, rate.best);
  rate.cutMs = nowMs;
  return 'began';
}

function end(rate: AdmissionRate, nowMs: number): 'ended' | undefined {
  rate.perSecond = Infinity;
  rate.overMs = 0;
  if (!rate.isShedding) return undefined;
  rate.isShedding = false;
  rate.sinceMs = nowMs;
  return 'ended';
}

function cut(rate: AdmissionRate, { nowMs, pressure }: RateInput, terms: OverloadTerms): void {
  const { cause, value } = pressure;
  const share = Math.max(LEAST_KEPT[cause], 1 - (value - TOO_LATE) / 4);
  const least = Math.max(terms.leastRate, rate.best * FLOOR[cause]);
  // Little is served for a moment now and then: to go by that would lower it for good.
  rate.ceiling = value < 1 ? rate.perSecond : Math.min(rate.perSecond, rate.steady);
  const kept = value < 1 ? KEPT_BELOW_LIMIT : share;
  rate.perSecond = Math.max(least, rate.ceiling * kept);
  rate.cutMs = nowMs;
  if (value < DRAIN || cause === 'set-up-delay' || nowMs < rate.drainsAgainMs) return;
  rate.drainsUntilMs = nowMs + Math.min(pressure.measuredMs * DRAINS_FOR, LONGEST_DRAIN_MS);
  rate.perSecond = terms.leastRate;
}

function drain(rate: AdmissionRate, { nowMs, pressure }: RateInput, terms: OverloadTerms): void {
  if (pressure.value > TOO_LATE && nowMs < (rate.drainsUntilMs ?? 0)) return;
  rate.drainsUntilMs = undefined;
  const { failed, helped } = DRAINS_AGAIN_MS;
  rate.drainsAgainMs = nowMs + (pressure.value > DRAIN ? failed : helped);
  rate.cutMs = nowMs;
  rate.ceiling = rate.best * KEPT_AFTER_DRAIN;
  rate.perSecond = Math.max(terms.leastRate, rate.ceiling);
}

function grow(
  rate: AdmissionRate,
  { nowMs, elapsedMs, lateness }: RateInput & { readonly lateness: number },
  terms: OverloadTerms,
): void {
  if (lateness >= PLENTY) rate.lowSinceMs = undefined;
  else rate.lowSinceMs ??= nowMs;
  if (lateness >= ROOM) return;
  const lowForMs = rate.lowSinceMs === undefined ? 0 : nowMs - rate.lowSinceMs;
  const isNearCut = rate.perSecond > rate.ceiling * NEAR_CUT;
  const growsForMs = Math.max(0, isNearCut ? lowForMs - FORGET_CUT_MS : lowForMs);
  const doublings = growsForMs / GROWTH_DOUBLES_MS;
  const least = lateness < IDLE ? GROWTH_WHEN_IDLE : GROWTH_PER_100_MS;
  const growth = Math.min(MOST_GROWTH, least * 2 ** doublings);
  const grown = rate.perSecond + (Math.max(1, rate.perSecond * growth) * elapsedMs) / 100;
  const most = Math.max(terms.leastRate * FEW, rate.best * MOST_AHEAD);
  rate.perSecond = Math.max(rate.perSecond, Math.min(grown, most));
}

/** Whether it has been over long enough for whoever comes to be let in again without a look. */
function isQuiet(rate: AdmissionRate, { nowMs, pressure, refused }: RateInput): boolean {
  return hasCalmed(rate, refused === 0 && pressure.value < CALM, nowMs);
}
