import { headerKey } from './header-names.ts';
import { splitList } from './split-list.ts';

/** A line break, or a character that is no byte. */
const breakOrWide = /[\r\n\u0100-\uffff]/;

interface HeaderLine {
  /** As received or given. */
  readonly name: string;
  /** Long form, lower case. */
  readonly key: string;
  readonly value: string;
  /** What a typed read made of the value; one reader per key, so one type per key. */
  parsed: unknown;
}

/**
 * The headers of one message, in order. Names are found whatever their case and in compact or long
 * form, and are kept as they were given. Values are byte strings: one character per byte.
 */
export class Headers {
  #lines: HeaderLine[] = [];

  /** @param entries name and value of each header line. */
  constructor(entries: Iterable<readonly [name: string, value: string]> = []) {
    for (const [name, value] of entries) {
      this.append(name, value);
    }
  }

  /** The number of header lines. */
  get size(): number {
    return this.#lines.length;
  }

  /** The value of the first line of this name, unfolded and trimmed. */
  get(name: string): string | undefined {
    return this.#find(headerKey(name))?.value;
  }

  /** The values of this name, one per header line. */
  getAll(name: string): string[] {
    const key = headerKey(name);
    const values: string[] = [];
    for (const line of this.#lines) {
      if (line.key === key) {
        values.push(line.value);
      }
    }
    return values;
  }

  /** The elements of a list header over all its lines, split at commas outside quotes and brackets. */
  list(name: string): string[] {
    const lines = this.getAll(name);
    return lines.length === 0 ? lines : lines.flatMap(splitList);
  }

  has(name: string): boolean {
    return this.#find(headerKey(name)) !== undefined;
  }

  /** How many lines this name has. */
  count(name: string): number {
    const key = headerKey(name);
    let count = 0;
    for (const line of this.#lines) {
      count += line.key === key ? 1 : 0;
    }
    return count;
  }

  /** The first name that stands there again, among `keys` (long form, lower case). */
  firstRepeated(keys: ReadonlySet<string>): string | undefined {
    const lines = this.#lines;
    for (let at = 1; at < lines.length; at++) {
      const line = lines[at];
      // Most lines differ from all before them, and keys are compared as pointers.
      if (line !== undefined && this.#find(line.key) !== line && keys.has(line.key)) {
        return line.name;
      }
    }
    return undefined;
  }

  /**
   * Puts one line of this name in the place of all that were there (of the first), or at the end.
   * @throws TypeError when the value holds a line break, which would begin another header.
   */
  set(name: string, value: string): void {
    const key = headerKey(name);
    const line = newLine(name, key, value);
    const lines = this.#lines;
    let first = -1;
    let isRepeated = false;
    for (let at = 0; at < lines.length; at++) {
      if (lines[at]?.key === key) {
        isRepeated = first >= 0;
        first = isRepeated ? first : at;
      }
    }
    if (first < 0) {
      lines.push(line);
      return;
    }
    lines[first] = line;
    if (isRepeated) {
      this.#lines = lines.filter((each) => each === line || each.key !== key);
    }
  }

  /**
   * Adds a line after all others.
   * @throws TypeError when the value holds a line break.
   */
  append(name: string, value: string): void {
    this.#lines.push(newLine(name, headerKey(name), value));
  }

  /**
   * Puts a value in the place of the first line of this name; nothing happens where there is none.
   * @throws TypeError when the value holds a line break.
   */
  replaceFirst(name: string, value: string): void {
    const key = headerKey(name);
    const lines = this.#lines;
    for (let at = 0; at < lines.length; at++) {
      const line = lines[at];
      if (line?.key === key) {
        lines[at] = newLine(name, key, value);
        return;
      }
    }
  }

  /** Removes every line of this name. */
  remove(name: string): void {
    const key = headerKey(name);
    this.#lines = this.#lines.filter((line) => line.key !== key);
  }

  /**
   * Removes the lines whose key (long form, lower case) has a form that their value has not.
   * @returns the names of what was removed, as they were given
   */
  removeUnlike(forms: ReadonlyMap<string, RegExp>): string[] {
    const removed: string[] = [];
    for (const { name, key, value } of this.#lines) {
      if (forms.get(key)?.test(value) === false) removed.push(name);
    }
    if (removed.length > 0) {
      this.#lines = this.#lines.filter(({ key, value }) => forms.get(key)?.test(value) !== false);
    }
    return removed;
  }

  /** Name (as given) and value of each line, in order. */
  entries(): [name: string, value: string][] {
    return this.#lines.map(({ name, value }) => [name, value]);
  }

  clone(): Headers {
    const copy = new Headers();
    copy.#lines = this.#lines.slice();
    return copy;
  }

  /** Adds the lines of `other` whose key (long form, lower case) is among `keys`, in their order. */
  copyFrom(other: Headers, keys: ReadonlySet<string>): void {
    for (const line of other.#lines) {
      if (keys.has(line.key)) {
        this.#lines.push(line);
      }
    }
  }

  /**
   * What `parse` makes of the first line of this key, made once. The result is shared by all
   * readers and by clones, so it must not be changed.
   * @param key long form, lower case; always read with the same `parse`.
   */
  typed<T>(key: string, parse: (value: string) => T): T | undefined {
    const line = this.#find(key);
    return line === undefined ? undefined : typedLine(line, parse);
  }

  /** As {@link Headers.typed}, for each line of this key. */
  typedAll<T>(key: string, parse: (value: string) => T): T[] {
    const all: T[] = [];
    for (const line of this.#lines) {
      if (line.key === key) {
        all.push(typedLine(line, parse));
      }
    }
    return all;
  }

  /** Adds a line that the parser has read: checked, and its key known. */
  appendParsed(name: string, key: string, value: string): void {
    this.#lines.push({ name, key, value, parsed: undefined });
  }

  /** The header part of a message, except Content-Length, each line ended. */
  toText(): string {
    let text = '';
    for (const line of this.#lines) {
      if (line.key !== 'content-length') {
        text += line.name + ': ' + line.value + '\r\n';
      }
    }
    return text;
  }

  #find(key: string): HeaderLine | undefined {
    for (const line of this.#lines) {
      if (line.key === key) {
        return line;
      }
    }
    return undefined;
  }
}

function typedLine<T>(line: HeaderLine, parse: (value: string) => T): T {
  // One parser per key, so that what is kept is a T.
  return (line.parsed ??= parse(line.value)) as T;
}

function newLine(name: string, key: string, value: string): HeaderLine {
  return { name, key, value: headerText(value), parsed: undefined };
}

/** Refuses what would break out of the line; writes characters that are no byte as UTF-8. */
function headerText(value: string): string {
  // A search looks at a character in a quarter of the time that a loop takes.
  if (!breakOrWide.test(value)) {
    return value;
  }
  if (value.includes('\n') || value.includes('\r')) {
    throw new TypeError('a header value must not hold a line break');
  }
  return Buffer.from(value, 'utf8').toString('latin1');
}
