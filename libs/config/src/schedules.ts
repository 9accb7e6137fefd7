import { timeZoneMistake } from '@tandem/time-zones';
import { z } from 'zod';
import { entriesOf, isBlock, namesOf, reportDuplicates } from './blocks.ts';
import type { Block, Entry, Report } from './blocks.ts';
import { name } from './fields.ts';
import type { Path } from './mistake.ts';
import { didYouMean } from './suggest.ts';

/** In the order of `LocalTime.weekday`. */
export const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d$/;
const time = z
  .string()
  .regex(TIME, 'must be a time of day in quotes, from "00:00" to "23:59"')
  .optional();
const endTime = z
  .string()
  .regex(
    /^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/,
    'must be a time of day in quotes, from "00:01" to "24:00"',
  ) // prettier-ignore
  .optional();
const DATES = /^(?:\d{4}-\d\d-\d\d(?:\.\.\d{4}-\d\d-\d\d)?|\d\d-\d\d(?:\.\.\d\d-\d\d)?)$/;

const period = z.strictObject({
  weekdays: z.array(z.enum(weekdays)).min(1).optional().describe('Not set: every day.'),
  dates: z
    .array(
      z
        .string()
        .regex(
          DATES,
          'must be a date in quotes, such as "2026-12-24", "12-25" for every year, or from one to another, as "12-24..01-01"',
        ),
    )
    .min(1)
    .optional()
    .describe('One of them, and one of the weekdays where those are set, too. Not set: every day.'),
  from: time.describe('Time of day at which it begins. Not set: 00:00.'),
  to: endTime.describe(
    'Time of day at which it ends; at or before `from` it is that of the day after. Not set: 24:00.',
  ),
});

/** When something may be used (ROUTE-08). */
export const schedule = z.strictObject({
  name,
  timeZone: z
    .string()
    .superRefine((value, context) => {
      const message = timeZoneMistake(value);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .describe('Area/City, such as Europe/London, or UTC.'),
  open: z.array(period).default([]).describe('None: always, but for `closed`.'),
  closed: z.array(period).default([]).describe('Takes away from what is open.'),
});

/** Of a routing gateway, and of a group. */
export const scheduleName = name.optional().describe('Calls go to it while this schedule is open.');

/** ROUTE-08: schedules are there once, named where they are, and their periods hold a day and some time of it. */
export function checkSchedules(document: Block, report: Report): void {
  const schedules = entriesOf(document, 'schedules');
  reportDuplicates(
    schedules.map(({ path, block }) => ({ path: [...path, 'name'], value: block['name'] })),
    report,
  );
  for (const { path, block } of schedules) {
    for (const list of ['open', 'closed']) {
      for (const entry of entriesOf(block, list, path)) checkPeriod(entry, report);
    }
  }
  const names = namesOf(document, 'schedules');
  const groups = entriesOf(document, 'gatewayGroups');
  const users = [
    ...entriesOf(document, 'routingGateways'),
    ...groups,
    ...groups.flatMap(({ path, block }) => entriesOf(block, 'capacities', path)),
  ];
  for (const { path, block } of users) {
    const written = block['schedule'];
    if (typeof written !== 'string' || names.has(written)) continue;
    report(
      [...path, 'schedule'],
      `names schedule "${written}", which is not in schedules${didYouMean(written, names)}`,
    );
  }
}

function checkPeriod({ path, block }: Entry, report: Report): void {
  const { from, to, dates } = block;
  if (from !== undefined && from === to) {
    report([...path, 'to'], `is "${String(to)}", as from is: leave both out for the whole day`);
  }
  if (!Array.isArray(dates)) return;
  for (const [index, text] of dates.entries()) {
    if (typeof text === 'string') checkDates(text, [...path, 'dates', index], report);
  }
}

function checkDates(text: string, path: Path, report: Report): void {
  if (!DATES.test(text)) return;
  const [first = '', last = first] = text.split('..');
  const missing = [first, last].find((date) => !isDate(date));
  if (missing !== undefined) {
    report(path, `is "${text}", but there is no day ${missing}`);
  } else if (first.length === 10 && last < first) {
    report(path, `is "${text}", which ends before it begins: write "${last}..${first}"`);
  }
}

/** A day of some year, where none is said. */
function isDate(text: string): boolean {
  const date = text.length === 5 ? `2024-${text}` : text;
  const day = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(date);
}

/** ROUTE-05: what is reserved in a group must fit into each of its capacities. */
export function leastLines({ lineLimit, capacities }: Block): number {
  const own = typeof lineLimit === 'number' ? lineLimit : 0;
  const others = Array.isArray(capacities)
    ? capacities.flatMap((each: unknown) => {
        const limit = isBlock(each) ? each['lineLimit'] : undefined;
        return typeof limit === 'number' ? [limit] : [];
      })
    : [];
  return own === 0 ? 0 : Math.min(own, ...others);
}
