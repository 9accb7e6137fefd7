import type { OverloadTerms } from './overload-terms.ts';
import type { Pressure } from './pressure.ts';
import { hasCalmed } from './quiet.ts';
import type { Quietable } from './quiet.ts';

/*
 * How many new calls a second are begun for those who are not known, before anybody else is limited: a flood of strangers is held
 * down as soon as it makes the process a little late, so that the calls of those who are known never wait behind it. It falls to its
 * least at once, and grows again into what room the others leave.
 */

/** Changed in place by {@link stepStrangers} alone. */
export interface StrangersRate extends Quietable {
  /** Infinity: as many as come. */
  perSecond: number;
}

/** What has happened since the step before. */
export interface StrangersInput {
  readonly nowMs: number;
  readonly elapsedMs: number;
  readonly pressure: Pressure;
  /** New calls of strangers that came, and those of them that were not begun. */
  readonly asked: number;
  readonly refused: number;
  /** Calls a second that the process has seen through at best. */
  readonly best: number;
}

/** Of a limit: a third of what would have anybody refused. */
const LATE = 1 / 3;
/** More of them than this is a flood before anything is late: of the best that the process has seen through, and in all. */
const FLOOD = { ofBest: 2, perSecond: 500 };
const GROWTH_PER_100_MS = 0.1;

export function unlimitedStrangers(): StrangersRate {
  return { perSecond: Infinity, quietSinceMs: undefined };
}

export function stepStrangers(
  rate: StrangersRate,
  input: StrangersInput,
  terms: OverloadTerms,
): void {
  const { asked, best, elapsedMs, nowMs, pressure, refused } = input;
  const isLate = pressure.value > LATE;
  const askedPerSecond = (asked * 1000) / Math.max(elapsedMs, 1);
  // A process that has just begun knows nobody: that says nothing.
  const isFlood = best > 0 && askedPerSecond > Math.max(FLOOD.perSecond, best * FLOOD.ofBest);
  const isLimited = rate.perSecond !== Infinity;
  const least = Math.max(terms.leastRate, (best * terms.unknownShare) / 100);
  if (!terms.isOn) {
    rate.perSecond = Infinity;
  } else if (isLate || isFlood) {
    if (isLimited || askedPerSecond > least) rate.perSecond = least;
  } else if (isLimited) {
    rate.perSecond *= 1 + (GROWTH_PER_100_MS * elapsedMs) / 100;
  }
  if (hasCalmed(rate, !isLate && refused === 0, nowMs)) rate.perSecond = Infinity;
}
