import { didYouMean } from '@tandem/config';
import { keyField, type Block, type ImportedEntry, type ImportedList } from './entry.ts';
import { fieldKind } from './field-kinds.ts';
import type { FieldMapping, TableMapping } from './mapping.ts';
import { nameFrom } from './name-from.ts';
import { cell, UnreadableFile, type Row, type Table, type Unfit } from './table.ts';

/** What became of the lines of a table. */
export interface Mapped {
  readonly entries: readonly ImportedEntry[];
  readonly unfit: readonly Unfit[];
  /** Lines that `only` leaves out. */
  readonly others: number;
}

/** A value, or what is wrong with the text that it would be made of. */
type Made = { readonly value: unknown } | { readonly wrong: string };

const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, yes: true, y: true, on: true, 1: true, false: false, no: false, n: false, off: false, 0: false }; // prettier-ignore
const SECRET = /password/i;

/** Makes entries of the lines of a table. @throws UnreadableFile where a column that is named is not in it */
export function applyMapping(table: Table, mapping: TableMapping): Mapped {
  checkColumns(table, mapping);
  const { collect, into, only } = mapping;
  const columns = new Map(
    [...mapping.columns].map(([path, { column, columns: several }]) => [
      path,
      column ?? several?.join(' + ') ?? '',
    ]),
  );
  const entries: ImportedEntry[] = [];
  const unfit: Unfit[] = [];
  let others = 0;
  for (const row of table.rows) {
    if (
      !Object.entries(only).every(([column, texts]) => texts.includes(cell(table, row, column)))
    ) {
      // prettier-ignore
      others += 1;
      continue;
    }
    const value: Record<string, unknown> = {};
    let fits = true;
    for (const [path, field] of mapping.columns) {
      const text = textOf(table, row, field);
      const made = valueOf(text, field, fieldKind(into, path) ?? 'text');
      if ('wrong' in made) {
        fits = false;
        unfit.push({
          file: table.file,
          line: row.line,
          column: columns.get(path) ?? '',
          found: shownText(path, text),
          message: made.wrong,
        });
      } else if (made.value !== undefined) place(value, path.split('.'), made.value);
    }
    if (!fits) continue;
    const found = (column: string): string =>
      column
        .split(' + ')
        .map((each) => cell(table, row, each))
        .join(' ');
    const origin = { file: table.file, line: row.line, columns, found };
    entries.push({ list: into, key: keyOf(into, value), value, origin, collects: collect });
  }
  return { entries, unfit, others };
}

/** What is shown of a text that was found: nothing of a secret. */
export function shownText(path: string, text: string): string {
  return SECRET.test(path) && text !== '' ? '********' : text;
}

function keyOf(into: ImportedList, value: Block): string {
  const text = (key: string): string => textIn(value, key);
  if (into === 'rates') return `${text('group')} ${text('prefix')} ${text('effectiveFrom')}`;
  return into === 'prefixes' ? `${text('gateway')} ${text('prefix')}` : text(keyField(into));
}

/** @throws UnreadableFile where a column that is named is not in the table */
export function checkColumns(
  table: Omit<Table, 'rows' | 'name'>,
  { columns, only }: Pick<TableMapping, 'columns' | 'only'>,
): void {
  const named = [...columns.values()].flatMap(({ column, columns: several = [] }) => [
    ...(column === undefined ? [] : [column]),
    ...several,
  ]);
  for (const column of [...named, ...Object.keys(only)]) {
    if (table.columns.includes(column)) continue;
    const known = `its columns are ${table.columns.join(', ')}`;
    throw new UnreadableFile(
      table.file,
      `has no column "${column}"${didYouMean(column, table.columns)}; ${known} (${table.form})`,
    );
  }
}

/** What stands in the columns of a field. */
export function textOf(
  table: Pick<Table, 'columns'>,
  row: Row,
  { column, columns, join }: FieldMapping,
): string {
  if (column !== undefined) return cell(table, row, column);
  const texts = (columns ?? []).map((each) => cell(table, row, each));
  return texts.filter((each) => each !== '').join(join);
}

/** What the text of a field means. */
export function valueOf(text: string, field: FieldMapping, kind: string): Made {
  if (field.value !== undefined) return { value: field.value };
  if (field.values !== undefined) {
    const known = field.values[text];
    if (known !== undefined) return { value: known };
    if (text !== '' || field.default === undefined) {
      return { wrong: `must be ${Object.keys(field.values).join(', ')}: add it to values` };
    }
  }
  if (text === '') return { value: field.default };
  if (kind === 'list') {
    const parts = text.split(field.split ?? ',').map((each) => written(each.trim(), field));
    return { value: parts.filter((each) => each !== '') };
  }
  if (kind === 'number') return numberOf(text);
  if (kind === 'boolean') {
    const known = BOOLEANS[text.toLowerCase()];
    return known === undefined ? { wrong: 'must be yes or no, 1 or 0' } : { value: known };
  }
  return { value: written(text, field) };
}

function numberOf(text: string): Made {
  return /^-?\d{1,15}$/.test(text) ? { value: Number(text) } : { wrong: 'must be a whole number' };
}

/** What is not as it should be after this is found when the document is checked. */
function written(text: string, { as }: FieldMapping): string {
  switch (as) {
    case 'name':
      return nameFrom(text);
    case 'digits':
      return text.replace(/[^0-9+*#]/g, '');
    case 'decimal-comma':
      return text.replaceAll('.', '').replace(',', '.');
    case 'utc': {
      const parts = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?)?/.exec(text);
      return parts === null ? text : `${parts[1] ?? ''}T${parts[2] ?? '00:00'}${parts[3] ?? ':00'}Z`; // prettier-ignore
    }
    case undefined:
      return text;
  }
}

function place(
  into: Record<string, unknown>,
  [first = '', ...rest]: string[],
  value: unknown,
): void {
  // prettier-ignore
  if (rest.length === 0) {
    into[first] = value;
    return;
  }
  const inner = { ...(into[first] as Block | undefined) };
  place(inner, rest, value);
  into[first] = inner;
}

/** A text or number of a block as text; empty where there is none. */
export function textIn(block: Block, key: string): string {
  const value = block[key];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
