/**
 * What bencoding can say. A string stands for bytes, one character each (latin1): a session description comes out of it as
 * it went in, whatever its character set.
 */
export type Bencodable =
  string | number | readonly Bencodable[] | { readonly [key: string]: Bencodable | undefined };

/** Deeper nesting is an attack: a reader that recurses must not run out of stack. */
const DEEPEST = 32;
const BEYOND_A_BYTE = /[^\0-\xff]/;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const DICTIONARY = 0x64;
const END = 0x65;
const INTEGER = 0x69;
const LIST = 0x6c;

/**
 * Writes a value. Keys whose value is undefined are left out.
 * @throws RangeError for a number that is no safe integer, or for a character above U+00FF
 */
export function encodeBencode(value: Bencodable): Buffer {
  return Buffer.from(bencodeText(value), 'latin1');
}

/** The same as text, one character for each byte. */
export function bencodeText(value: Bencodable): string {
  if (typeof value === 'string') return bytesText(value);
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new RangeError(`${String(value)} is no whole number`);
    return `i${String(value)}e`;
  }
  if (isList(value)) return `l${value.map(bencodeText).join('')}e`;
  let text = 'd';
  for (const [key, item] of Object.entries(value)) {
    if (item !== undefined) text += bytesText(key) + bencodeText(item);
  }
  return `${text}e`;
}

function bytesText(value: string): string {
  if (BEYOND_A_BYTE.test(value)) throw new RangeError('a string holds more than bytes');
  return `${String(value.length)}:${value}`;
}

function isList(value: object): value is readonly Bencodable[] {
  return Array.isArray(value);
}

/**
 * Reads a value that fills `bytes` from `offset` on. A dictionary has no prototype, so that any key of its own is plain data.
 * @throws RangeError where the bytes are none, or go on behind it
 */
export function decodeBencode(bytes: Buffer, offset = 0): Bencodable {
  const reader = new BencodeReader(bytes, offset);
  const value = reader.value(0);
  if (!reader.isAtEnd) throw new RangeError('bytes go on behind the value');
  return value;
}

/** Its objects have no key but their own, and V8 keeps them as it keeps others: `Object.create(null)` is a hash table, and slow. */
class Entries {
  [key: string]: Bencodable;
}
Object.setPrototypeOf(Entries.prototype, null);
Reflect.deleteProperty(Entries.prototype, 'constructor');

class BencodeReader {
  /** One character for each byte: parts of it cost nothing. */
  readonly #text: string;
  #at = 0;

  constructor(bytes: Buffer, offset: number) {
    this.#text = bytes.toString('latin1', offset);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#text.length;
  }

  value(depth: number): Bencodable {
    if (depth > DEEPEST) throw new RangeError('nested too deeply');
    switch (this.#peek()) {
      case INTEGER:
        this.#at += 1;
        return this.#integer();
      case LIST:
        this.#at += 1;
        return this.#list(depth);
      case DICTIONARY:
        this.#at += 1;
        return this.#dictionary(depth);
      default:
        return this.#string();
    }
  }

  #peek(): number {
    if (this.#at >= this.#text.length) throw new RangeError('the bytes end too early');
    return this.#text.charCodeAt(this.#at);
  }

  #integer(): number {
    const isNegative = this.#peek() === MINUS;
    if (isNegative) this.#at += 1;
    const value = this.#digits(END);
    return isNegative && value !== 0 ? -value : value;
  }

  #digits(end: number): number {
    let value = 0;
    const start = this.#at;
    for (;;) {
      const byte = this.#peek();
      this.#at += 1;
      if (byte === end && this.#at - 1 > start) return value;
      if (byte < ZERO || byte > NINE) throw new RangeError('a number has other characters');
      value = value * 10 + (byte - ZERO);
      if (value > Number.MAX_SAFE_INTEGER) throw new RangeError('a number is too large');
    }
  }

  #string(): string {
    const length = this.#digits(COLON);
    const start = this.#at;
    if (start + length > this.#text.length) throw new RangeError('the bytes end too early');
    this.#at = start + length;
    return this.#text.slice(start, this.#at);
  }

  #list(depth: number): Bencodable[] {
    const items: Bencodable[] = [];
    while (this.#peek() !== END) items.push(this.value(depth + 1));
    this.#at += 1;
    return items;
  }

  #dictionary(depth: number): Record<string, Bencodable> {
    const entries = new Entries();
    while (this.#peek() !== END) {
      const key = this.#string();
      entries[key] = this.value(depth + 1);
    }
    this.#at += 1;
    return entries;
  }
}
