import { BUCKET_MS, sumOf } from '@tandem/limits';
import type { QualityBucket, QualityFigures } from '@tandem/limits';

/** How a gateway does of late (ROUTE-04). */
export interface GatewayQuality {
  /** Attempts that are over. */
  readonly attempts: number;
  readonly answered: number;
  /** By its own fault, or that of what is behind it. */
  readonly failed: number;
  /** ASR: answered of attempts, 0 to 1. */
  readonly answerSeizureRatio: number;
  /** ACD: of those that were answered; 0 where none was. */
  readonly averageCallSeconds: number;
  /** PDD: from the INVITE to the first ringing or answer; undefined where none came so far. */
  readonly postDialSeconds: number | undefined;
}

/** The quality of gateways over one window; never changed once built. */
export class LiveQuality {
  readonly windowSeconds: number;
  /** Of all prefixes. */
  readonly gateways: ReadonlyMap<string, GatewayQuality>;
  readonly #prefixes: ReadonlyMap<string, ReadonlyMap<string, GatewayQuality>>;
  readonly #kept: readonly QualityBucket[];

  /** @param kept all that is known, the bucket of this moment last; what is older than the window does not count */
  constructor(windowSeconds: number, kept: readonly QualityBucket[]) {
    const oldest = (kept.at(-1)?.bucket ?? 0) - bucketsOf(windowSeconds);
    const { gateways, prefixes } = summed(kept.filter(({ bucket }) => bucket >= oldest));
    this.#kept = kept;
    this.windowSeconds = windowSeconds;
    this.gateways = gateways;
    this.#prefixes = prefixes;
  }

  /**
   * The port by which candidates are ordered: how a gateway does with one of its prefixes.
   * @returns undefined where no attempt has come to its end within the window
   */
  of(gateway: string, prefix: string): GatewayQuality | undefined {
    return this.#prefixes.get(gateway)?.get(prefix);
  }

  /** The same over another window, as far as it is kept. */
  over(windowSeconds: number): LiveQuality {
    return new LiveQuality(windowSeconds, this.#kept);
  }

  /** By prefix. */
  prefixesOf(gateway: string): ReadonlyMap<string, GatewayQuality> {
    return this.#prefixes.get(gateway) ?? none;
  }
}

/** How many buckets a window takes, the one of this moment besides. */
function bucketsOf(windowSeconds: number): number {
  return Math.ceil((windowSeconds * 1000) / BUCKET_MS);
}

const none: ReadonlyMap<string, GatewayQuality> = new Map();

function summed(buckets: readonly QualityBucket[]) {
  const notes = buckets.flatMap((bucket) => bucket.notes);
  const gateways = new Map<string, GatewayQuality>();
  const prefixes = new Map<string, Map<string, GatewayQuality>>();
  for (const [gateway, all] of Map.groupBy(notes, (note) => note.gateway)) {
    for (const [prefix, some] of Map.groupBy(all, (note) => note.prefix)) {
      const quality = qualityOf(sumOf(some));
      if (prefix === undefined) {
        gateways.set(gateway, quality);
        continue;
      }
      const known = prefixes.get(gateway) ?? new Map<string, GatewayQuality>();
      prefixes.set(gateway, known.set(prefix, quality));
    }
  }
  return { gateways, prefixes };
}

function qualityOf(figures: QualityFigures): GatewayQuality {
  const { answered, attempts, failed, postDialMs, postDials, talkMs } = figures;
  return {
    attempts,
    answered,
    failed,
    answerSeizureRatio: attempts === 0 ? 0 : answered / attempts,
    averageCallSeconds: answered === 0 ? 0 : talkMs / answered / 1000,
    postDialSeconds: postDials === 0 ? undefined : postDialMs / postDials / 1000,
  };
}
