import { UnreadableFile, type Row } from '../table.ts';

/** A statement of a dump, as far as its beginning says. */
interface Statement {
  readonly kind: 'create' | 'copy' | 'insert' | 'other';
  /** Without schema and quotes. */
  readonly table: string;
  readonly columns?: readonly string[] | undefined;
}

const NAME = '(?:(?:"[^"]+"|`[^`]+`|\\w+)\\.)?(?:"([^"]+)"|`([^`]+)`|(\\w+))';
const COLUMNS = '\\(([^()]*)\\)';
const CREATE = new RegExp(`CREATE\\s+TABLE\\s+(?:IF\\s+NOT\\s+EXISTS\\s+)?${NAME}\\s*\\(`, 'iy');
const COPY = new RegExp(`COPY\\s+${NAME}\\s*(?:${COLUMNS})?\\s+FROM\\s+stdin;[ \\r]*\\n`, 'iy');
const INSERT = new RegExp(`INSERT\\s+INTO\\s+${NAME}\\s*(?:${COLUMNS})?\\s*VALUES\\s*`, 'iy');
/** Between statements: blanks, comments, and lines for psql. */
const BETWEEN = /(?:\s+|--[^\n]*|#[^\n]*|\/\*[^]*?\*\/|;|\\[^\n]*)+/y;
const BARE = /[\w.+-]+/y;
const KEYS = /^(?:PRIMARY|UNIQUE|KEY|INDEX|CONSTRAINT|FOREIGN|CHECK|FULLTEXT)\b/i;

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', v: '\v', 0: '\0', Z: '\x1a' }; // prettier-ignore

/** The text of a dump, read from statement to statement and from row to row. */
export class SqlText {
  readonly #file: string;
  readonly #text: string;
  /** Backslashes escape in MySQL, and in PostgreSQL only after E. */
  readonly isMySql: boolean;
  #at = 0;
  #line = 1;
  #counted = 0;

  constructor(file: string, text: string) {
    this.#file = file;
    this.#text = text;
    this.isMySql = /^-- (?:MySQL|MariaDB) dump|^INSERT INTO `/m.test(text);
  }

  /** The next statement; undefined at the end. What is in it is then read by copied(), inserted() or skip(). */
  next(): Statement | undefined {
    this.#match(BETWEEN);
    if (this.#at >= this.#text.length) return undefined;
    const create = this.#match(CREATE);
    if (create !== null) {
      return { kind: 'create', table: nameOf(create), columns: this.#declared() };
    }
    for (const [kind, expression] of [
      ['copy', COPY],
      ['insert', INSERT],
    ] as const) {
      // prettier-ignore
      const found = this.#match(expression);
      if (found === null) continue;
      const columns = found[4]?.split(',').map((each) => each.trim().replace(/^["`]|["`]$/g, ''));
      return { kind, table: nameOf(found), columns };
    }
    return { kind: 'other', table: '' };
  }

  /** To the end of a statement whose rows nobody wants. */
  skip(kind: Statement['kind']): void {
    if (kind === 'copy') {
      const end = this.#text.indexOf('\n\\.', this.#at - 1);
      this.#at = end === -1 ? this.#text.length : end + 3;
      return;
    }
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at];
      if (char === ';') return;
      if (char === "'") this.#quoted(this.isMySql || this.#text[this.#at - 1] === 'E');
      else this.#at += 1;
    }
  }

  /** The rows behind `COPY … FROM stdin;`. */
  *copied(): Generator<Row> {
    while (this.#at < this.#text.length) {
      const end = this.#text.indexOf('\n', this.#at);
      const until = end === -1 ? this.#text.length : end;
      const line = this.#text.slice(this.#at, until).replace(/\r$/, '');
      const row = { line: this.#lineHere(), values: line.split('\t').map(copiedValue) };
      this.#at = until + 1;
      if (line === '\\.') return;
      yield row;
    }
  }

  /** The rows behind `INSERT INTO … VALUES`. */
  *inserted(): Generator<Row> {
    for (;;) {
      this.#match(/\s+/y);
      const line = this.#lineHere();
      this.#take('(');
      const values: (string | null)[] = [];
      do values.push(this.#value());
      while (this.#takes(','));
      this.#take(')');
      yield { line, values };
      if (!this.#takes(',')) return;
    }
  }

  /** The columns of CREATE TABLE, behind its bracket. */
  #declared(): string[] {
    const columns: string[] = [];
    let depth = 1;
    let start = this.#at;
    const end = (): void => {
      const text = this.#text.slice(start, this.#at).trim();
      const name = /^(?:"([^"]+)"|`([^`]+)`|(\w+))/.exec(text);
      if (name !== null && !KEYS.test(text)) columns.push(nameOf(name));
    };
    while (depth > 0 && this.#at < this.#text.length) {
      const char = this.#text[this.#at];
      if (char === "'") {
        this.#quoted(this.isMySql);
        continue;
      }
      if (char === '(') depth += 1;
      if (char === ')') depth -= 1;
      if (depth === 0 || (depth === 1 && char === ',')) {
        end();
        start = this.#at + 1;
      }
      this.#at += 1;
    }
    this.skip('other');
    return columns;
  }

  #value(): string | null {
    this.#match(/\s+/y);
    this.#match(/_(?:binary|utf8mb4|utf8|latin1)\s*/iy);
    const escapes = this.isMySql || this.#match(/E(?=')/y) !== null;
    if (this.#text[this.#at] === "'") return this.#quoted(escapes);
    const bare = this.#match(BARE)?.[0];
    if (bare === undefined) throw this.#unreadable('a value: text in quotes, a number or NULL');
    return /^(?:NULL|DEFAULT)$/i.test(bare) ? null : bare;
  }

  #quoted(escapes: boolean): string {
    let text = '';
    let from = this.#at + 1;
    for (let at = from; at < this.#text.length; at += 1) {
      const char = this.#text[at];
      const next = this.#text[at + 1] ?? '';
      if (char === '\\' && escapes) {
        text += this.#text.slice(from, at) + (ESCAPES[next] ?? next);
      } else if (char === "'" && next === "'") {
        text += `${this.#text.slice(from, at)}'`;
      } else if (char === "'") {
        this.#at = at + 1;
        return text + this.#text.slice(from, at);
      } else continue;
      at += 1;
      from = at + 1;
    }
    throw this.#unreadable("the ' that ends the text: the dump is cut off");
  }

  #takes(char: string): boolean {
    this.#match(/\s+/y);
    if (this.#text[this.#at] !== char) return false;
    this.#at += 1;
    return true;
  }

  #take(char: string): void {
    if (!this.#takes(char)) throw this.#unreadable(`"${char}"`);
  }

  #match(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#text);
    if (found !== null) this.#at += found[0].length;
    return found;
  }

  #lineHere(): number {
    for (;;) {
      const at = this.#text.indexOf('\n', this.#counted);
      if (at === -1 || at >= this.#at) return this.#line;
      this.#counted = at + 1;
      this.#line += 1;
    }
  }

  #unreadable(wanted: string): UnreadableFile {
    const found = JSON.stringify(this.#text.slice(this.#at, this.#at + 10));
    return new UnreadableFile(this.#file, `has ${found} where there must be ${wanted}`, this.#lineHere()); // prettier-ignore
  }
}

function nameOf([, double, back, bare]: RegExpExecArray): string {
  return (double ?? back ?? bare ?? '').toLowerCase();
}

/** As COPY writes it: \N is NULL, and backslashes escape. */
function copiedValue(text: string): string | null {
  if (text === '\\N') return null;
  return text.replace(/\\(.)/g, (_, char: string) => ESCAPES[char] ?? char);
}
