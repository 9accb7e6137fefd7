import { bareNumber } from './number.ts';
import { MOST_STEMS, PackedPrefix } from './packed-prefix.ts';
import { EMPTY, header, PrefixIndex, slotOf } from './prefix-index.ts';

const FIRST_CAPACITY = 16;
/** A share of the slots, while it grows and when it is finished. */
const FULLEST = 0.7;
const FINISHED = 0.75;
/** Values of one prefix that are put in order one by one; more are sorted. */
const FEW = 24;

/** Which of two values of one prefix comes first: below 0, the first. */
export type CompareValues = (a: number, b: number) => number;

/** Gathers what goes into a {@link PrefixIndex}. */
export class PrefixIndexBuilder {
  #keys: Float64Array<ArrayBuffer>;
  #ordinals: Int32Array<ArrayBuffer>;
  #count = 0;
  /** Of each value that was added: the prefix, and the value itself. */
  #owners = new Int32Array(FIRST_CAPACITY);
  #values = new Uint32Array(FIRST_CAPACITY);
  #size = 0;
  #longest = 0;
  #lengths = 0;

  /**
   * @param expected prefixes that will come. Who adds those of another index in its own order, which is that of their hashes, has to
   * say how many: in a table that is still small they would all want the same slots.
   */
  constructor(expected = 0) {
    const capacity = Math.max(FIRST_CAPACITY, Math.ceil(expected / FULLEST) + 1);
    this.#keys = new Float64Array(capacity).fill(EMPTY);
    this.#ordinals = new Int32Array(capacity);
  }

  /**
   * Begins with what an index has.
   * @param isKept which of its values stay
   */
  static from(index: PrefixIndex, isKept: (value: number) => boolean): PrefixIndexBuilder {
    const builder = new PrefixIndexBuilder();
    builder.#keys = Float64Array.from(index.keys);
    builder.#ordinals = Int32Array.from(index.ordinals);
    builder.#count = index.prefixes;
    builder.#longest = index.longest;
    builder.#lengths = index.lengths;
    for (let ordinal = 0; ordinal < index.prefixes; ordinal++) {
      const end = index.starts[ordinal + 1] ?? 0;
      for (let at = index.starts[ordinal] ?? 0; at < end; at++) {
        const value = index.values[at] ?? 0;
        if (isKept(value)) builder.#enter(ordinal, value);
      }
    }
    return builder;
  }

