import { lettersOf, readCsv } from '../csv-table.ts';
import { UnreadableFile, type Table, type Unfit } from '../table.ts';
import { isDbText, readDbText } from './db-text.ts';
import { isKamailioTable, kamailioTables } from './kamailio-tables.ts';
import { readSqlDump } from './sql-dump.ts';

/**
 * Reads the tables in a file: a dump in SQL, a table of db_text, or CSV or TSV under the name of its table.
 * @throws UnreadableFile where it is none of them, or has none of the tables
 */
export function readKamailio(
  file: string,
  bytes: Uint8Array,
): { tables: Table[]; unfit: readonly Unfit[] } {
  // prettier-ignore
  const { text } = lettersOf(file, bytes, undefined);
  if (/^(?:COPY|INSERT INTO|CREATE TABLE)\s/m.test(text)) {
    const tables = readSqlDump(file, text, kamailioTables);
    if (tables.length > 0) return { tables, unfit: [] };
    throw new UnreadableFile(file, `has no row of ${names()}`);
  }
  const { table, unfit } = isDbText(text)
    ? { table: readDbText(file, text), unfit: [] }
    : readCsv(file, bytes);
  if (!isKamailioTable(table.name)) {
    throw new UnreadableFile(file, `is called after none of the tables ${names()}: name it so, as dispatcher.csv`); // prettier-ignore
  }
  const missing = kamailioTables[table.name].find((column) => column !== 'id' && !table.columns.includes(column)); // prettier-ignore
  if (missing !== undefined && needed.has(missing)) {
    throw new UnreadableFile(file, `has no column ${missing}; its columns are ${table.columns.join(', ')}`, 1); // prettier-ignore
  }
  return { tables: [table], unfit };
}

/** Without these nothing can be said of a row. */
const needed: ReadonlySet<string> = new Set(['setid', 'destination', 'gwid', 'address', 'prefix', 'gwlist', 'groupid', 'grp', 'ip_addr', 'src_ip', 'username', 'password']); // prettier-ignore

function names(): string {
  return Object.keys(kamailioTables).join(', ');
}
