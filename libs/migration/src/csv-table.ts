import { CsvError, parse, type Options } from 'csv-parse/sync';
import { readText } from './read-text.ts';
import { UnreadableFile, type Row, type Table, type Unfit } from './table.ts';

/** How a CSV file is written, where it is not to be found out. */
export interface CsvForm {
  /** @default detected: a comma, semicolon, tab or bar */
  readonly delimiter?: string | undefined;
  /** @default detected */
  readonly encoding?: string | undefined;
  /** Whether the first line names the columns; else they are called 1, 2, 3 … @default true */
  readonly heading?: boolean | undefined;
  /** Lines before the heading. @default 0 */
  readonly skip?: number | undefined;
}

/** A table, and the lines that have more or fewer columns than its heading. */
export interface ReadCsv {
  readonly table: Table;
  readonly unfit: readonly Unfit[];
}

interface Line {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

const DELIMITERS = [',', ';', '\t', '|'];
/** Lines that are looked at to find out the delimiter. */
const SAMPLE_LINES = 50;
/** What a delimiter is called that cannot be seen. */
export const delimiterNames: Readonly<Record<string, string>> = { '\t': 'tab' };

/** @throws UnreadableFile where it is no CSV in that form */
export function readCsv(file: string, bytes: Uint8Array, form: CsvForm = {}): ReadCsv {
  const { text: written, encoding } = lettersOf(file, bytes, form.encoding);
  // csv-parse counts \r\n within quotes as two lines, and so every line after it.
  const text = written.replace(/\r\n?/g, '\n');
  const delimiter = form.delimiter ?? delimiterOf(text, form.skip ?? 0);
  const lines = parsed(file, text, { delimiter, from_line: (form.skip ?? 0) + 1 });
  const heading = form.heading ?? true;
  const first = lines[0];
  if (first === undefined) throw new UnreadableFile(file, 'is empty: it must have a heading');
  const columns = heading
    ? first.record.map((each) => each.trim())
    : first.record.map((_, index) => String(index + 1));
  checkHeading(file, columns, first.info.lines);
  const rows: Row[] = [];
  const unfit: Unfit[] = [];
  for (const { record, info } of heading ? lines.slice(1) : lines) {
    const line = info.lines - newlinesIn(record);
    if (record.length === columns.length) rows.push({ line, values: record });
    else unfit.push(wrongCount(file, line, record.length, columns.length));
  }
  const name = file.replace(/^.*[/\\]/, '').replace(/\.[^.]*$/, '');
  const words = `CSV, delimiter ${delimiterNames[delimiter] ?? JSON.stringify(delimiter)}, encoding ${encoding}`;
  return { table: { file, name, columns, rows, form: words }, unfit };
}

/** @throws UnreadableFile */
export function lettersOf(
  file: string,
  bytes: Uint8Array,
  wanted: string | undefined,
): ReturnType<typeof readText> {
  try {
    return readText(bytes, wanted);
  } catch (error) {
    const why = error instanceof RangeError ? 'is no encoding' : 'is not how it is written';
    throw new UnreadableFile(
      file,
      `encoding ${String(wanted)} ${why}: leave it out to have it found out`,
    );
  }
}

/** The delimiter by which most columns come out, alike in most lines. */
export function delimiterOf(text: string, skip: number): string {
  let best = { delimiter: ',', score: 0 };
  for (const delimiter of DELIMITERS) {
    const lines = sampled(text, { delimiter, from_line: skip + 1, to: SAMPLE_LINES });
    const width = lines[0]?.length ?? 0;
    const alike = lines.filter(({ length }) => length === width).length;
    const score = width < 2 ? 0 : (alike / lines.length) * width;
    if (score > best.score) best = { delimiter, score };
  }
  return best.delimiter;
}

/** What is taken of CSV that others have written. */
export const relaxed: Options = {
  bom: true,
  relax_column_count: true,
  skip_empty_lines: true,
  // A quote within a field that has none around it is one: 5" pipe.
  relax_quotes: true,
};

function sampled(text: string, options: Options): string[][] {
  try {
    return parse(text, { ...relaxed, ...options });
  } catch {
    return [];
  }
}

function parsed(file: string, text: string, options: Options): Line[] {
  try {
    return parse(text, { ...relaxed, ...options, info: true }) as unknown as Line[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = Number((error as { lines?: unknown }).lines ?? 0);
    throw new UnreadableFile(file, `is no CSV: ${error.message}`, line);
  }
}

export function checkHeading(file: string, columns: readonly string[], line: number): void {
  const twice = columns.find((name, at) => name !== '' && columns.indexOf(name) !== at);
  if (twice === undefined) return;
  throw new UnreadableFile(file, `has two columns "${twice}": rename one of them`, line);
}

/** A line that has not as many columns as the heading. */
export function wrongCount(file: string, line: number, found: number, wanted: number): Unfit {
  const message = `must have ${String(wanted)} columns, as the heading: is a delimiter within a field that has no quotes?`;
  return { file, line, column: '', found: `${String(found)} columns`, message };
}

export function newlinesIn(record: readonly string[]): number {
  let count = 0;
  for (const field of record) count += field.split('\n').length - 1;
  return count;
}
