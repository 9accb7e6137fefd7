import type { OverloadTerms } from './overload-terms.ts';
import type { Pressure } from './pressure.ts';

/*
 * How many new calls a second are begun, from what they do to the process (RFC 7415 without a peer that tells):
 *
 *   calm ── past the limit, so far and so long ──► shedding ── nobody refused, half of the limit, for 2 s ──► calm
 *
 * It begins at what the process has seen through lately, so that a backlog that is all there is refuses nobody. While shedding the
 * rate is cut below what was served, at most once per delay, and grows again as long as there is room: slowly near the rate at which
 * it was cut last, faster and faster below it. A delay that is falling is on its way, and not cut for.
 */

/** Changed in place by {@link stepRate} alone. */
export interface AdmissionRate {
  isShedding: boolean;
  /** New calls a second; Infinity: as many as come. */
  perSecond: number;
  /** Since when it is so. */
  sinceMs: number;
  /** Calls a second that were seen through lately. */
  served: number;
  /** The most of it in the last seconds: what the process can, unless something is wrong. */
  best: number;
  /** How far past the limit, times how long; ms. */
  overMs: number;
  /** Until then what has come in while the process stood still is worked off. */
  catchesUpUntilMs: number;
  lowSinceMs: number | undefined;
  quietSinceMs: number | undefined;
  cutMs: number;
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
  readonly refused: number;
}

/** So long at twice the limit or more, longer below it. */
const OVER_FOR_MS = 200;
/** One step counts for no more, though it came late. */
const LONGEST_STEP_MS = 200;
/** Of a stall that came out of calm: as long again and half as much it catches up, but no longer than this. */
const CATCH_UP = 1.5;
const LONGEST_CATCH_UP_MS = 3000;
const CALM_AFTER_MS = 2000;
const SHORTEST_CUT_MS = 200;
/** Of its limit: below the first there is room, below the second plenty. */
const ROOM = 0.8;
const PLENTY = 0.5;
/** Of what was served, by how far the limit is passed: what waits already is to be seen through as well. */
const MOST_KEPT = 0.95;
const LEAST_KEPT = { 'loop-delay': 0.5, 'queue-delay': 0.5, 'set-up-delay': 0.3 } as const;
/**
 * Of the best: where the process itself is late, few calls are decided for that reason alone, and to begin still fewer would not help
 * against what is no call. Where a store is slow nothing is known of what it can.
 */
const FLOOR = { 'loop-delay': 0.6, 'queue-delay': 0.6, 'set-up-delay': 0 } as const;
const SERVED_OVER_MS = 500;
const BEST_OVER_MS = 60_000;
const GROWTH_PER_100_MS = 0.02;
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
    best: 0,
    overMs: 0,
    catchesUpUntilMs: 0,
    lowSinceMs: undefined,
    quietSinceMs: undefined,
    cutMs: 0,
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
  rate.served += ((input.served * 1000) / Math.max(elapsedMs, 1) - rate.served) * weight;
  rate.best = Math.max(rate.served, rate.best * Math.exp(-elapsedMs / BEST_OVER_MS));
  if (!terms.isOn) return end(rate, nowMs);
  if (!rate.isShedding) {
    return isOverloaded(rate, input, wasOver) ? begin(rate, input, terms) : undefined;
  }
  if (pressure.value > 1) {
    rate.lowSinceMs = undefined;
    const waitMs = Math.max(SHORTEST_CUT_MS, pressure.measuredMs);
    if (!isFalling && nowMs - rate.cutMs >= waitMs) cut(rate, input, terms);
  } else {
    grow(rate, input, terms);
  }
  return isQuiet(rate, input) ? end(rate, nowMs) : undefined;
}

function isOverloaded(rate: AdmissionRate, input: RateInput, wasOver: boolean): boolean {
  const { elapsedMs, nowMs, pressure, stalledMs } = input;
  const excess = pressure.value - 1;
  if (excess <= 0) {
    rate.overMs = 0;
    return false;
  }
  // A collection, a stopped machine, calls that were taken over: whoever came meanwhile is not too many yet.
  if (!wasOver && pressure.measuredMs === stalledMs && nowMs >= rate.catchesUpUntilMs) {
    rate.catchesUpUntilMs = nowMs + Math.min(stalledMs * CATCH_UP, LONGEST_CATCH_UP_MS);
  }
  rate.overMs += Math.min(elapsedMs, LONGEST_STEP_MS) * Math.min(excess, 1);
  return rate.overMs >= OVER_FOR_MS && nowMs >= rate.catchesUpUntilMs;
}

function begin(rate: AdmissionRate, { nowMs }: RateInput, terms: OverloadTerms): 'began' {
  rate.isShedding = true;
  rate.sinceMs = nowMs;
  rate.quietSinceMs = undefined;
  rate.lowSinceMs = undefined;
  rate.ceiling = rate.best;
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
  const share = Math.min(MOST_KEPT, Math.max(LEAST_KEPT[cause], 1 - (value - 1) / 4));
  const least = Math.max(terms.leastRate, rate.best * FLOOR[cause]);
  rate.ceiling = Math.min(rate.perSecond, rate.served);
  rate.perSecond = Math.max(least, rate.ceiling * share);
  rate.cutMs = nowMs;
}

function grow(
  rate: AdmissionRate,
  { nowMs, elapsedMs, pressure }: RateInput,
  terms: OverloadTerms,
): void {
  if (pressure.value >= PLENTY) rate.lowSinceMs = undefined;
  else rate.lowSinceMs ??= nowMs;
  if (pressure.value >= ROOM) return;
  const lowForMs = rate.lowSinceMs === undefined ? 0 : nowMs - rate.lowSinceMs;
  const isNearCut = rate.perSecond > rate.ceiling * NEAR_CUT;
  const growsForMs = Math.max(0, isNearCut ? lowForMs - FORGET_CUT_MS : lowForMs);
  const doublings = growsForMs / GROWTH_DOUBLES_MS;
  const growth = Math.min(MOST_GROWTH, GROWTH_PER_100_MS * 2 ** doublings);
  const grown = rate.perSecond + (Math.max(1, rate.perSecond * growth) * elapsedMs) / 100;
  const most = Math.max(terms.leastRate, rate.best * MOST_AHEAD);
  rate.perSecond = Math.max(rate.perSecond, Math.min(grown, most));
}

/** Whether it has been over long enough for whoever comes to be let in again without a look. */
function isQuiet(rate: AdmissionRate, { nowMs, pressure, refused }: RateInput): boolean {
  if (refused > 0 || pressure.value >= PLENTY) {
    rate.quietSinceMs = undefined;
    return false;
  }
  rate.quietSinceMs ??= nowMs;
  return nowMs - rate.quietSinceMs >= CALM_AFTER_MS;
}
