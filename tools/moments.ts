const SECOND_MS = 1000;
const DAY_MS = 86_400 * SECOND_MS;

/** A moment at which the tests must pass as they do today. */
export interface Moment {
  readonly name: string;
  /** The first such moment after another one; milliseconds since the epoch. */
  readonly after: (nowMs: number) => number;
  /** The time zone of all processes. */
  readonly timeZone: string;
  /** Something changes within seconds after it, so the tests have to begin at it. */
  readonly isEdge?: boolean;
}

const germany = { timeZone: 'Europe/Berlin', isEdge: true } as const;

/** Of the future only: the broker keeps the machine's clock, and would soon delete what is of the past. */
export const moments: readonly Moment[] = [
  { name: '8-days', after: (nowMs) => nowMs + 8 * DAY_MS, timeZone: 'UTC' },
  { name: '400-days', after: (nowMs) => nowMs + 400 * DAY_MS, timeZone: 'UTC' },
  { name: 'leap-day', after: (nowMs) => inYears(nowMs, leapDay), timeZone: 'UTC' },
  // Ten seconds before the clocks there are changed, at 01:00 UTC.
  { name: 'march', after: (nowMs) => inYears(nowMs, clockChange(2)), ...germany },
  { name: 'october', after: (nowMs) => inYears(nowMs, clockChange(9)), ...germany },
  { name: 'midnight', after: beforeMidnight, timeZone: 'UTC', isEdge: true },
];

/**
 * The environment of processes whose clock shows `atMs` while the machine's shows `nowMs`. Timers and durations stay as they
 * are. libc comes second so that its malloc is taken before any other: that of Redis asks for the time before libfaketime is
 * ready for it, which hangs.
 */
export function clockOf(atMs: number, nowMs: number, timeZone: string): NodeJS.ProcessEnv {
  const seconds = Math.round((atMs - nowMs) / SECOND_MS);
  if (seconds < 0) throw new RangeError(`${new Date(atMs).toISOString()} is past, must be to come`);
  return {
    LD_PRELOAD: '/usr/$LIB/faketime/libfaketime.so.1:libc.so.6',
    FAKETIME: `+${String(seconds)}`,
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    TZ: timeZone,
  };
}

type InYear = (year: number) => number | undefined;

function inYears(nowMs: number, momentIn: InYear): number {
  for (let year = new Date(nowMs).getUTCFullYear(); ; year += 1) {
    const atMs = momentIn(year);
    if (atMs !== undefined && atMs > nowMs) return atMs;
  }
}

function leapDay(year: number): number | undefined {
  const noon = new Date(Date.UTC(year, 1, 29, 12));
  return noon.getUTCMonth() === 1 ? noon.getTime() : undefined;
}

/** Of a month with 31 days, of which the last Sunday is one of the last seven. */
function clockChange(month: number): InYear {
  return (year) => {
    const lastDay = new Date(Date.UTC(year, month, 31));
    return Date.UTC(year, month, 31 - lastDay.getUTCDay(), 0, 59, 50);
  };
}

function beforeMidnight(nowMs: number): number {
  const today = nowMs - (nowMs % DAY_MS) + DAY_MS - 10 * SECOND_MS;
  return today > nowMs ? today : today + DAY_MS;
}
