interface Bucket {
  tokens: number;
  atMs: number;
}

/** A name may have `burst` at once, and `perSecond` of them come back. Names are forgotten, the longest known first. */
export class TokenBuckets {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #most: number;
  readonly #buckets = new Map<string, Bucket>();

  /** @param most names that are known at a time */
  constructor(perSecond: number, burst: number, most: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#most = most;
  }

  /** Takes one. @returns whether there was one */
  take(name: string, nowMs: number): boolean {
    const { atMs, tokens } = this.#buckets.get(name) ?? { tokens: this.#burst, atMs: nowMs };
    const back = (Math.max(0, nowMs - atMs) * this.#perSecond) / 1000;
    const now = Math.min(this.#burst, tokens + back);
    const isThere = now >= 1;
    this.#buckets.delete(name);
    this.#buckets.set(name, { tokens: isThere ? now - 1 : now, atMs: nowMs });
    if (this.#buckets.size > this.#most) this.#forgetOldest();
    return isThere;
  }

  #forgetOldest(): void {
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}
