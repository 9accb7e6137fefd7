import type { Block } from '../entry.ts';

/** A period of a schedule, or what could not be read. */
export type ReadRecurrence = { readonly period: Block } | { readonly wrong: string };

const DAYS: Readonly<Record<string, string>> = { SU: 'sun', MO: 'mon', TU: 'tue', WE: 'wed', TH: 'thu', FR: 'fri', SA: 'sat' }; // prettier-ignore
const DAY_MINUTES = 24 * 60;
const RIGHT =
  'must be as 20260101T080000|10H|WEEKLY|||MO,TU,WE,TH,FR: begin, duration of at most a day, DAILY or WEEKLY, end, no interval, days; leave it empty and write a schedule';

/**
 * Reads a time recurrence of Kamailio (RFC 2445, as CPL has it):
 * `dtstart|duration|freq|until|interval|byday|bymonthday|byyearday|byweekno|bymonth`.
 */
export function readTimeRecurrence(text: string): ReadRecurrence {
  const [start = '', length = '', freq = '', until = '', interval = '', byday = '', ...others] = text.split('|').map((each) => each.trim().toUpperCase()); // prettier-ignore
  const begin = /^(\d{4})(\d\d)(\d\d)T([01]\d|2[0-3])([0-5]\d)\d\d$/.exec(start);
  const minutes = minutesOf(length);
  const days = byday === '' ? [] : byday.split(',').map((day) => DAYS[day]);
  const isPlain =
    /^(?:DAILY|WEEKLY)$/.test(freq) &&
    (interval === '' || interval === '1') &&
    others.every((each) => each === '') &&
    !(freq === 'WEEKLY' && days.length === 0);
  if (begin === null || minutes === undefined || !isPlain || days.includes(undefined)) {
    return { wrong: RIGHT };
  }
  const [, year, month, day, hour, minute] = begin;
  const from = Number(hour) * 60 + Number(minute);
  const to = (from + minutes) % DAY_MINUTES;
  const last = /^(\d{4})(\d\d)(\d\d)/.exec(until);
  const dates = last === null ? undefined : [`${[year, month, day].join('-')}..${last.slice(1).join('-')}`]; // prettier-ignore
  const isWhole = minutes === DAY_MINUTES && from === 0;
  return {
    period: {
      ...(days.length === 0 ? {} : { weekdays: days }),
      ...(dates === undefined ? {} : { dates }),
      ...(isWhole ? {} : { from: clock(from), to: to === 0 ? '24:00' : clock(to) }),
    },
  };
}

/** Undefined where it is no duration of some minutes up to a day. */
function minutesOf(text: string): number | undefined {
  const parts = /^P?(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:\d+S)?$/.exec(text);
  if (text === '' || parts === null) return undefined;
  const [days = 0, hours = 0, minutes = 0] = parts.slice(1).map((each) => Number(each ?? 0)); // prettier-ignore
  const total = (days * 24 + hours) * 60 + minutes;
  return total >= 1 && total <= DAY_MINUTES ? total : undefined;
}

function clock(minutes: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
