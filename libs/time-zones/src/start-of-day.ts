import { zoneOf } from './local-time.ts';

/** A day of the calendar. What is past the end of a month or year counts on, as with `Date.UTC`. */
export interface CalendarDay {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
}

/**
 * When a day begins at a place: where clocks go forward over midnight, the first moment after; a day that a place leaves out begins
 * with the next one.
 * @returns milliseconds since the epoch
 * @throws RangeError for a zone that `timeZoneMistake` refuses
 */
export function startOfDay(timeZone: string, { day, month, year }: CalendarDay): number {
  return momentAt(timeZone, Date.UTC(year, month - 1, day));
}

/**
 * The first moment at which clocks at a place show a time or a later one. Of a time that is there twice the first, of one that is left
 * out the moment at which clocks go forward.
 * @param localMs what clocks show, as milliseconds that it would be in UTC
 * @returns milliseconds since the epoch
 * @throws RangeError for a zone that `timeZoneMistake` refuses
 */
export function momentAt(timeZone: string, localMs: number): number {
  if (timeZone === 'UTC') return localMs;
  const { endsMs, offsets } = zoneOf(timeZone);
  let fromMs = -Infinity;
  for (const [index, endMs] of endsMs.entries()) {
    const atMs = Math.max(fromMs, localMs - (offsets[index] ?? 0) * 60_000);
    if (atMs < endMs) return atMs;
    fromMs = endMs;
  }
  return localMs;
}
