/** Takes the fields of a line, and the number at which it begins, from 1. */
export type TakeLine = (fields: readonly string[], line: number) => void;

/** Characters that a field in quotes may have: one whose quote is never closed would be the rest of the file. */
const LONGEST_RECORD = 16 * 1024;

/**
 * Reads CSV (RFC 4180) as it comes, piece by piece: what has been read is not kept. Fields in quotes may hold delimiters, line breaks and
 * doubled quotes; a quote within a field that does not begin with one is a quote. Lines without quotes, which are nearly all of a
 * sheet of rates, are split as they are.
 */
export class CsvLines {
  readonly #delimiter: string;
  readonly #take: TakeLine;
  #rest = '';
  /** Lines of a record whose quote is open. */
  #open = '';
  #openLine = 0;
  #line = 0;

  constructor(delimiter: string, take: TakeLine) {
    this.#delimiter = delimiter;
    this.#take = take;
  }

  /** How many lines were read. */
  get lines(): number {
    return this.#line;
  }

  push(text: string): void {
    const whole = this.#rest === '' ? text : this.#rest + text;
    let at = 0;
    for (;;) {
      const end = whole.indexOf('\n', at);
      if (end === -1) break;
      this.#read(whole.slice(at, end > at && whole[end - 1] === '\r' ? end - 1 : end));
      at = end + 1;
    }
    this.#rest = whole.slice(at);
  }

  /** What has no line break at its end is a line, too. */
  end(): void {
    if (this.#rest !== '') this.#read(this.#rest);
    this.#rest = '';
    if (this.#open !== '') this.#give(this.#open, this.#openLine);
    this.#open = '';
  }

  #read(line: string): void {
    this.#line += 1;
    if (this.#open !== '') {
      this.#goOn(`${this.#open}\n${line}`, this.#openLine);
    } else if (line.includes('"')) this.#goOn(line, this.#line);
    else if (line !== '') this.#take(line.split(this.#delimiter), this.#line);
  }

  #goOn(record: string, line: number): void {
    const fields = fieldsOf(record, this.#delimiter);
    if (fields !== undefined || record.length > LONGEST_RECORD) {
      this.#open = '';
      if (fields === undefined) this.#give(record, line);
      else this.#take(fields, line);
    } else {
      this.#open = record;
      this.#openLine = line;
    }
  }

  /** A record whose quote is never closed: each of its lines as if it had none. */
  #give(record: string, line: number): void {
    for (const [at, each] of record.split('\n').entries()) {
      if (each !== '') this.#take(each.split(this.#delimiter), line + at);
    }
  }
}

/** The fields of a record; undefined where a quote is open at its end. */
export function fieldsOf(record: string, delimiter: string): string[] | undefined {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (record[at] === '"') {
      let field = '';
      let from = at + 1;
      for (;;) {
        const quote = record.indexOf('"', from);
        if (quote === -1) return undefined;
        field += record.slice(from, quote);
        from = quote + 1;
        if (record[from] !== '"') break;
        field += '"';
        from += 1;
      }
      const end = record.indexOf(delimiter, from);
      fields.push(field + record.slice(from, end === -1 ? undefined : end));
      if (end === -1) return fields;
      at = end + 1;
    } else {
      const end = record.indexOf(delimiter, at);
      fields.push(record.slice(at, end === -1 ? undefined : end));
      if (end === -1) return fields;
      at = end + 1;
    }
  }
}
