import { UnreadableFile, type Row, type Table } from '../table.ts';
import { SqlText } from './sql-text.ts';

interface Pending {
  columns: readonly string[];
  rows: Row[];
  readonly form: string;
}

/** Columns of a table of which a dump has the data alone. */
export type KnownColumns = Readonly<Record<string, readonly string[]>>;

/**
 * Reads tables from what `pg_dump`, with COPY or --inserts, and `mysqldump` write.
 * @param known the tables that are wanted, with the columns that they have where the dump does not say
 * @throws UnreadableFile where a row of a wanted table cannot be read
 */
export function readSqlDump(file: string, text: string, known: KnownColumns): Table[] {
  const sql = new SqlText(file, text);
  const schemas = new Map<string, readonly string[]>();
  const tables = new Map<string, Pending>();
  const tableOf = (name: string, columns: readonly string[] | undefined): Pending => {
    const form = sql.isMySql ? 'dump of MySQL or MariaDB' : 'dump of PostgreSQL';
    const found = tables.get(name) ?? { columns: [], rows: [], form };
    found.columns = columns ?? schemas.get(name) ?? known[name] ?? [];
    tables.set(name, found);
    return found;
  };
  for (let statement = sql.next(); statement !== undefined; statement = sql.next()) {
    const { kind, table, columns } = statement;
    if (kind === 'create') schemas.set(table, columns ?? []);
    else if (kind === 'other' || known[table] === undefined) sql.skip(kind);
    else {
      const into = tableOf(table, columns);
      for (const row of kind === 'copy' ? sql.copied() : sql.inserted()) {
        if (row.values.length !== into.columns.length) {
          throw new UnreadableFile(
            file,
            `has ${String(row.values.length)} values for table ${table}, which has ${String(into.columns.length)} columns: dump it with its schema, or with the names of the columns (pg_dump --column-inserts, mysqldump --complete-insert)`,
            row.line,
          );
        }
        into.rows.push(row);
      }
    }
  }
  return [...tables].map(([name, { columns, rows, form }]) => ({
    file,
    name,
    columns,
    rows,
    form,
  }));
}
