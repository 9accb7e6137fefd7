import type { Nanos } from '@tandem/domain';
import type { Pairing, SidedCall } from './dispute-matching.ts';

export interface SideSum {
  readonly calls: number;
  readonly durationMs: number;
  readonly price: Nanos;
}

/** What a comparison came to. */
export interface DisputeSums {
  readonly ours: SideSum;
  readonly theirs: SideSum;
  readonly onlyOurs: SideSum;
  readonly onlyTheirs: SideSum;
  readonly matched: number;
  readonly durationDiffers: number;
  readonly priceDiffers: number;
  /** Theirs less ours, of the matched calls. */
  readonly durationMs: number;
  readonly price: Nanos;
}

export const differenceKinds = ['only-ours', 'only-theirs', 'duration', 'price', 'both'] as const;
/** both: duration and price of a call differ. */
export type DifferenceKind = (typeof differenceKinds)[number];

export interface DisputeBounds {
  /** Our time of a call, or theirs where we have not got it: from and before. */
  readonly fromMs: number;
  readonly untilMs: number;
  readonly durationMs: number;
  readonly price: Nanos;
}

const NOTHING: SideSum = { calls: 0, durationMs: 0, price: 0n };

/** Adds up what two sides differ by. */
export class DisputeTally {
  readonly #bounds: DisputeBounds;
  #sums: DisputeSums = {
    ours: NOTHING,
    theirs: NOTHING,
    onlyOurs: NOTHING,
    onlyTheirs: NOTHING,
    matched: 0,
    durationDiffers: 0,
    priceDiffers: 0,
    durationMs: 0,
    price: 0n,
  };

  constructor(bounds: DisputeBounds) {
    this.#bounds = bounds;
  }

  get sums(): DisputeSums {
    return this.#sums;
  }

  /** @returns how the two differ; undefined where they do not, or the call is of another time */
  add({ ours, theirs }: Pairing<SidedCall>): DifferenceKind | undefined {
    const startMs = ours?.startMs ?? theirs?.startMs ?? NaN;
    if (!(startMs >= this.#bounds.fromMs && startMs < this.#bounds.untilMs)) return undefined;
    const sums = this.#sums;
    if (ours !== undefined) this.#sums = { ...this.#sums, ours: plus(sums.ours, ours) };
    if (theirs !== undefined) this.#sums = { ...this.#sums, theirs: plus(sums.theirs, theirs) };
    if (theirs === undefined) {
      if (ours !== undefined) this.#sums = { ...this.#sums, onlyOurs: plus(sums.onlyOurs, ours) };
      return 'only-ours';
    }
    if (ours === undefined) {
      this.#sums = { ...this.#sums, onlyTheirs: plus(sums.onlyTheirs, theirs) };
      return 'only-theirs';
    }
    return this.#compare(ours, theirs);
  }

  #compare(ours: SidedCall, theirs: SidedCall): DifferenceKind | undefined {
    const durationMs = theirs.durationMs - ours.durationMs;
    const isPriced = ours.price !== undefined && theirs.price !== undefined;
    const price = isPriced ? theirs.price - ours.price : 0n;
    const isLonger = Math.abs(durationMs) > this.#bounds.durationMs;
    const isDearer = (price < 0n ? -price : price) > this.#bounds.price;
    const sums = this.#sums;
    this.#sums = {
      ...sums,
      matched: sums.matched + 1,
      durationDiffers: sums.durationDiffers + (isLonger ? 1 : 0),
      priceDiffers: sums.priceDiffers + (isDearer ? 1 : 0),
      durationMs: sums.durationMs + durationMs,
      price: sums.price + price,
    };
    if (isLonger && isDearer) return 'both';
    if (isLonger) return 'duration';
    return isDearer ? 'price' : undefined;
  }
}

function plus(sum: SideSum, { durationMs, price = 0n }: SidedCall): SideSum {
  return {
    calls: sum.calls + 1,
    durationMs: sum.durationMs + durationMs,
    price: sum.price + price,
  };
}
