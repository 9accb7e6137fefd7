import type { Block, ImportedEntry, ImportedList, Note, Origin } from '../entry.ts';
import { keyField } from '../entry.ts';
import { Names } from '../name-from.ts';
import { cell, type Row, type Table, type Unfit } from '../table.ts';
import type { KamailioTable, KamailioTerms } from './kamailio-tables.ts';

/** What is made of Kamailio's tables, while it is made. */
export class Conversion {
  readonly entries: ImportedEntry[] = [];
  readonly unfit: Unfit[] = [];
  readonly notes: Note[] = [];
  readonly terms: KamailioTerms;
  /** Of gateways of all tables: one name is one gateway. */
  readonly routingNames = new Names();
  readonly mappingNames = new Names();
  readonly #put = new Set<string>();
  readonly #tables: readonly Table[];

  constructor(tables: readonly Table[], terms: KamailioTerms) {
    this.#tables = tables;
    this.terms = terms;
  }

  /** The rows of a table; none where it was not given, of all files where several were. */
  rows(name: KamailioTable): readonly TableRow[] {
    return this.#tables
      .filter((table) => table.name === name)
      .flatMap((table) => table.rows.map((row) => new TableRow(table, row)));
  }

  /** Adds an entry, once for each name. */
  put(
    list: ImportedList,
    value: Block,
    from: TableRow,
    columns: Readonly<Record<string, string>> = {},
  ): void {
    // prettier-ignore
    const key = String(value[keyField(list)]);
    const id = `${list} ${key}`;
    // Of what several rows name, one entry; two phones of a name are a mistake of their lines.
    if (list !== 'phones' && this.#put.has(id)) return;
    this.#put.add(id);
    this.entries.push({ list, key, value, origin: from.origin(columns) });
  }

  /** A line that does not fit. */
  refuse(row: TableRow, column: string, message: string): void {
    this.unfit.push({ ...row.place, column, found: row.text(column), message });
  }

  note(row: TableRow, message: string): void {
    this.notes.push({ ...row.place, message });
  }
}

/** A row of a table, whose texts are asked for by column. */
export class TableRow {
  readonly #table: Table;
  readonly #row: Row;

  constructor(table: Table, row: Row) {
    this.#table = table;
    this.#row = row;
  }

  /** Empty for NULL, and where there is no such column. */
  text(column: string): string {
    return cell(this.#table, this.#row, column);
  }

  /** 0 where it is none. */
  number(column: string): number {
    const text = this.text(column);
    return /^-?\d{1,9}$/.test(text) ? Number(text) : 0;
  }

  get place(): { readonly file: string; readonly line: number } {
    return { file: this.#table.file, line: this.#row.line };
  }

  origin(columns: Readonly<Record<string, string>>): Origin {
    return {
      ...this.place,
      columns: new Map(Object.entries(columns)),
      found: (column) => this.text(column),
    };
  }
}
