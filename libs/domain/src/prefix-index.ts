import { FIRST_LENGTH, PackedPrefix, unpackPrefix } from './packed-prefix.ts';

/** The first words of the buffer. */
export const header = {
  capacity: 0,
  keys: 1,
  entries: 2,
  lengths: 3,
  longest: 4,
  words: 8,
} as const;

/** A slot that no prefix has. */
export const EMPTY = -1;
/** Of {@link PrefixIndex.find}: numbers written for each prefix that was found. */
const HIT = 3;

/**
 * Whole numbers by prefix of a number: the table that routes and rates are looked up in (ROUTE-14). All of it is in one
 * buffer, which threads share and none changes, so that handing it over costs nothing and the garbage collector has nothing
 * to look at. `PrefixIndexBuilder` makes it.
 *
 * Layout: the header; an open hash table of prefixes packed into floats, with the ordinal of each; where the values of each
 * ordinal begin; the values, in order. One probe of the hash table for each length that any prefix has.
 */
export class PrefixIndex {
  readonly buffer: SharedArrayBuffer;
  readonly keys: Float64Array<SharedArrayBuffer>;
  readonly ordinals: Int32Array<SharedArrayBuffer>;
  readonly starts: Int32Array<SharedArrayBuffer>;
  readonly values: Uint32Array<SharedArrayBuffer>;
  /** Characters of the longest prefix. */
  readonly longest: number;
  /** A bit for each length below 32 that a prefix has. */
  readonly lengths: number;

  /** @param buffer of another index, perhaps of another thread */
  constructor(buffer: SharedArrayBuffer) {
    const words = new Int32Array(buffer, 0, header.words);
    const [capacity = 0, keys = 0, entries = 0, lengths = 0, longest = 0] = words;
    let at = words.byteLength;
    this.buffer = buffer;
    this.keys = new Float64Array(buffer, at, capacity);
    at += this.keys.byteLength;
    this.ordinals = new Int32Array(buffer, at, capacity);
    at += this.ordinals.byteLength;
    this.starts = new Int32Array(buffer, at, keys + 1);
    at += this.starts.byteLength;
    this.values = new Uint32Array(buffer, at, entries);
    this.lengths = lengths;
    this.longest = longest;
  }

  /** How many values there are, of all prefixes together. */
  get size(): number {
    return this.values.length;
  }

  /** How many prefixes there are; after changes, with those that have lost all of their values. */
  get prefixes(): number {
    return this.starts.length - 1;
  }

  /**
   * Finds every prefix of a number that has values, shortest first.
   * @param bare digits, without `+`; what follows the first character that no prefix has is not looked at
   * @param found takes length, first value and end of values of each, one after the other
   * @returns how many numbers were written there
   */
  find(bare: string, found: number[]): number {
    const limit = Math.min(bare.length, this.longest);
    const packed = new PackedPrefix();
    let written = 0;
    for (let length = 0; length <= limit; length++) {
      if (length > 0 && !packed.push(bare.charCodeAt(length - 1))) break;
      const isStem = packed.isFull && length < limit;
      if (!isStem && length < 32 && (this.lengths & (1 << length)) === 0) continue;
      const ordinal = this.#ordinal(packed.key);
      if (ordinal === EMPTY) {
        // What is longer hangs on it.
        if (isStem) break;
        continue;
      }
      const start = this.starts[ordinal] ?? 0;
      const end = this.starts[ordinal + 1] ?? 0;
      if (start < end) {
        found[written] = length;
        found[written + 1] = start;
        found[written + 2] = end;
        written += HIT;
      }
      if (isStem) packed.goOn(ordinal);
    }
    return written;
  }

  /** Every prefix that has values, in no order, with the places of its first value and of the end of them. */
  *entries(): Generator<readonly [prefix: string, start: number, end: number]> {
    const stems = this.#stems();
    for (let slot = 0; slot < this.keys.length; slot++) {
      const key = this.keys[slot] ?? EMPTY;
      const ordinal = this.ordinals[slot] ?? 0;
      const start = this.starts[ordinal] ?? 0;
      const end = this.starts[ordinal + 1] ?? 0;
      if (key !== EMPTY && start < end) yield [textOf(key, stems), start, end];
    }
  }

  /** The keys of the prefixes that longer ones go on from, by their ordinals. */
  #stems(): ReadonlyMap<number, number> {
    const stems = new Map<number, number>();
    if (this.longest <= FIRST_LENGTH) return stems;
    const wanted = new Set<number | undefined>();
    for (const key of this.keys) if (key !== EMPTY) wanted.add(unpackPrefix(key).stem);
    for (const [slot, ordinal] of this.ordinals.entries()) {
      const key = this.keys[slot] ?? EMPTY;
      if (key !== EMPTY && wanted.has(ordinal)) stems.set(ordinal, key);
    }
    return stems;
  }

  #ordinal(key: number): number {
    const { keys } = this;
    const slot = slotOf(keys, key);
    return keys[slot] === key ? (this.ordinals[slot] ?? EMPTY) : EMPTY;
  }
}

function textOf(key: number, stems: ReadonlyMap<number, number>): string {
  let { stem, text } = unpackPrefix(key);
  while (stem !== undefined) {
    const before = unpackPrefix(stems.get(stem) ?? 0);
    text = before.text + text;
    stem = before.stem;
  }
  return text;
}

/** The slot of the key in an open hash table, or the empty one where it belongs. */
export function slotOf(keys: Float64Array, key: number): number {
  const capacity = keys.length;
  // The upper bits of the hash choose the slot, so that a capacity need not be a power of two.
  let slot = Math.floor((hash(key) >>> 0) * (capacity / 0x1_0000_0000));
  for (;;) {
    const found = keys[slot];
    if (found === key || found === EMPTY) return slot;
    slot += 1;
    if (slot === capacity) slot = 0;
  }
}

function hash(key: number): number {
  const high = Math.floor(key / 0x1_0000_0000);
  let mixed = Math.imul((key | 0) ^ Math.imul(high, 0x9e37_79b1), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0xc2b2_ae35);
  return mixed ^ (mixed >>> 16);
}
