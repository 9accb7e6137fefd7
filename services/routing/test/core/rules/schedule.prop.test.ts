import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configurationSchema, weekdays } from '@tandem/config';
import type { Schedule as Settings } from '@tandem/config';
import { localTimeAt } from '@tandem/time-zones';
import fc from 'fast-check';
import { isOpenAt, scheduleOf } from '../../../src/core/rules/schedule.ts';

type Period = Settings['open'][number];

const two = (value: number): string => String(value).padStart(2, '0');
const minute = fc.integer({ min: 0, max: 1439 });
const timeOf = (at: number): string => `${two(Math.floor(at / 60))}:${two(at % 60)}`;
const date = fc.integer({ min: 0, max: 30 }).map((day) => new Date(Date.UTC(2026, 9, 15 + day)).toISOString().slice(0, 10)); // prettier-ignore
const dates = fc.oneof(
  date,
  date.map((each) => each.slice(5)),
  fc.tuple(date, date).map(([a, b]) => (a < b ? `${a}..${b}` : `${b}..${a}`)),
  // Of each year, also over its end.
  fc.tuple(date, date).map(([a, b]) => `${a.slice(5)}..${b.slice(5)}`),
);
const period: fc.Arbitrary<Period> = fc.record(
  {
    weekdays: fc.uniqueArray(fc.constantFrom(...weekdays), { minLength: 1 }),
    dates: fc.array(dates, { minLength: 1, maxLength: 2 }),
    from: minute.map(timeOf),
    to: fc.oneof(minute.map(timeOf), fc.constant('24:00')),
  },
  { requiredKeys: [] },
);

/** Every minute of a local day, marked by the periods that begin on it, and on the day before. */
function openMinutes(open: readonly Period[], day: Date): boolean[] {
  const marks = Array.from({ length: 1440 }, () => false);
  for (const [back, offset] of [
    [0, 0],
    [1, 1440],
  ] as const) {
    // prettier-ignore
    const start = new Date(day.getTime() - back * 86_400_000);
    for (const each of open) {
      if (!isOn(each, start)) continue;
      const at = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
      const from = at(each.from ?? '00:00');
      let to = at(each.to ?? '24:00');
      if (to <= from) to += 1440;
      for (let mark = from; mark < to; mark += 1) {
        const here = mark - offset;
        if (here >= 0 && here < 1440) marks[here] = true;
      }
    }
  }
  return marks;
}

function isOn({ weekdays: days, dates: ranges }: Period, day: Date): boolean {
  if (days !== undefined && !days.includes(weekdays[day.getUTCDay()] ?? 'sun')) return false;
  if (ranges === undefined) return true;
  const text = day.toISOString().slice(0, 10);
  return ranges.some((range) => {
    const [first = '', last = first] = range.split('..');
    const today = text.slice(10 - first.length);
    return first <= last ? today >= first && today <= last : today >= first || today <= last;
  });
}

// Lord Howe and London set their clocks back and forth within these.
const zone = fc.constantFrom('Europe/London', 'Australia/Lord_Howe', 'America/Havana', 'UTC');
const instant = fc.integer({
  min: Date.parse('2026-10-01T00:00:00Z') / 60_000,
  max: Date.parse('2026-11-16T00:00:00Z') / 60_000,
});

test('ROUTE-08 schedules with overlaps, midnights, ranges of dates and changes of clocks are open as a plain reference says', () => {
  fc.assert(
    fc.property(
      fc.array(period, { maxLength: 3 }),
      fc.array(period, { maxLength: 2 }),
      zone,
      instant,
      (open, closed, timeZone, at) => {
        fc.pre([...open, ...closed].every(({ from, to }) => from === undefined || from !== to));
        const schedule = scheduleOf({ name: 's', timeZone, open, closed });
        const local = localTimeAt(timeZone, at * 60_000);
        const day = new Date(Date.UTC(local.year, local.month - 1, local.day));
        const isOpen = open.length === 0 || openMinutes(open, day)[local.minute] === true;
        const expected = isOpen && openMinutes(closed, day)[local.minute] !== true;
        assert.equal(isOpenAt(schedule, at * 60_000), expected);
      },
    ),
    { numRuns: 5000 },
  );
});

function office(timeZone: string, from: string, to: string) {
  const { schedules } = configurationSchema.parse({
    schedules: [{ name: 's', timeZone, open: [{ from, to }] }],
  });
  const [settings] = schedules;
  assert.ok(settings);
  const schedule = scheduleOf(settings);
  return (at: string) => isOpenAt(schedule, Date.parse(at));
}

test('ROUTE-08 an hour that clocks leave out is not open, one that comes twice is open twice', () => {
  const isOpen = office('Europe/London', '01:30', '03:00');
  // 29 March 2026: 00:59 GMT is followed by 02:00 BST.
  assert.deepEqual(['00:30', '00:59', '01:00', '01:59', '02:00'].map((at) => isOpen(`2026-03-29T${at}:00Z`)), [false, false, true, true, false]); // prettier-ignore
  // 25 October 2026: 01:59 BST is followed by 01:00 GMT.
  assert.deepEqual(['00:29', '00:30', '00:59', '01:00', '01:29', '01:30', '02:59', '03:00'].map((at) => isOpen(`2026-10-25T${at}:00Z`)), [false, true, true, false, false, true, true, false]); // prettier-ignore
});
