import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import {
  checkHeading,
  delimiterNames,
  delimiterOf,
  lettersOf,
  newlinesIn,
  relaxed,
  wrongCount,
} from './csv-table.ts';
import type { CsvForm } from './csv-table.ts';
import { UnreadableFile, type Row, type Table, type Unfit } from './table.ts';

/** Some lines of a file, with what is known of all of it. */
export interface CsvLines {
  readonly shape: Omit<Table, 'rows' | 'name'>;
  readonly rows: readonly Row[];
  readonly unfit: readonly Unfit[];
}

/** So much is looked at to find out encoding and delimiter. */
const SAMPLE_BYTES = 256 * 1024;
const ROWS_AT_ONCE = 1000;

/**
 * Reads CSV of any length as it comes, some lines at a time: as `readCsv`, with no more of it in memory.
 * @throws UnreadableFile where it is no CSV in that form
 */
export async function* csvLines(
  file: string,
  chunks: AsyncIterable<Uint8Array>,
  form: CsvForm = {},
): AsyncGenerator<CsvLines> {
  const source = chunks[Symbol.asyncIterator]();
  const sample = await sampleOf(source);
  // A letter that the sample ends within is no reason to take it for another encoding.
  const whole = sample.subarray(0, sample.lastIndexOf(10) + 1 || sample.length);
  const { encoding, text } = lettersOf(file, whole, form.encoding);
  const { delimiter = delimiterOf(plain(text), form.skip ?? 0), heading = true, skip = 0 } = form;
  const words = `CSV, delimiter ${delimiterNames[delimiter] ?? JSON.stringify(delimiter)}, encoding ${encoding}`;
  const parser = Readable.from(texts(encoding, sample, source)).pipe(
    parse({ ...relaxed, delimiter, from_line: skip + 1, info: true }),
  );
  const batch = new Batch(file, { form: words, heading });
  try {
    for await (const each of parser) {
      if (batch.add(each as ParsedLine)) yield batch.take();
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = Number((error as { lines?: unknown }).lines ?? 0);
    throw new UnreadableFile(file, `is no CSV: ${error.message}`, line);
  }
  yield batch.take();
}

interface ParsedLine {
  readonly info: { readonly lines: number };
  readonly record: string[];
}

/** Lines that were read and not passed on yet. */
class Batch {
  readonly #file: string;
  readonly #form: string;
  readonly #hasHeading: boolean;
  #shape: CsvLines['shape'] | undefined;
  #rows: Row[] = [];
  #unfit: Unfit[] = [];

  constructor(
    file: string,
    { form, heading }: { readonly form: string; readonly heading: boolean },
  ) {
    this.#file = file;
    this.#form = form;
    this.#hasHeading = heading;
  }

  /** @returns whether there are enough to be passed on */
  add({ info, record }: ParsedLine): boolean {
    const line = info.lines - newlinesIn(record);
    if (this.#shape === undefined) {
      this.#shape = this.#shapeOf(record, line);
      if (this.#hasHeading) return false;
    }
    const { length } = this.#shape.columns;
    if (record.length === length) this.#rows.push({ line, values: record });
    else this.#unfit.push(wrongCount(this.#file, line, record.length, length));
    return this.#rows.length + this.#unfit.length >= ROWS_AT_ONCE;
  }

  /** @throws UnreadableFile where there was no line at all */
  take(): CsvLines {
    const [shape, rows, unfit] = [this.#shape, this.#rows, this.#unfit];
    if (shape === undefined)
      throw new UnreadableFile(this.#file, 'is empty: it must have a heading');
    this.#rows = [];
    this.#unfit = [];
    return { shape, rows, unfit };
  }

  #shapeOf(record: readonly string[], line: number): CsvLines['shape'] {
    const columns = this.#hasHeading ? record.map((name) => name.trim()) : record.map((_, index) => String(index + 1)); // prettier-ignore
    checkHeading(this.#file, columns, line);
    return { file: this.#file, columns, form: this.#form };
  }
}

async function sampleOf(source: AsyncIterator<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  while (bytes < SAMPLE_BYTES) {
    const next = await source.next();
    if (next.done === true) break;
    parts.push(next.value);
    bytes += next.value.length;
  }
  return Buffer.concat(parts);
}

/** The letters of a file; csv-parse counts \r\n within quotes as two lines. */
async function* texts(
  encoding: string,
  sample: Uint8Array,
  source: AsyncIterator<Uint8Array>,
): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding);
  let held = '';
  const take = (text: string, isLast: boolean): string => {
    const all = held + text;
    held = !isLast && all.endsWith('\r') ? '\r' : '';
    return plain(held === '' ? all : all.slice(0, -1));
  };
  yield take(decoder.decode(sample, { stream: true }), false);
  for (let next = await source.next(); next.done !== true; next = await source.next())
    yield take(decoder.decode(next.value, { stream: true }), false);
  yield take(decoder.decode(), true);
}

function plain(text: string): string {
  return text.replace(/\r\n?/g, '\n');
}
