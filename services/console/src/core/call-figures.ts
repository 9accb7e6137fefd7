/** What the analysis of calls is drawn of (BILL-06): rows of the API, brought into the shape of a picture. */
import { countryName, countryOf } from './countries.ts';

/** A row of the API; keys that were not asked for are not there. */
export interface FigureRow {
  readonly hour?: string;
  readonly day?: string;
  readonly gateway?: string;
  readonly destination?: string;
  readonly reason?: string;
  readonly code?: string;
  readonly calls: number;
  readonly answered: number | null;
}

/** How often something was seen at each of the times, one after another. */
export interface Layer {
  readonly name: string;
  readonly values: readonly number[];
}

const HOUR_MS = 3_600_000;

/** Every full hour, or day (UTC), of a span, in ms. */
export function stepsOf(from: string, until: string, by: 'hour' | 'day'): readonly number[] {
  const stepMs = by === 'hour' ? HOUR_MS : 24 * HOUR_MS;
  const [first, end] = [Date.parse(from), Date.parse(until)];
  const steps: number[] = [];
  for (let at = Math.floor(first / stepMs) * stepMs; at < end; at += stepMs) steps.push(at);
  return steps;
}

/** When a row is of: an hour, or the first moment of a day, ms. */
export function timeOf({ hour, day }: FigureRow): number {
  return Date.parse(hour ?? day ?? '');
}

/** Calls that were not answered, by their reason. */
export function failuresOf<Row extends FigureRow>(rows: readonly Row[]): readonly Row[] {
  return rows.filter(({ code }) => code !== '200');
}

/** What most often comes, as many as `most`, then all others together; the values at each of the steps. */
export function layersOf(
  rows: readonly FigureRow[],
  steps: readonly number[],
  most: number,
): readonly Layer[] {
  const place = new Map(steps.map((at, index) => [at, index]));
  const ranked = totals(rows, ({ reason }) => reason ?? '').map(({ name }) => name);
  const shown = ranked.slice(0, most);
  const sums = new Map<string, number[]>();
  for (const row of rows) {
    const index = place.get(timeOf(row));
    if (index === undefined) continue;
    const name = shown.includes(row.reason ?? '') ? (row.reason ?? '') : OTHERS;
    const values = sums.get(name) ?? steps.map(() => 0);
    values[index] = (values[index] ?? 0) + row.calls;
    sums.set(name, values);
  }
  return [...shown, OTHERS].flatMap((name) => {
    const values = sums.get(name);
    return values === undefined ? [] : [{ name, values }];
  });
}

const OTHERS = 'others';

/** Calls by what `of` says of their rows, the most first. */
export function totals(
  rows: readonly FigureRow[],
  of: (row: FigureRow) => string,
): readonly { readonly name: string; readonly calls: number }[] {
  const sums = new Map<string, number>();
  for (const row of rows) sums.set(of(row), (sums.get(of(row)) ?? 0) + row.calls);
  return [...sums]
    .map(([name, calls]) => ({ name, calls }))
    .sort((one, other) => other.calls - one.calls || one.name.localeCompare(other.name));
}

/** Calls into a country. */
export interface CountryFigures {
  readonly name: string;
  readonly calls: number;
  readonly answered: number;
}

/** Destinations by their country, the most calls first. */
export function byCountry(rows: readonly FigureRow[]): readonly CountryFigures[] {
  const sums = new Map<string, CountryFigures>();
  for (const { answered, calls, destination = '' } of rows) {
    const code = countryOf(destination);
    const name = code === undefined ? 'not known' : countryName(code);
    const before = sums.get(name) ?? { name, calls: 0, answered: 0 };
    const sum = { calls: before.calls + calls, answered: before.answered + (answered ?? 0) };
    sums.set(name, { name, ...sum });
  }
  return [...sums.values()].sort((one, other) => other.calls - one.calls);
}

/** A day of the heat map, in the time zone of whoever looks. */
export interface HeatDay {
  readonly day: string;
  /** By the hour, 0 to 23; null: nothing was looked at. */
  readonly hours: readonly (HeatCell | null)[];
}

export interface HeatCell {
  readonly calls: number;
  readonly answered: number;
}

/** Hours beside each other, days below each other, the latest first. */
export function heatOf(rows: readonly FigureRow[], steps: readonly number[]): readonly HeatDay[] {
  const byTime = new Map(rows.map((row) => [timeOf(row), row]));
  const days = new Map<string, (HeatCell | null)[]>();
  for (const at of steps) {
    const date = new Date(at);
    const day = `${String(date.getFullYear())}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
    const hours = days.get(day) ?? Array.from({ length: 24 }, () => null);
    const row = byTime.get(at);
    const before = hours[date.getHours()];
    // The hour that comes twice when the clock is put back is one.
    hours[date.getHours()] = {
      calls: (before?.calls ?? 0) + (row?.calls ?? 0),
      answered: (before?.answered ?? 0) + (row?.answered ?? 0),
    };
    days.set(day, hours);
  }
  return [...days].map(([day, hours]) => ({ day, hours })).reverse();
}

function two(figure: number): string {
  return String(figure).padStart(2, '0');
}

/** How dark a cell is, 0 to 9: nothing is 0, the most is 9, and little is still to be told from nothing. */
export function heatLevel(value: number, most: number): number {
  if (value <= 0 || most <= 0) return 0;
  return Math.min(9, 1 + Math.floor((Math.sqrt(value) / Math.sqrt(most)) * 8));
}
