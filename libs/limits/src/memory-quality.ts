import { BUCKET_MS, KEPT_BUCKETS, MOST_PREFIXES, sumOf } from './gateway-quality.ts';
import type { GatewayQualities, QualityBucket, QualityNote } from './gateway-quality.ts';

/** Live quality for one process. */
export class MemoryGatewayQualities implements GatewayQualities {
  readonly #now: () => number;
  readonly #buckets = new Map<number, Map<string, QualityNote>>();

  /** @param now milliseconds since the epoch */
  constructor(now: () => number) {
    this.#now = now;
  }

  async add(notes: readonly QualityNote[]): Promise<void> {
    const at = this.#bucket();
    const bucket = this.#buckets.get(at) ?? new Map<string, QualityNote>();
    this.#buckets.set(at, bucket);
    for (const each of notes) {
      const { gateway, prefix } = each;
      const key = `${gateway} ${prefix ?? '.'}`;
      const known = bucket.get(key);
      if (known === undefined && prefix !== undefined && bucket.size >= MOST_PREFIXES) continue;
      bucket.set(key, { gateway, prefix, ...sumOf(known === undefined ? [each] : [known, each]) });
    }
    for (const old of this.#buckets.keys()) if (old <= at - KEPT_BUCKETS) this.#buckets.delete(old);
    return Promise.resolve();
  }

  async read(fromBucket: number): Promise<readonly QualityBucket[]> {
    const last = this.#bucket();
    const first = Math.min(Math.max(fromBucket, last - KEPT_BUCKETS + 1), last);
    const found = Array.from({ length: last - first + 1 }, (_, at) => ({
      bucket: first + at,
      notes: [...(this.#buckets.get(first + at)?.values() ?? [])],
    }));
    return Promise.resolve(found);
  }

  #bucket(): number {
    return Math.floor(this.#now() / BUCKET_MS);
  }
}
