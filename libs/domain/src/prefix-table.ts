import { bareNumber } from './number.ts';

/** A prefix of a number and everything that was entered under it. */
export interface PrefixMatch<T> {
  /** The leading digits that matched, without `+`. */
  readonly prefix: string;
  /** In the order in which they were entered. */
  readonly values: readonly T[];
}

/** Leading digits, `*` or `#` (a leading `+` is ignored; `''` matches every number), and what they lead to. */
export type PrefixEntry<T> = readonly [prefix: string, value: T];

const NONE = -1;
const RADIX = 13;
/** RADIX ** 14 is below 2 ** 53, so that up to 14 characters make an exact number. */
const PACKED_LENGTH = 14;
const FIRST_CAPACITY = 64;
const FULLEST = 0.7;

/**
 * Values by prefix, for numbers: routes and rates (ROUTE-14). Immutable once built.
 *
 * Prefixes are kept as numbers in one open hash table, so that a rule costs some 50 bytes and a lookup one probe
 * per digit: no tree, no text. The few that are longer than 14 characters are in a map beside it.
 */
export class PrefixTable<T> {
  readonly #values: T[] = [];
  /** Per value, the next one with the same prefix. */
  #next = new Int32Array(FIRST_CAPACITY);
  #keys = new Float64Array(FIRST_CAPACITY).fill(NONE);
  /** Per slot, the first and the last value of its prefix. */
  #heads = new Int32Array(FIRST_CAPACITY);
  #tails = new Int32Array(FIRST_CAPACITY);
  #slots = 0;
  readonly #long = new Map<string, { head: number; tail: number }>();
  #longest = 0;

  /** @throws RangeError where a prefix has another character than digits, `*` and `#`, or is `+` alone */
  constructor(entries: Iterable<PrefixEntry<T>>) {
    for (const [prefix, value] of entries) this.#add(prefix, value);
    // Only needed to keep the order of entry while building.
    this.#tails = new Int32Array(0);
    this.#next = this.#next.slice(0, this.#values.length);
  }

  /** How many entries there are. */
  get size(): number {
    return this.#values.length;
  }

  /** What is entered under the longest prefix of the number, or undefined where none matches. */
  longest(number: string): PrefixMatch<T> | undefined {
    let found = NONE;
    let foundLength = 0;
    const bare = bareNumber(number);
    this.#walk(bare, (head, length) => {
      found = head;
      foundLength = length;
    });
    return found === NONE ? undefined : this.#match(bare, found, foundLength);
  }

  /** Every prefix of the number that has entries, longest first. */
  matches(number: string): PrefixMatch<T>[] {
    const found: PrefixMatch<T>[] = [];
    const bare = bareNumber(number);
    this.#walk(bare, (head, length) => {
      found.push(this.#match(bare, head, length));
    });
    return found.reverse();
  }

  /** Visits the first value of each prefix of the number that has entries, shortest first. */
  #walk(number: string, visit: (head: number, length: number) => void): void {
    const limit = Math.min(number.length, this.#longest);
    let key = 0;
    for (let length = 0; length <= limit; length++) {
      if (length > 0) {
        const digit = digitOf(number.charCodeAt(length - 1));
        if (digit === 0) return;
        if (length <= PACKED_LENGTH) key = key * RADIX + digit;
      }
      const head =
        length <= PACKED_LENGTH
          ? this.#head(key)
          : (this.#long.get(number.slice(0, length))?.head ?? NONE);
      if (head !== NONE) visit(head, length);
    }
  }

  #match(number: string, head: number, length: number): PrefixMatch<T> {
    return { prefix: number.slice(0, length), values: this.#chain(head) };
  }

  #chain(head: number): T[] {
    const values: T[] = [];
    for (let at = head; at !== NONE; at = this.#next[at] ?? NONE) {
      values.push(this.#values[at] as T);
    }
    return values;
  }

  #head(key: number): number {
    const slot = this.#slot(key);
    return this.#keys[slot] === key ? (this.#heads[slot] ?? NONE) : NONE;
  }

  #add(entered: string, value: T): void {
    if (entered === '+') throw noPrefix(entered);
    const prefix = bareNumber(entered);
    const { length } = prefix;
    const at = this.#values.push(value) - 1;
    if (at >= this.#next.length) this.#next = grown(this.#next);
    this.#next[at] = NONE;
    this.#longest = Math.max(this.#longest, length);
    const key = packed(prefix);
    if (length > PACKED_LENGTH) this.#addLong(prefix, at);
    else this.#addPacked(key, at);
  }

  #addLong(prefix: string, at: number): void {
    const known = this.#long.get(prefix);
    if (known === undefined) {
      this.#long.set(prefix, { head: at, tail: at });
      return;
    }
    this.#next[known.tail] = at;
    known.tail = at;
  }

  #addPacked(key: number, at: number): void {
    let slot = this.#slot(key);
    if (this.#keys[slot] === key) {
      this.#next[this.#tails[slot] ?? 0] = at;
      this.#tails[slot] = at;
      return;
    }
    if (this.#slots + 1 > this.#keys.length * FULLEST) {
      this.#grow();
      slot = this.#slot(key);
    }
    this.#slots += 1;
    this.#keys[slot] = key;
    this.#heads[slot] = at;
    this.#tails[slot] = at;
  }

  #grow(): void {
    const keys = this.#keys;
    const heads = this.#heads;
    const tails = this.#tails;
    const capacity = keys.length * 2;
    this.#keys = new Float64Array(capacity).fill(NONE);
    this.#heads = new Int32Array(capacity);
    this.#tails = new Int32Array(capacity);
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index] ?? NONE;
      if (key === NONE) continue;
      const slot = this.#slot(key);
      this.#keys[slot] = key;
      this.#heads[slot] = heads[index] ?? NONE;
      this.#tails[slot] = tails[index] ?? NONE;
    }
  }

  /** The slot of the key, or the empty one where it belongs. */
  #slot(key: number): number {
    const mask = this.#keys.length - 1;
    let slot = hash(key) & mask;
    for (;;) {
      const found = this.#keys[slot];
      if (found === key || found === NONE) return slot;
      slot = (slot + 1) & mask;
    }
  }
}

function hash(key: number): number {
  const high = Math.floor(key / 0x1_0000_0000);
  let mixed = Math.imul((key | 0) ^ Math.imul(high, 0x9e37_79b1), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0xc2b2_ae35);
  return mixed ^ (mixed >>> 16);
}

/** 1 to 12, so that leading zeros count; 0 where the character is none of a number. */
function digitOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x2f;
  if (code === 0x2a) return 11;
  return code === 0x23 ? 12 : 0;
}

function packed(prefix: string): number {
  let key = 0;
  for (let index = 0; index < prefix.length; index++) {
    const digit = digitOf(prefix.charCodeAt(index));
    if (digit === 0) throw noPrefix(prefix);
    if (index < PACKED_LENGTH) key = key * RADIX + digit;
  }
  return key;
}

function noPrefix(text: string): RangeError {
  return new RangeError(`"${text}" is no prefix: write digits, * or #`);
}

function grown(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
