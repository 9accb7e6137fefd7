import { fieldsOf } from './csv-lines.ts';
import { guessColumns, namedColumns } from './rate-columns.ts';
import type { RateColumns, WantedColumns } from './rate-columns.ts';

/** How a file is written, where somebody has said so. */
export interface WantedForm {
  readonly delimiter?: string | undefined;
  readonly decimal?: 'point' | 'comma' | undefined;
  readonly columns?: WantedColumns | undefined;
  /** Which of two numbers is the day in 01/02/2027. @default such dates are mistakes */
  readonly dates?: 'dmy' | 'mdy' | undefined;
}

/** How it is written: said, or found out. */
export interface RateForm {
  readonly delimiter: string;
  readonly decimal: 'point' | 'comma';
  readonly dates: 'dmy' | 'mdy' | undefined;
  /** The line of the heading; 0 where there is none. */
  readonly headingLine: number;
  readonly heading: readonly string[];
  readonly columns: RateColumns;
}

const DELIMITERS = [';', '\t', '|', ','] as const;
/** Lines in which a heading may come; before it there is what a carrier says of itself. */
const HEADING_LINES = 30;
const SAMPLE_LINES = 200;

/**
 * Finds out how a file of rates is written.
 * @param sample its beginning, some thousand characters
 * @throws RangeError saying what is not to be found in it
 */
export function rateForm(sample: string, wanted: WantedForm): RateForm {
  const lines = sample.split(/\r?\n/).slice(0, SAMPLE_LINES);
  const delimiters = wanted.delimiter === undefined ? DELIMITERS : [wanted.delimiter];
  for (const delimiter of delimiters) {
    const rows = lines.map((line) => fieldsOf(line, delimiter) ?? line.split(delimiter));
    const found = headingIn(rows.slice(0, HEADING_LINES), wanted.columns);
    if (found === undefined) continue;
    const decimal = wanted.decimal ?? decimalOf(rows.slice(found.headingLine), found.columns);
    return { delimiter, decimal, dates: wanted.dates, ...found };
  }
  const { columns = [] } = wanted;
  // It throws, and says what there is in place of a column that was named.
  if (columns.length > 0) namedColumns(trimmed(widest(lines, delimiters)), columns);
  throw new RangeError(
    `has no heading with a column for the prefix and one for the price a minute in its first ${String(HEADING_LINES)} lines: name the columns. It begins with ${JSON.stringify((lines[0] ?? '').slice(0, 80))}`,
  );
}

function headingIn(
  rows: readonly (readonly string[])[],
  wanted: WantedColumns | undefined,
): Pick<RateForm, 'headingLine' | 'heading' | 'columns'> | undefined {
  if (wanted !== undefined && wanted.length > 0) {
    const names = wanted.map(([, column]) => column.trim());
    const found = rows.findIndex((row) => areIn(trimmed(row), names));
    if (found === -1) return undefined;
    const heading = trimmed(rows[found] ?? []);
    const columns = namedColumns(heading, wanted);
    // By numbers alone: a first line without a digit where the prefix is, is a heading all the same.
    const [place = 0] = columns.get('prefix') ?? [];
    const isHeading = !names.every(isNumber) || !/\d/.test(heading[place] ?? '');
    return { headingLine: isHeading ? found + 1 : 0, heading, columns };
  }
  for (const [at, row] of rows.entries()) {
    const heading = trimmed(row);
    const columns = guessColumns(heading);
    if (columns !== undefined) return { headingLine: at + 1, heading, columns };
  }
  return undefined;
}

/** Whether a line has a column of each of these names, or numbers. */
function areIn(row: readonly string[], names: readonly string[]): boolean {
  return names.every(
    (name) => row.includes(name) || (isNumber(name) && Number(name) <= row.length),
  );
}

function isNumber(column: string): boolean {
  return /^\d{1,3}$/.test(column);
}

/** The first line that is split into several, by the delimiter by which it has most columns. */
function widest(lines: readonly string[], delimiters: readonly string[]): readonly string[] {
  const rows = lines
    .slice(0, HEADING_LINES)
    .flatMap((line) => delimiters.map((each) => line.split(each)));
  return rows.reduce((best, row) => (row.length > best.length ? row : best), rows[0] ?? []);
}

function trimmed(row: readonly string[]): string[] {
  return row.map((each) => each.replace('\ufeff', '').trim());
}

/** A comma where amounts have commas and none has a point. */
function decimalOf(
  rows: readonly (readonly string[])[],
  columns: RateColumns,
): RateForm['decimal'] {
  const places = [
    ...(columns.get('pricePerMinute') ?? []),
    ...(columns.get('connectionFee') ?? []),
  ];
  const amounts = rows.flatMap((row) => places.map((place) => (row[place] ?? '').trim()));
  const isComma = amounts.some((text) => /^\d*,\d+$/.test(text));
  return isComma && !amounts.some((text) => /^\d*\.\d+$/.test(text)) ? 'comma' : 'point';
}
