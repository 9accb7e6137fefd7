/** A gateway that gets fewer calls since it keeps failing (ROUTE-16). */
export interface Throttle {
  readonly level: number;
  /** Milliseconds since the epoch. */
  readonly sinceMs: number;
  /** Of these attempts so many had failed when it came to that level. */
  readonly attempts: number;
  readonly failed: number;
}

/** By gateway; mostly empty. */
export type Throttles = ReadonlyMap<string, Throttle>;
