import { bareNumber } from './number.ts';

/** 11 ** 15 is below 2 ** 53: the 15 digits of E.164 make an exact number. */
const RADIX = 11;
const PACKED_LENGTH = 15;
/** The last eight digits: these fit, and the first seven, into 31 bits. */
const LOW_HALF = RADIX ** 8;
const LONGEST_NUMBER = 32;
const DIGITS = /^[0-9]+$/;
const DIALLED = /^[0-9*#]+$/;
/** Weight of the digit at each place: numbers are packed from the left, so that their order is that of their text. */
const WEIGHTS = Float64Array.from({ length: PACKED_LENGTH }, (_, at) => RADIX ** (PACKED_LENGTH - 1 - at)); // prettier-ignore

/** How a list is compared: with whole numbers, or with how they begin. */
export type NumberMatch = 'exact' | 'prefix';

/** Numbers of a list, each once, as they are stored. */
export interface NumberListContent {
  /** Those of 1 to 15 digits, packed, in ascending order. */
  readonly packed: Float64Array;
  /** Those with other characters, or longer. */
  readonly others: readonly string[];
}

/** Reads a number of a list: separators and `+` are ignored. @returns undefined where it is none */
export function readListNumber(text: string): string | undefined {
  const number = bareNumber(text.trim().replace(/[-.() ]/g, ''));
  return number.length <= LONGEST_NUMBER && DIALLED.test(number) ? number : undefined;
}

/** @param numbers as `readListNumber` gives them, in any order */
export function listContent(numbers: Iterable<string>): NumberListContent {
  const packed: number[] = [];
  const others = new Set<string>();
  for (const number of numbers) {
    if (isPacked(number)) packed.push(pack(number));
    else others.add(number);
  }
  return { packed: unique(Float64Array.from(packed).sort()), others: [...others].sort() };
}

/** The numbers of a content, in the order in which they are kept. */
export function* numbersOf({ packed, others }: NumberListContent): Iterable<string> {
  for (const key of packed) yield unpack(key);
  yield* others;
}

/** How many numbers of the first are not in the second. */
export function countMissing(first: NumberListContent, second: NumberListContent): number {
  const others = new Set(second.others);
  let missing = first.others.filter((number) => !others.has(number)).length;
  let at = 0;
  for (const key of first.packed) {
    while (at < second.packed.length && (second.packed[at] ?? 0) < key) at += 1;
    if (second.packed[at] !== key) missing += 1;
  }
  return missing;
}

/**
 * Hundreds of thousands of numbers, or of prefixes, 8 bytes each: one sorted array and one binary search. Of prefixes that
 * begin with another one of the list the shorter alone is kept, so that the only one that can be the beginning of a number
 * is that which comes next before it.
 */
export class NumberList {
  readonly #packed: Float64Array;
  readonly #others: ReadonlySet<string>;
  readonly #match: NumberMatch;

  constructor(content: NumberListContent, match: NumberMatch) {
    this.#match = match;
    this.#packed = match === 'prefix' ? shortest(content.packed) : content.packed;
    this.#others = new Set(content.others);
  }

  /** The entry that holds the number, `+` or not; undefined where none does. */
  find(number: string): string | undefined {
    const bare = bareNumber(number);
    return this.#match === 'exact' ? this.#exact(bare) : this.#prefix(bare);
  }

  #exact(number: string): string | undefined {
    if (!isPacked(number)) return this.#others.has(number) ? number : undefined;
    const key = pack(number);
    return this.#packed[this.#before(key)] === key ? number : undefined;
  }

  #prefix(number: string): string | undefined {
    const entry = this.#packed[this.#before(pack(number))];
    const found = entry === undefined ? undefined : unpack(entry);
    if (found !== undefined && number.startsWith(found)) return found;
    if (this.#others.size === 0) return undefined;
    for (let length = 1; length <= Math.min(number.length, LONGEST_NUMBER); length++) {
      const prefix = number.slice(0, length);
      if (this.#others.has(prefix)) return prefix;
    }
    return undefined;
  }

  /** Index of the last entry that is not above the key; -1 where all are. */
  #before(key: number): number {
    const packed = this.#packed;
    let low = 0;
    let high = packed.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((packed[middle] ?? 0) <= key) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

function isPacked(number: string): boolean {
  return number.length <= PACKED_LENGTH && DIGITS.test(number);
}

function weightAt(place: number): number {
  return WEIGHTS[place] ?? 0;
}

/** What comes after 15 digits, or after another character, does not count. */
function pack(number: string): number {
  let key = 0;
  const length = Math.min(number.length, PACKED_LENGTH);
  for (let at = 0; at < length; at++) {
    const digit = number.charCodeAt(at) - 0x2f;
    if (digit < 1 || digit > 10) break;
    key += digit * weightAt(at);
  }
  return key;
}

function unpack(key: number): string {
  let number = '';
  let rest = key;
  for (let at = 0; at < PACKED_LENGTH && rest > 0; at++) {
    const weight = weightAt(at);
    const digit = Math.floor(rest / weight);
    rest -= digit * weight;
    number += String.fromCharCode(digit + 0x2f);
  }
  return number;
}

function unique(sorted: Float64Array): Float64Array {
  return kept(sorted, (key, last) => key !== last);
}

/** Without those that begin with the one before them: all of them are below what that begins. */
function shortest(sorted: Float64Array): Float64Array {
  let end = 0;
  return kept(sorted, (key) => {
    if (key < end) return false;
    end = key + spanOf(key);
    return true;
  });
}

/** As `filter` of typed arrays, which makes an array of numbers on the way. @param isKept of a key and the last that was kept, at first NaN */
function kept(sorted: Float64Array, isKept: (key: number, last: number) => boolean): Float64Array {
  const left = new Float64Array(sorted.length);
  let count = 0;
  let last = NaN;
  for (const key of sorted) {
    if (!isKept(key, last)) continue;
    left[count] = key;
    last = key;
    count += 1;
  }
  // A copy of those alone, where there were more.
  return count === sorted.length ? left : left.slice(0, count);
}

/** How far the numbers reach that begin with it: in halves, since small integers are divided many times as fast. */
function spanOf(key: number): number {
  const high = Math.floor(key / LOW_HALF);
  const low = key - high * LOW_HALF;
  let rest = (low === 0 ? high : low) | 0;
  let span = low === 0 ? LOW_HALF : 1;
  while (rest % RADIX === 0) {
    rest = (rest / RADIX) | 0;
    span *= RADIX;
  }
  return span;
}
