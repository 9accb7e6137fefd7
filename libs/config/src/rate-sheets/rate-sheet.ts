import { bareNumber } from '@tandem/domain';
import { RatePacker, RateReader, type PackedRates, type RateTerms } from '../packed-lists.ts';
import { overlay, rateChange, withoutHistory } from './times-of-rates.ts';
import type { RateChange, RateChangeKind, TimedRates } from './times-of-rates.ts';

/** Of a sheet's terms there are some thousand; one whose terms are all others is not kept in memory. */
const MOST_REMEMBERED = 200_000;

/** The rates of a group, a million or more, by prefix: read where they are asked for. */
export class RateSheet {
  readonly packed: PackedRates;
  readonly #reader: RateReader;
  /** By the number of the only value that a prefix has, as nearly all: the same array for the same terms. */
  readonly #single: (readonly [RateTerms])[] = [];
  /** By the numbers of several. */
  readonly #several = new Map<string, TimedRates>();
  readonly #found: number[] = [];

  constructor(packed: PackedRates) {
    this.packed = packed;
    this.#reader = new RateReader(packed);
  }

  /** How many rates there are. */
  get size(): number {
    return this.#reader.index.size;
  }

  /** In no order. */
  *prefixes(): Generator<readonly [prefix: string, rates: TimedRates]> {
    for (const [prefix, start, end] of this.#reader.index.entries()) {
      yield [prefix, this.#rates(start, end)];
    }
  }

  /** The rates of a prefix, none where it has none. */
  of(prefix: string): TimedRates {
    const bare = bareNumber(prefix);
    const written = this.#reader.index.find(bare, this.#found);
    if (written === 0 || this.#found[written - 3] !== bare.length) return [];
    return this.#rates(this.#found[written - 2] ?? 0, this.#found[written - 1] ?? 0);
  }

  /** The rates of each prefix of a number, longest first. */
  *matches(number: string): Generator<readonly [prefix: string, rates: TimedRates]> {
    const bare = bareNumber(number);
    const found: number[] = [];
    for (let at = this.#reader.index.find(bare, found) - 3; at >= 0; at -= 3) {
      yield [bare.slice(0, found[at]), this.#rates(found[at + 1] ?? 0, found[at + 2] ?? 0)];
    }
  }

  #rates(start: number, end: number): TimedRates {
    const { values } = this.#reader.index;
    const first = values[start] ?? 0;
    if (end - start === 1) return (this.#single[first] ??= [this.#reader.terms(first)]);
    const key = values.subarray(start, end).join(' ');
    const known = this.#several.get(key);
    if (known !== undefined) return known;
    const rates = [...values.subarray(start, end)].map((value) => this.#terms(value));
    if (this.#several.size < MOST_REMEMBERED) this.#several.set(key, rates);
    return rates;
  }

  #terms(value: number): RateTerms {
    return (this.#single[value] ??= [this.#reader.terms(value)])[0];
  }
}

/** Rates of a file by prefix, without `+`, in the order of the file; those of one prefix do not overlap. */
export interface SheetRows extends Iterable<readonly [prefix: string, rates: TimedRates]> {
  readonly size: number;
  get(prefix: string): TimedRates | undefined;
}

/** How the rates of a file get into a sheet. */
export interface MergeTerms {
  /** `replace`: what the file does not have is gone from `goneFromMs` on; `update`: it stays. */
  readonly mode: 'replace' | 'update';
  readonly goneFromMs: number;
  /** Rates that were over before are forgotten. */
  readonly forgottenBeforeMs: number;
}

/** What became of it. */
export interface MergedSheet {
  readonly packed: PackedRates;
  readonly rates: number;
  readonly prefixes: number;
  /** Prefixes by what becomes of them. */
  readonly counts: Readonly<Record<RateChangeKind | 'same', number>>;
  /** The first of each kind. */
  readonly examples: readonly PrefixChange[];
}

/** Of each kind of change, in a summary. */
const MOST_EXAMPLES = 20;

/** The sheet that a file makes of another one. */
export function mergeSheet(before: RateSheet, rows: SheetRows, terms: MergeTerms): MergedSheet {
  const { forgottenBeforeMs, goneFromMs, mode } = terms;
  const packer = new NumberedRates(before.size + rows.size);
  const counts = { new: 0, dearer: 0, cheaper: 0, other: 0, gone: 0, same: 0 };
  const gone = [{ gone: true, fromMs: goneFromMs }] as const;
  const overlaid = remembered(overlay);
  const changeOf = remembered(rateChange);
  const examples: PrefixChange[] = [];
  let [rates, prefixes] = [0, 0];
  const take = (prefix: string, was: TimedRates, next: TimedRates): void => {
    const is = withoutHistory(next, forgottenBeforeMs);
    const change = changeOf(was, is);
    counts[change?.kind ?? 'same'] += 1;
    if (change !== undefined && counts[change.kind] <= MOST_EXAMPLES) {
      examples.push({ prefix, ...change });
    }
    if (is.length > 0) prefixes += 1;
    rates += is.length;
    packer.add(prefix, is);
  };
  const none: TimedRates = [];
  for (const [prefix, was] of before.prefixes()) {
    const next = rows.get(prefix);
    if (next !== undefined) take(prefix, was, overlaid(was, next));
    else take(prefix, was, mode === 'replace' ? overlaid(was, gone) : was);
  }
  for (const [prefix, next] of rows) {
    if (before.of(prefix).length === 0) take(prefix, none, next);
  }
  return { packed: packer.finish(), rates, prefixes, counts, examples };
}

/** A change of one prefix. */
export interface PrefixChange extends RateChange {
  readonly prefix: string;
}

/** What is other in a sheet than in the one before it, in no order. */
export function* sheetChanges(before: RateSheet, after: RateSheet): Generator<PrefixChange> {
  const changeOf = remembered(rateChange);
  for (const [prefix, is] of after.prefixes()) {
    const change = changeOf(before.of(prefix), is);
    if (change !== undefined) yield { prefix, ...change };
  }
  for (const [prefix, was] of before.prefixes()) {
    if (after.of(prefix).length > 0) continue;
    const change = rateChange(was, []);
    if (change !== undefined) yield { prefix, ...change };
  }
}

/** Packs terms once for each object that stands for them. */
class NumberedRates {
  readonly #packer: RatePacker;
  readonly #numbers = new Map<RateTerms, number>();

  constructor(expected: number) {
    this.#packer = new RatePacker(expected);
  }

  add(prefix: string, rates: TimedRates): void {
    for (const rate of rates) {
      let number = this.#numbers.get(rate);
      if (number === undefined) {
        number = this.#packer.numberOf(rate);
        if (this.#numbers.size < MOST_REMEMBERED) this.#numbers.set(rate, number);
      }
      this.#packer.enter(prefix, number);
    }
  }

  finish(): PackedRates {
    return this.#packer.finish();
  }
}

/** The same answer for the same two objects: in a million prefixes the same pairs of terms come again and again. */
function remembered<One extends object, Other extends object, Answer>(
  make: (one: One, other: Other) => Answer,
): (one: One, other: Other) => Answer {
  const known = new Map<One, Map<Other, { readonly answer: Answer }>>();
  let size = 0;
  return (one, other) => {
    const found = known.get(one)?.get(other);
    if (found !== undefined) return found.answer;
    const answer = make(one, other);
    if (size++ >= MOST_REMEMBERED) {
      known.clear();
      size = 0;
    }
    const byOther = known.get(one) ?? new Map<Other, { readonly answer: Answer }>();
    known.set(one, byOther.set(other, { answer }));
    return answer;
  };
}
