import type { Cutoff } from '../ports.ts';
import type { Kept } from './journal-batch.ts';

const DAY_MS = 86_400_000;
/** The clocks of who writes and of who keeps differ by less. */
const AHEAD_MS = DAY_MS;

export interface Retention {
  readonly days: number;
  readonly historyDays: number;
}

/** What is kept at a moment: whole days of entries, UTC. */
export function keptAt(nowMs: number, retention: Retention): Kept {
  const { entriesMs, hoursMs } = cutoffAt(nowMs, retention);
  return { entries: [entriesMs, nowMs + AHEAD_MS], hours: [hoursMs, nowMs + AHEAD_MS] };
}

export function cutoffAt(nowMs: number, { days, historyDays }: Retention): Cutoff {
  return { entriesMs: dayOf(nowMs - days * DAY_MS), hoursMs: dayOf(nowMs - historyDays * DAY_MS) };
}

/** The beginning of a day, UTC. */
function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS) * DAY_MS;
}

/** The beginnings of the days from one moment to another. */
export function daysBetween(fromMs: number, untilMs: number): readonly number[] {
  const days: number[] = [];
  for (let day = dayOf(fromMs); day <= untilMs; day += DAY_MS) days.push(day);
  return days;
}

export function dayAfter(dayMs: number): number {
  return dayMs + DAY_MS;
}
