/** Places that a text may have; the oldest goes. */
const WAYS = 4;
const FIELDS = 2;

/**
 * Which texts were seen lately, in a table that does not grow: 8 bytes each, and where too many come the oldest are forgotten. One
 * that was not seen is taken for one that was once in some billions.
 */
export class RecentMarks {
  readonly #keptS: number;
  readonly #sets: number;
  #table: Uint32Array | undefined;

  /** @param size how many it holds, a power of two @param keptMs for how long */
  constructor(size: number, keptMs: number) {
    this.#sets = size / WAYS;
    this.#keptS = Math.ceil(keptMs / 1000);
  }

  add(text: string, nowMs: number): void {
    // Most processes never need it.
    this.#table ??= new Uint32Array(this.#sets * WAYS * FIELDS);
    const table = this.#table;
    const first = this.#firstOf(text);
    let oldest = first;
    for (let at = first; at < first + WAYS * FIELDS; at += FIELDS) {
      if ((table[at + 1] ?? 0) < (table[oldest + 1] ?? 0)) oldest = at;
    }
    table[oldest] = printOf(text);
    table[oldest + 1] = seconds(nowMs);
  }

  has(text: string, nowMs: number): boolean {
    return this.#find(text, nowMs) >= 0;
  }

  /** As `has`, and forgets it. */
  take(text: string, nowMs: number): boolean {
    const at = this.#find(text, nowMs);
    if (at < 0 || this.#table === undefined) return false;
    this.#table[at + 1] = 0;
    return true;
  }

  #find(text: string, nowMs: number): number {
    const table = this.#table;
    if (table === undefined) return -1;
    const first = this.#firstOf(text);
    const print = printOf(text);
    const since = Math.max(0, seconds(nowMs) - this.#keptS);
    for (let at = first; at < first + WAYS * FIELDS; at += FIELDS) {
      if (table[at] === print && (table[at + 1] ?? 0) > since) return at;
    }
    return -1;
  }

  #firstOf(text: string): number {
    return (hashOf(text, 0x811c_9dc5) % this.#sets) * WAYS * FIELDS;
  }
}

function printOf(text: string): number {
  return hashOf(text, 0x9e37_79b1);
}

/** FNV-1a, and the last steps of MurmurHash3. */
function hashOf(text: string, basis: number): number {
  let hash = basis;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x0100_0193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** 0 is never: an empty place. */
function seconds(nowMs: number): number {
  return (Math.floor(nowMs / 1000) >>> 0) + 1;
}
