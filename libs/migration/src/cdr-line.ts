import { parseMoney } from '@tandem/domain';
import { momentAt } from '@tandem/time-zones';
import { textOf, valueOf } from './apply-mapping.ts';
import type { FieldMapping } from './mapping.ts';
import type { Row, Table, Unfit } from './table.ts';

/** Which fields stand in which columns. */
export interface CdrColumns {
  readonly columns: ReadonlyMap<string, FieldMapping>;
}

/** What is known of a file before its lines are. */
export type CsvShape = Pick<Table, 'columns' | 'file'>;

export type DateOrder = 'ymd' | 'dmy' | 'mdy';

const TIME =
  '(?<hour>[0-2]?\\d):(?<minute>[0-5]\\d)(?::(?<second>[0-5]\\d)(?:[.,](?<fraction>\\d{1,9}))?)?';
const dated = (day: string): RegExp => new RegExp(`^${day}[T ]+${TIME}$`);
const DATES: Readonly<Record<DateOrder, RegExp>> = {
  ymd: dated('(?<year>\\d{4})[-/.](?<month>\\d\\d?)[-/.](?<day>\\d\\d?)'),
  dmy: dated('(?<day>\\d\\d?)[-/.](?<month>\\d\\d?)[-/.](?<year>\\d{4})'),
  mdy: dated('(?<month>\\d\\d?)[-/.](?<day>\\d\\d?)[-/.](?<year>\\d{4})'),
};

/** Reads the fields of a line of CDRs; what does not fit is in `unfit`. */
export class CdrLine {
  readonly unfit: Unfit[] = [];
  readonly #table: CsvShape;
  readonly #row: Row;
  readonly #fields: ReadonlyMap<string, FieldMapping>;

  constructor(table: CsvShape, row: Row, { columns }: CdrColumns) {
    this.#table = table;
    this.#row = row;
    this.#fields = columns;
  }

  text(name: string): string {
    const field = this.#fields.get(name);
    if (field === undefined) return '';
    const found = textOf(this.#table, this.#row, field);
    const made = valueOf(found, field, 'text');
    if ('wrong' in made) this.#refuse(name, found, made.wrong);
    else if (typeof made.value === 'string' || typeof made.value === 'number') return String(made.value); // prettier-ignore
    return '';
  }

  needed(name: string, what: string): string {
    const before = this.unfit.length;
    const text = this.text(name);
    if (text === '' && this.unfit.length === before) this.#refuse(name, '', `must be ${what}`);
    return text;
  }

  /** Fractions of a second count as a whole one. */
  whole(name: string): number {
    const text = this.text(name);
    if (text === '') return 0;
    if (/^\d{1,9}(?:\.\d+)?$/.test(text)) return Math.ceil(Number(text));
    const clock = /^(\d{1,4}):([0-5]\d):([0-5]\d)$/.exec(text);
    if (clock !== null) return Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3]);
    this.#refuse(name, text, 'must be a whole number, or hours:minutes:seconds');
    return 0;
  }

  time(name: string): number | undefined {
    const text = this.text(name);
    if (text === '') return undefined;
    const isZoned = /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)$/.test(text);
    const ms = isZoned ? Date.parse(text) : /^\d{9,11}$/.test(text) ? Number(text) * 1000 : NaN;
    if (!Number.isNaN(ms)) return ms;
    this.#refuse(name, text, 'must be a time such as 2026-01-31T12:00:00Z; with as: utc 2026-01-31 12:00:00'); // prettier-ignore
    return undefined;
  }

  /** A duration in ms: seconds with their fraction, or hours:minutes:seconds. */
  durationMs(name: string): number {
    const text = this.text(name);
    const plain = /^(\d{1,9})(?:\.(\d{1,9}))?$/.exec(text);
    if (plain !== null) return Number(plain[1]) * 1000 + Number((plain[2] ?? '').padEnd(3, '0').slice(0, 3)); // prettier-ignore
    return this.whole(name) * 1000;
  }

  /**
   * A moment that may be written without its offset, by the clocks of a place; undefined, and unfit, where it is none.
   * @param order how days are written: 2026-01-31, 31/01/2026 or 01/31/2026
   */
  localTime(name: string, timeZone: string, order: DateOrder): number | undefined {
    const text = this.text(name);
    const found = DATES[order].exec(text)?.groups;
    if (found === undefined) return this.time(name);
    const { day, fraction = '', hour, minute, month, second = '0', year } = found;
    const localMs =
      Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)) +
      Number(fraction.padEnd(3, '0').slice(0, 3)); // prettier-ignore
    const isReal = new Date(localMs).getUTCDate() === Number(day);
    if (isReal) return momentAt(timeZone, localMs);
    this.#refuse(name, text, `is no time of the calendar: days are read as ${order}`);
    return undefined;
  }

  money(name: string): string | undefined {
    const text = this.text(name);
    if (text === '') return undefined;
    try {
      parseMoney(text);
      return text;
    } catch {
      this.#refuse(name, text, 'must be a decimal such as 0.0123; with as: decimal-comma 0,0123');
      return undefined;
    }
  }

  #refuse(name: string, found: string, message: string): void {
    const { column, columns } = this.#fields.get(name) ?? {};
    const { file } = this.#table;
    this.unfit.push({ file, line: this.#row.line, column: column ?? columns?.join(' + ') ?? name, found, message }); // prettier-ignore
  }
}
