import type { Block } from '../entry.ts';

/** A period of a schedule, or what could not be read. */
type ReadRecurrence = { readonly period: Block } | { readonly wrong: string };

const DAYS: Readonly<Record<string, string>> = { SU: 'sun', MO: 'mon', TU: 'tue', WE: 'wed', TH: 'thu', FR: 'fri', SA: 'sat' }; // prettier-ignore
const DAY_MINUTES = 24 * 60;
const RIGHT =
  'must be as 20260101T080000|10H|WEEKLY|||MO,TU,WE,TH,FR: begin, duration of at most a day, DAILY or WEEKLY, end, no interval, days; leave it empty and write a schedule';

/**
 * Reads a time recurrence of Kamailio (RFC 2445, as CPL has it):
 * `dtstart|duration|freq|until|interval|byday|bymonthday|byyearday|byweekno|bymonth`.
 */
export function readTimeRecurrence(text: string): ReadRecurrence {
  const parts = text.split('|').map((each) => each.trim().toUpperCase());
  const [start = '', length = '', , until = ''] = parts;
  const begin = /^(\d{4})(\d\d)(\d\d)T([01]\d|2[0-3])([0-5]\d)\d\d$/.exec(start);
  const minutes = minutesOf(length);
  const weekdays = weekdaysOf(parts);
  if (begin === null || minutes === undefined || weekdays === undefined) return { wrong: RIGHT };
  const [, year, month, day, hour, minute] = begin;
  const last = /^(\d{4})(\d\d)(\d\d)/.exec(until);
  const first = [year, month, day].join('-');
  return {
    period: {
      ...(weekdays.length === 0 ? {} : { weekdays }),
      ...(last === null ? {} : { dates: [`${first}..${last.slice(1).join('-')}`] }),
      ...hoursOf(Number(hour) * 60 + Number(minute), minutes),
    },
  };
}

/** Empty: every day. Undefined where it does not come again daily, or weekly on some days. */
function weekdaysOf(parts: readonly string[]): string[] | undefined {
  const [, , freq = '', , interval = '', byday = '', ...others] = parts;
  const isPlain = (interval === '' || interval === '1') && others.every((each) => each === '');
  const days = byday === '' ? [] : byday.split(',').map((day) => DAYS[day]);
  const known = days.filter((day) => day !== undefined);
  if (!isPlain || known.length !== days.length) return undefined;
  return freq === 'DAILY' || (freq === 'WEEKLY' && known.length > 0) ? known : undefined;
}

/** Nothing for a whole day. */
function hoursOf(from: number, minutes: number): Block {
  if (minutes === DAY_MINUTES && from === 0) return {};
  const to = (from + minutes) % DAY_MINUTES;
  return { from: clock(from), to: to === 0 ? '24:00' : clock(to) };
}

/** Undefined where it is no duration of some minutes up to a day. */
function minutesOf(text: string): number | undefined {
  const parts = /^P?(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:\d+S)?$/.exec(text);
  if (text === '' || parts === null) return undefined;
  const [days, hours, minutes] = [1, 2, 3].map((at) => Number(parts[at] ?? '0')) as [number, number, number]; // prettier-ignore
  const total = (days * 24 + hours) * 60 + minutes;
  return total >= 1 && total <= DAY_MINUTES ? total : undefined;
}

function clock(minutes: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
