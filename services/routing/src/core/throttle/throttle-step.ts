import type { GatewayTally } from '@tandem/limits';
import type { ThrottleTerms } from './throttle-terms.ts';

/** Per cent of its calls that a gateway gets on a level: each halves them, down to what it keeps. */
export function shareAt(level: number, { least }: Pick<ThrottleTerms, 'least'>): number {
  return Math.max(100 / 2 ** level, least);
}

/** The level on which a gateway has no more than it keeps. */
export function lastLevel({ least }: Pick<ThrottleTerms, 'least'>): number {
  return Math.ceil(Math.log2(100 / least));
}

/** So many calls decide. A gateway that gets fewer needs fewer, so that its way back takes no longer step by step. */
export function callsNeeded(level: number, terms: Pick<ThrottleTerms, 'calls' | 'least'>): number {
  return Math.max(1, Math.ceil((terms.calls * shareAt(level, terms)) / 100));
}

/**
 * ROUTE-16: what the window of a gateway says, once it has enough calls or is over. Between the two shares nothing changes
 * (hysteresis).
 * @param terms undefined: it is not, or no longer, to be throttled
 * @returns the level from now on, with which the next window begins; undefined while this one goes on
 */
export function throttleStep(
  tally: Pick<GatewayTally, 'level' | 'attempts' | 'failed' | 'ageMs'>,
  terms: ThrottleTerms | undefined,
): number | undefined {
  const { ageMs, attempts, failed, level } = tally;
  if (terms === undefined) return level > 0 ? 0 : undefined;
  const windowMs = Math.max(terms.windowMs, terms.stepMs);
  const isOver = ageMs >= windowMs;
  const isEnough = attempts >= callsNeeded(level, terms) && ageMs >= terms.stepMs;
  if (!isOver && !isEnough) return undefined;
  const isFailing = failed * 100 >= terms.failureShare * attempts;
  // What has dragged on for far longer than a window says nothing of now.
  if (isEnough && ageMs < windowMs + terms.stepMs) {
    if (isFailing) return Math.min(level + 1, lastLevel(terms));
    return failed * 100 <= terms.recoveryShare * attempts ? Math.max(level - 1, 0) : level;
  }
  // Too few calls came: nothing speaks against it but what has failed of those.
  return attempts > 0 && isFailing ? level : Math.max(level - 1, 0);
}
