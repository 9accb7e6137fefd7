import type { MessagePlace } from './relayed-message.ts';

/** What became of a MESSAGE at a place: the status that it was refused with, or nothing, since it is away. */
export type PlaceFailure = number | 'away';

/**
 * ROUTE-06 for a MESSAGE: where it goes next. A place that is away, or says so by 503, has other addresses of its gateway
 * behind it (RFC 3263 §4.3); another gateway follows where the one that failed may be left, and has said nothing that ends the search.
 * @returns undefined: nowhere
 */
export function placeAfter(
  places: readonly MessagePlace[],
  at: number,
  failure: PlaceFailure,
): number | undefined {
  const candidate = places[at]?.candidate;
  if (candidate === undefined) return undefined;
  const isAway = failure === 'away' || failure === 503;
  const isStopped = failure !== 'away' && candidate.stopCodes.includes(failure);
  const mayLeave = candidate.switchUntilConnect && !isStopped;
  for (let next = at + 1; next < places.length; next += 1) {
    if (places[next]?.candidate === candidate) {
      if (isAway) return next;
    } else {
      return mayLeave ? next : undefined;
    }
  }
  return undefined;
}

/**
 * Whether a later failure tells the sender more than what is known (RFC 3261 §16.7 step 6): a 6xx, else the lowest class, in it
 * what somebody says before what is away; of equals the later.
 */
export function tellsMore(later: PlaceFailure, known: PlaceFailure | undefined): boolean {
  return known === undefined || rankOf(later) <= rankOf(known);
}

function rankOf(failure: PlaceFailure): number {
  // It is told as 502.
  if (failure === 'away') return 53;
  const statusClass = Math.floor(failure / 100);
  if (statusClass === 6) return 0;
  return statusClass * 10 + (failure === 408 || failure === 503 ? 4 : 2);
}
