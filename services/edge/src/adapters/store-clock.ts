/** Further than this the clocks are apart before the one follows the other: what happened in order keeps it. */
const TOLERANCE_MS = 2;

/**
 * The clock of a store as this process keeps it: by its own steady one, and by what the store says now and then. All who ask one
 * store have one clock, whatever their machines take the time to be.
 */
export class StoreClock {
  #aheadMs = Date.now() - steadyNow();
  #shortestMs = Number.POSITIVE_INFINITY;

  /** Milliseconds since the epoch, with fractions. */
  now(): number {
    return steadyNow() + this.#aheadMs;
  }

  /**
   * Takes an answer: what was on its way for long says little.
   * @param storeMs what the store takes the time to be, cut to whole ms
   * @param askedMs `steadyNow` when it was asked
   */
  heard(storeMs: number, askedMs: number, answeredMs = steadyNow()): void {
    const wayMs = answeredMs - askedMs;
    this.#shortestMs = Math.min(wayMs, this.#shortestMs * 1.05);
    if (wayMs > this.#shortestMs * 2 + 1) return;
    const aheadMs = storeMs + 0.5 - (askedMs + answeredMs) / 2;
    if (Math.abs(aheadMs - this.#aheadMs) > TOLERANCE_MS) this.#aheadMs = aheadMs;
  }
}

/** A clock that nobody sets, in ms with fractions. */
export function steadyNow(): number {
  return performance.timeOrigin + performance.now();
}
