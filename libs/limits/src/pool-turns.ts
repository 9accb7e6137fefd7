/** How many calls each pool of numbers has had, over all pods: whose turn it is (ROUTE-10). */
export interface PoolTurns {
  /** Counts a call, and says how many there were before it. @throws SwitchError SWITCH_STORE_UNAVAILABLE */
  take(pool: string): Promise<number>;
  /** The same without counting one. @throws SwitchError SWITCH_STORE_UNAVAILABLE */
  peek(pool: string): Promise<number>;
}

/** Turns for one process. */
export class MemoryPoolTurns implements PoolTurns {
  readonly #turns = new Map<string, number>();

  async take(pool: string): Promise<number> {
    // Nothing waits in between, so that nobody else has this turn.
    const before = this.#turns.get(pool) ?? 0;
    this.#turns.set(pool, before + 1);
    return Promise.resolve(before);
  }

  async peek(pool: string): Promise<number> {
    return Promise.resolve(this.#turns.get(pool) ?? 0);
  }
}
