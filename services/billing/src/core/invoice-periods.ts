import { localTimeAt, startOfDay } from '@tandem/time-zones';
import type { CalendarDay } from '@tandem/time-zones';

/** How long a period is. A week begins on Monday. */
type InvoicePeriod = 'day' | 'week' | 'month';

/** Where a period begins that is not over at a moment, ms since the epoch. */
export function periodStart(timeZone: string, period: InvoicePeriod, atMs: number): number {
  return startOfDay(timeZone, firstDay(timeZone, period, atMs));
}

/** Where the period ends that a moment is in: the first moment of the next one. */
export function periodEnd(timeZone: string, period: InvoicePeriod, atMs: number): number {
  const { year, month, day } = firstDay(timeZone, period, atMs);
  switch (period) {
    case 'day':
      return startOfDay(timeZone, { year, month, day: day + 1 });
    case 'week':
      return startOfDay(timeZone, { year, month, day: day + 7 });
    case 'month':
      return startOfDay(timeZone, { year, month: month + 1, day: 1 });
  }
}

/** The period before the one that a moment is in. */
export function lastPeriod(
  timeZone: string,
  period: InvoicePeriod,
  atMs: number,
): { readonly fromMs: number; readonly untilMs: number } {
  const untilMs = periodStart(timeZone, period, atMs);
  return { fromMs: periodStart(timeZone, period, untilMs - 1), untilMs };
}

/** `2026-03-29`: the day at a place. */
export function localDay(timeZone: string, atMs: number): string {
  const { year, month, day } = localTimeAt(timeZone, atMs);
  return `${String(year)}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

/** When a day such as `2026-03-29` begins at a place; undefined where it is no day of the calendar. */
export function startOfNamedDay(timeZone: string, name: string): number | undefined {
  const found = /^(\d{4})-(\d\d)-(\d\d)$/.exec(name);
  if (found === null) return undefined;
  const [year = 0, month = 0, day = 0] = found.slice(1).map(Number);
  const isDay = new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10) === name;
  return isDay && year >= 1970 ? startOfDay(timeZone, { year, month, day }) : undefined;
}

function firstDay(timeZone: string, period: InvoicePeriod, atMs: number): CalendarDay {
  const { day, month, weekday, year } = localTimeAt(timeZone, atMs);
  if (period === 'month') return { year, month, day: 1 };
  return { year, month, day: period === 'week' ? day - ((weekday + 6) % 7) : day };
}
