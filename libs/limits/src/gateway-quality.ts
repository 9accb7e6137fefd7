/** What finished attempts at a gateway add up to. */
export interface QualityFigures {
  readonly attempts: number;
  readonly answered: number;
  /** By its own fault, or that of what is behind it (ITU-T E.425), and not the callee's. */
  readonly failed: number;
  /** Talked time of those that were answered, ms. */
  readonly talkMs: number;
  /** How many came as far as ringing or an answer, and how long that took together, ms. */
  readonly postDials: number;
  readonly postDialMs: number;
}

/** Figures of a gateway by one of its prefixes; undefined: by all of them together. */
export interface QualityNote extends QualityFigures {
  readonly gateway: string;
  readonly prefix: string | undefined;
}

/** Some minutes, and what was noted in them. */
export interface QualityBucket {
  /** Counts `BUCKET_MS` since the epoch. */
  readonly bucket: number;
  readonly notes: readonly QualityNote[];
}

/** Figures are added up over so long. */
export const BUCKET_MS = 300_000;
/** As long as figures are kept. */
export const KEPT_BUCKETS = 26;
/** Prefixes of gateways that have figures of their own in a bucket; further ones count for their gateways alone. */
export const MOST_PREFIXES = 10_000;

/**
 * How gateways do of late, by what is told of calls that are over: live figures, no books. Every method throws SwitchError
 * SWITCH_STORE_UNAVAILABLE where the store is away.
 */
export interface GatewayQualities {
  /** Adds to the bucket of this moment, by the store's clock. */
  add(notes: readonly QualityNote[]): Promise<void>;
  /** The buckets from this one on, as far as they are kept, to the one of this moment, which is the last. */
  read(fromBucket: number): Promise<readonly QualityBucket[]>;
}

const NOTHING: QualityFigures = {
  attempts: 0,
  answered: 0,
  failed: 0,
  talkMs: 0,
  postDials: 0,
  postDialMs: 0,
};

export function sumOf(all: Iterable<QualityFigures>): QualityFigures {
  let sum = NOTHING;
  for (const each of all) {
    sum = {
      attempts: sum.attempts + each.attempts,
      answered: sum.answered + each.answered,
      failed: sum.failed + each.failed,
      talkMs: sum.talkMs + each.talkMs,
      postDials: sum.postDials + each.postDials,
      postDialMs: sum.postDialMs + each.postDialMs,
    };
  }
  return sum;
}
