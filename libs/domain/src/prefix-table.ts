import { bareNumber } from './number.ts';
import { PrefixIndexBuilder } from './prefix-index-builder.ts';
import type { PrefixIndex } from './prefix-index.ts';

/** A prefix of a number and everything that was entered under it. */
export interface PrefixMatch<T> {
  /** The leading digits that matched, without `+`. */
  readonly prefix: string;
  /** In the order in which they were entered. */
  readonly values: readonly T[];
}

/** Leading digits, `*` or `#` (a leading `+` is ignored; `''` matches every number), and what they lead to. */
export type PrefixEntry<T> = readonly [prefix: string, value: T];

/** An index that was built elsewhere, and what its numbers stand for. */
export interface IndexedValues<T> {
  readonly index: PrefixIndex;
  readonly valueOf: (value: number, prefix: string) => T;
}

/** Values by prefix, for numbers: routes and rates (ROUTE-14). Immutable once built. */
export class PrefixTable<T> {
  readonly #index: PrefixIndex;
  readonly #valueOf: IndexedValues<T>['valueOf'];
  /** What the index finds of one number; nothing of it outlives a call. */
  readonly #found: number[] = [];

  /** @throws RangeError where a prefix has another character than digits, `*` and `#`, or is `+` alone */
  constructor(entries: Iterable<PrefixEntry<T>> | IndexedValues<T>) {
    const { index, valueOf } = 'index' in entries ? entries : indexed(entries);
    this.#index = index;
    this.#valueOf = valueOf;
  }

  /** How many entries there are. */
  get size(): number {
    return this.#index.size;
  }

  /** What is entered under the longest prefix of the number, or undefined where none matches. */
  longest(number: string): PrefixMatch<T> | undefined {
    const bare = bareNumber(number);
    const written = this.#index.find(bare, this.#found);
    return written === 0 ? undefined : this.#match(bare, written - 3);
  }

  /** Every prefix of the number that has entries, longest first. */
  matches(number: string): PrefixMatch<T>[] {
    const bare = bareNumber(number);
    const matches: PrefixMatch<T>[] = [];
    for (let at = this.#index.find(bare, this.#found) - 3; at >= 0; at -= 3) {
      matches.push(this.#match(bare, at));
    }
    return matches;
  }

  #match(number: string, at: number): PrefixMatch<T> {
    const prefix = number.slice(0, this.#found[at]);
    const end = this.#found[at + 2] ?? 0;
    const values: T[] = [];
    for (let place = this.#found[at + 1] ?? 0; place < end; place++) {
      values.push(this.#valueOf(this.#index.values[place] ?? 0, prefix));
    }
    return { prefix, values };
  }
}

function indexed<T>(entries: Iterable<PrefixEntry<T>>): IndexedValues<T> {
  const builder = new PrefixIndexBuilder();
  const values: T[] = [];
  for (const [prefix, value] of entries) builder.add(prefix, values.push(value) - 1);
  return { index: builder.finish(), valueOf: (value) => values[value] as T };
}
