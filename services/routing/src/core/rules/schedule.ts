import type { Schedule as Settings } from '@tandem/config';
import { weekdays } from '@tandem/config';
import { decided } from '@tandem/domain';
import type { DecisionRecord } from '@tandem/domain';
import { localTimeAt, timeZonesVersion } from '@tandem/time-zones';
import type { LocalTime } from '@tandem/time-zones';
import type { GatewayEntry } from '../routing-tables.ts';
import type { BarredAt } from './barred-at.ts';

/** When something may be used, ready to be asked (ROUTE-08). */
export interface Schedule {
  readonly name: string;
  readonly timeZone: string;
  readonly isOpen: (local: LocalTime) => boolean;
}

/** ROUTE-08, DENY-12: its own schedule, or that of its group, is not open. */
export interface ScheduleBarrier {
  readonly kind: 'schedule-shut';
  readonly schedule: Schedule;
  /** `routing-gateway NAME`, or `group NAME`. */
  readonly of: string;
}

/**
 * What the clock on the wall shows decides. Where it is set forward, what would begin in the hour that there is not begins
 * when it is over; where it is set back, what falls into the hour that comes twice is open twice.
 */
export function scheduleOf({ name, timeZone, open, closed }: Settings): Schedule {
  const opens = open.map(periodOf);
  const closes = closed.map(periodOf);
  return {
    name,
    timeZone,
    isOpen: (local) =>
      (opens.length === 0 || opens.some((holds) => holds(local))) &&
      !closes.some((holds) => holds(local)),
  };
}

/** What shuts a gateway now: its own schedule, or its group's. */
export function scheduleBarrier(
  { name, schedule, group }: Pick<GatewayEntry, 'name' | 'schedule' | 'group'>,
  atMs: number,
): ScheduleBarrier | undefined {
  const kind = 'schedule-shut';
  if (schedule !== undefined && !isOpenAt(schedule, atMs)) {
    return { kind, schedule, of: `routing-gateway ${name}` };
  }
  const ofGroup = group?.schedule;
  if (group === undefined || ofGroup === undefined || isOpenAt(ofGroup, atMs)) return undefined;
  return { kind, schedule: ofGroup, of: `group ${group.name}` };
}

export function isOpenAt({ timeZone, isOpen }: Schedule, atMs: number): boolean {
  return isOpen(localTimeAt(timeZone, atMs));
}

type Holds = (local: LocalTime) => boolean;

type Day = Omit<LocalTime, 'minute'>;

function periodOf(period: Settings['open'][number]): Holds {
  const from = minuteOf(period.from ?? '00:00');
  const to = minuteOf(period.to ?? '24:00');
  const isOn = dayOf(period);
  if (from < to) return (local) => local.minute >= from && local.minute < to && isOn(local);
  // Past midnight it is still that of the day on which it began.
  return (local) => (local.minute >= from && isOn(local)) || (local.minute < to && isOn(dayBefore(local))); // prettier-ignore
}

function minuteOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

function dayOf({ weekdays: days, dates }: Settings['open'][number]): (day: Day) => boolean {
  const numbers = days && new Set(days.map((day) => weekdays.indexOf(day)));
  const ranges = dates?.map(rangeOf);
  return (day) =>
    numbers?.has(day.weekday) !== false && ranges?.some((holds) => holds(day)) !== false;
}

/** Of a range of days, in each year where it names none: that may reach into the next one. */
function rangeOf(text: string): (day: Day) => boolean {
  const [first = '', last = first] = text.split('..').map((date) => date.replaceAll('-', ''));
  const [from, to] = [Number(first), Number(last)];
  const isYearly = first.length === 4;
  return ({ year, month, day }) => {
    const today = (isYearly ? 0 : year * 10_000) + month * 100 + day;
    return from <= to ? today >= from && today <= to : today >= from || today <= to;
  };
}

function dayBefore({ year, month, day }: Day): Day {
  const before = new Date(Date.UTC(year, month - 1, day - 1));
  return {
    year: before.getUTCFullYear(),
    month: before.getUTCMonth() + 1,
    day: before.getUTCDate(),
    weekday: before.getUTCDay(),
  };
}

export function scheduleDecision(
  { schedule: { name, timeZone }, of }: ScheduleBarrier,
  { subject, prefix, atMs }: BarredAt,
): DecisionRecord {
  const { year, month, day, weekday, minute } = localTimeAt(timeZone, atMs);
  const date = [year, two(month), two(day)].join('-');
  const time = `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
  const localTime = `${weekdays[weekday] ?? ''} ${date} ${time}`;
  const facts = { prefix, schedule: name, of, localTime, timeZone, zonesVersion: timeZonesVersion };
  return decided('schedule-shut', { subject, facts, atMs });
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
