import { parseMoney } from '@tandem/domain';
import { checkColumns, textOf, valueOf } from '../apply-mapping.ts';
import type { CdrMapping, FieldMapping } from '../mapping.ts';
import { cell, type Row, type Table, type Unfit } from '../table.ts';
import type { ObservedCall } from './observed-call.ts';

/** The calls of a file, and the lines that are none. */
interface ReadCdrs {
  readonly calls: readonly ObservedCall[];
  readonly unfit: readonly Unfit[];
}

/** Reads CDRs of another switch. @throws UnreadableFile where a column that is named is not in the file */
export function readCdrs(table: Table, mapping: CdrMapping): ReadCdrs {
  checkColumns(table, mapping);
  const calls: ObservedCall[] = [];
  const unfit: Unfit[] = [];
  for (const row of table.rows) {
    const isOther = Object.entries(mapping.only).some(([column, texts]) => !texts.includes(cell(table, row, column))); // prettier-ignore
    if (isOther) continue;
    const line = new CdrLine(table, row, mapping);
    const call = {
      id: line.text('id') || `line ${String(row.line)}`,
      from: line.needed('from', 'the mapping gateway or phone that called'),
      caller: line.text('caller'),
      callee: line.needed('callee', 'the number that was called'),
      atMs: line.time('at'),
      gateways: line.text('gateway') === '' ? [] : [line.text('gateway')],
      code: line.whole('code'),
      seconds: line.whole('seconds'),
      price: line.money('price'),
    };
    if (line.unfit.length === 0) calls.push(call);
    else for (const each of line.unfit) unfit.push(each);
  }
  return { calls, unfit };
}

class CdrLine {
  readonly unfit: Unfit[] = [];
  readonly #table: Table;
  readonly #row: Row;
  readonly #fields: ReadonlyMap<string, FieldMapping>;

  constructor(table: Table, row: Row, { columns }: CdrMapping) {
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
