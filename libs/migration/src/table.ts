/** A line of a table; what stands in it by the place of its column. */
export interface Row {
  /** Where it begins in its file. Begins at 1. */
  readonly line: number;
  /** null is NULL of a database. */
  readonly values: readonly (string | null)[];
}

/** What was read of a file, or of one table of a dump. */
export interface Table {
  readonly file: string;
  /** Of the table in its database; of CSV that of the file, without its ending. */
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  /** How it was written, in words: `CSV, delimiter ";", encoding windows-1252`. */
  readonly form: string;
}

/** A place in a file that does not fit, what was found there, and what would be right. */
export interface Unfit {
  readonly file: string;
  /** 0: the file as a whole. */
  readonly line: number;
  /** Empty: the line as a whole. */
  readonly column: string;
  /** Hidden where it is a secret. */
  readonly found: string;
  readonly message: string;
}

/** The text in a column of a row, without blanks around it; empty where there is none. */
export function cell(table: Pick<Table, 'columns'>, row: Row, column: string): string {
  const at = table.columns.indexOf(column);
  return at === -1 ? '' : (row.values[at] ?? '').trim();
}

/** Thrown where a file cannot be read as what it is said to be. */
export class UnreadableFile extends Error {
  readonly unfit: Unfit;

  constructor(file: string, message: string, line = 0) {
    super(`${file}${line === 0 ? '' : ` (line ${String(line)})`}: ${message}`);
    this.name = 'UnreadableFile';
    this.unfit = { file, line, column: '', found: '', message };
  }
}
