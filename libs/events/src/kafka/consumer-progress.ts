/** How far a consumer is, by what is known of its partitions and of its place in the group. */
export class ConsumerProgress {
  readonly #silenceMs: number;
  readonly #lags = new Map<number, number>();
  #heardMs = 0;
  #currentSinceMs: number | undefined;

  /** @param silenceMs without a heartbeat for this long the log counts as away */
  constructor(silenceMs: number) {
    this.#silenceMs = silenceMs;
  }

  /** Events that have come, or are known to be there, and are not handled. */
  lag(): number {
    let sum = 0;
    for (const lag of this.#lags.values()) sum += lag;
    return sum;
  }

  currentSinceMs(nowMs: number): number | undefined {
    if (nowMs - this.#heardMs > this.#silenceMs) this.#currentSinceMs = undefined;
    return this.#currentSinceMs;
  }

  /** The coordinator of the group has answered. */
  heard(nowMs: number): void {
    const wasCurrent = this.currentSinceMs(nowMs) !== undefined;
    this.#heardMs = nowMs;
    if (!wasCurrent && this.lag() === 0) this.#currentSinceMs = nowMs;
  }

  /** A batch has come, and with its first event this many are not handled. */
  received(partition: number, behind: number): void {
    this.#lags.set(partition, behind);
  }

  /** A batch has been handled; this many remain behind it. */
  handled(partition: number, behind: number): void {
    this.#lags.set(partition, behind);
    if (behind > 0) this.#currentSinceMs = undefined;
  }

  /** A batch could not be handled. */
  failed(): void {
    this.#currentSinceMs = undefined;
  }

  /** The partitions have been dealt out anew: nothing is known of them. */
  reset(): void {
    this.#lags.clear();
    this.#currentSinceMs = undefined;
    this.#heardMs = 0;
  }
}
