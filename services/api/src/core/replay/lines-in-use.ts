/** A limit that a call needs a line of, or a call of the second. */
export interface Claim {
  /** As the ledger has it: `account:demo`. */
  readonly key: string;
  /** 0 = unlimited. */
  readonly limit: number;
  readonly perSecond: boolean;
  /** Lines that must be free besides. */
  readonly reserved: number;
}

/** What was used of a line key. */
export interface LineFigures {
  /** Of the configuration, when it was last asked; 0 = none. */
  limit: number;
  /** Of calls per second; 0 = none. */
  rateLimit: number;
  /** Lines at the same time, at most. */
  peak: number;
  /** When that was, milliseconds since the epoch. */
  peakAtMs: number;
  /** Calls within a second, wherever it begins, at most. */
  ratePeak: number;
  ratePeakAtMs: number;
  /** Times that it had nothing free for a call. */
  full: number;
}

interface Used extends LineFigures {
  inUse: number;
  /** Calls of the last second, oldest first. */
  recent: number[];
}

/** When lines are given back, and which. */
type Held = [endMs: number, keys: readonly string[]];

/** All of it, as JSON. */
export interface LinesState {
  readonly used: readonly (readonly [string, Used])[];
  readonly held: readonly Held[];
}

const SECOND_MS = 1000;

/**
 * Lines and calls per second of calls that are played one after another in the order of their begins (ROUTE-05, ROUTE-15). It takes as much
 * memory as there are limits and calls at the same time.
 */
export class LinesInUse {
  readonly #used: Map<string, Used>;
  /** A heap: the first end comes first. */
  readonly #held: Held[];
  readonly #areLimitsKept: boolean;

  /** @param areLimitsKept false: what is needed is counted, and nothing refused */
  constructor(areLimitsKept: boolean, state: LinesState = { used: [], held: [] }) {
    this.#areLimitsKept = areLimitsKept;
    this.#used = new Map(state.used.map(([key, used]) => [key, { ...used, recent: [...used.recent] }])); // prettier-ignore
    this.#held = state.held.map(([endMs, keys]) => [endMs, keys]);
  }

  /** Gives back what has ended by then. Never goes back. */
  goTo(atMs: number): void {
    for (let [first] = this.#held; first !== undefined && first[0] <= atMs; [first] = this.#held) {
      this.#pop();
      for (const key of first[1]) this.#of(key).inUse -= 1;
    }
  }

  /** The first of these that has nothing free; undefined where all have. It is counted. */
  full(claims: readonly Claim[], atMs: number): Claim | undefined {
    const found = claims.find((claim) => this.#isFull(claim, atMs));
    if (found !== undefined) this.#noted(found).full += 1;
    return found;
  }

  /** Takes a line of each, and a call of this second. */
  take(claims: readonly Claim[], atMs: number, endMs: number): void {
    const keys: string[] = [];
    for (const claim of claims) {
      const used = this.#noted(claim);
      if (claim.perSecond) continue;
      keys.push(claim.key);
      used.inUse += 1;
      if (used.inUse > used.peak) Object.assign(used, { peak: used.inUse, peakAtMs: atMs });
    }
    // A key may have a claim of each kind, and a call of it is one.
    for (const key of new Set(claims.map((claim) => claim.key))) count(this.#of(key), atMs);
    if (keys.length > 0) this.#push([endMs, keys]);
  }

  /** What was used, by key. */
  figures(): ReadonlyMap<string, LineFigures> {
    return this.#used;
  }

  state(): LinesState {
    return { used: [...this.#used], held: this.#held };
  }

  #isFull({ key, limit, perSecond, reserved }: Claim, atMs: number): boolean {
    if (!this.#areLimitsKept || limit === 0) return false;
    const used = this.#of(key);
    if (!perSecond) return used.inUse >= limit - Math.max(0, reserved - 1);
    return used.recent.filter((startMs) => startMs > atMs - SECOND_MS).length >= limit;
  }

  #noted({ key, limit, perSecond }: Claim): Used {
    const used = this.#of(key);
    if (perSecond) used.rateLimit = limit;
    else used.limit = limit;
    return used;
  }

  #of(key: string): Used {
    let used = this.#used.get(key);
    if (used === undefined) {
      used = { limit: 0, rateLimit: 0, peak: 0, peakAtMs: 0, ratePeak: 0, ratePeakAtMs: 0, full: 0, inUse: 0, recent: [] }; // prettier-ignore
      this.#used.set(key, used);
    }
    return used;
  }

  #push(entry: Held): void {
    const heap = this.#held;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#endAt(parent) <= this.#endAt(at)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #pop(): void {
    const heap = this.#held;
    this.#swap(0, heap.length - 1);
    heap.pop();
    for (let at = 0; ;) {
      const left = 2 * at + 1;
      const least = [at, left, left + 1].reduce((a, b) => this.#endAt(b) < this.#endAt(a) ? b : a); // prettier-ignore
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #endAt(index: number): number {
    return this.#held[index]?.[0] ?? Infinity;
  }

  #swap(one: number, other: number): void {
    const [a, b] = [this.#held[one], this.#held[other]];
    if (a === undefined || b === undefined) return;
    this.#held[one] = b;
    this.#held[other] = a;
  }
}

function count(used: Used, atMs: number): void {
  const from = used.recent.findIndex((startMs) => startMs > atMs - SECOND_MS);
  used.recent.splice(0, from === -1 ? used.recent.length : from);
  used.recent.push(atMs);
  if (used.recent.length <= used.ratePeak) return;
  used.ratePeak = used.recent.length;
  used.ratePeakAtMs = atMs;
}