  /**
   * @param entered leading digits, `*` or `#`; a leading `+` is ignored, '' matches every number
   * @throws RangeError where it has another character, or is `+` alone
   */
  add(entered: string, value: number): void {
    const prefix = bareNumber(entered);
    if (prefix === '' && entered !== '') throw noPrefix(entered);
    const packed = new PackedPrefix();
    for (let index = 0; index < prefix.length; index++) {
      if (packed.isFull) packed.goOn(this.#stem(packed.key));
      if (!packed.push(prefix.charCodeAt(index))) throw noPrefix(prefix);
    }
    this.#enter(this.#ordinal(packed.key), value);
    this.#longest = Math.max(this.#longest, prefix.length);
    if (prefix.length < 32) this.#lengths |= 1 << prefix.length;
  }

  /**
   * @param compare order of the values of one prefix. @default as they were added
   */
  finish(compare?: CompareValues): PrefixIndex {
    const capacity = Math.max(2, Math.ceil(this.#count / FINISHED));
    const bytes = header.words * 4 + capacity * 12 + (this.#count + 1) * 4 + this.#size * 4;
    const buffer = new SharedArrayBuffer(bytes);
    new Int32Array(buffer, 0, header.words).set([
      capacity,
      this.#count,
      this.#size,
      this.#lengths,
      this.#longest,
    ]);
    const index = new PrefixIndex(buffer);
    moveSlots(this.#keys, this.#ordinals, index);
    this.#fill(index);
    if (compare !== undefined) sortEach(index, compare);
    return index;
  }

  /** Puts the values of each prefix side by side, in the order in which they came. */
  #fill({ starts, values }: PrefixIndex): void {
    for (let at = 0; at < this.#size; at++) {
      const next = (this.#owners[at] ?? 0) + 1;
      starts[next] = (starts[next] ?? 0) + 1;
    }
    for (let ordinal = 1; ordinal <= this.#count; ordinal++) {
      starts[ordinal] = (starts[ordinal] ?? 0) + (starts[ordinal - 1] ?? 0);
    }
    const free = starts.slice(0, this.#count);
    for (let at = 0; at < this.#size; at++) {
      const owner = this.#owners[at] ?? 0;
      const place = free[owner] ?? 0;
      values[place] = this.#values[at] ?? 0;
      free[owner] = place + 1;
    }
  }

  #enter(ordinal: number, value: number): void {
    if (this.#size === this.#values.length) {
      this.#owners = grown(this.#owners, new Int32Array(this.#size * 2));
      this.#values = grown(this.#values, new Uint32Array(this.#size * 2));
    }
    this.#owners[this.#size] = ordinal;
    this.#values[this.#size] = value;
    this.#size += 1;
  }

  #stem(key: number): number {
    const ordinal = this.#ordinal(key);
    if (ordinal < MOST_STEMS) return ordinal;
    throw new RangeError(
      `a table of more than ${String(MOST_STEMS)} prefixes takes none of more than 14 characters`,
    );
  }

  /** That of the key, which is entered where it is new. */
  #ordinal(key: number): number {
    let slot = slotOf(this.#keys, key);
    if (this.#keys[slot] === key) return this.#ordinals[slot] ?? 0;
    if (this.#count + 1 > this.#keys.length * FULLEST) {
      this.#grow();
      slot = slotOf(this.#keys, key);
    }
    this.#keys[slot] = key;
    this.#ordinals[slot] = this.#count;
    this.#count += 1;
    return this.#count - 1;
  }

  #grow(): void {
    const capacity = this.#keys.length * 2;
    const larger = {
      keys: new Float64Array(capacity),
      ordinals: new Int32Array(capacity),
    };
    moveSlots(this.#keys, this.#ordinals, larger);
    this.#keys = larger.keys;
    this.#ordinals = larger.ordinals;
  }
}

function moveSlots(
  keys: Float64Array,
  ordinals: Int32Array,
  target: { readonly keys: Float64Array; readonly ordinals: Int32Array },
): void {
  target.keys.fill(EMPTY);
  for (let slot = 0; slot < keys.length; slot++) {
    const key = keys[slot] ?? EMPTY;
    if (key === EMPTY) continue;
    const place = slotOf(target.keys, key);
    target.keys[place] = key;
    target.ordinals[place] = ordinals[slot] ?? 0;
  }
}

function sortEach({ prefixes, starts, values }: PrefixIndex, compare: CompareValues): void {
  for (let ordinal = 0; ordinal < prefixes; ordinal++) {
    const start = starts[ordinal] ?? 0;
    const end = starts[ordinal + 1] ?? 0;
    if (end - start > FEW) values.subarray(start, end).sort(compare);
    else sortFew(values, { start, end }, compare);
  }
}

/** By insertion: most prefixes have a handful of values, which came almost in order. */
function sortFew(
  values: Uint32Array,
  { start, end }: { readonly start: number; readonly end: number },
  compare: CompareValues,
): void {
  for (let next = start + 1; next < end; next++) {
    const value = values[next] ?? 0;
    let place = next;
    while (place > start && compare(values[place - 1] ?? 0, value) > 0) {
      values[place] = values[place - 1] ?? 0;
      place -= 1;
    }
    values[place] = value;
  }
}

function grown<Kind extends Int32Array | Uint32Array>(array: Kind, larger: Kind): Kind {
  larger.set(array);
  return larger;
}

function noPrefix(text: string): RangeError {
  return new RangeError(`"${text}" is no prefix: write digits, * or #`);
}
