import { setTimeout as sleep } from 'node:timers/promises';

/** How long `until` tries and how often. */
export interface UntilOptions {
  /** @default 10_000 */
  readonly timeoutMs?: number;
  /** @default 50 */
  readonly everyMs?: number;
}

/**
 * Repeats `probe` until it returns something other than undefined or false, and returns that.
 * A probe that throws counts as "not yet"; its last error is the cause of the time-out.
 */
export async function until<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  { timeoutMs = 10_000, everyMs = 50 }: UntilOptions = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let cause: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > deadline) {
      throw new Error(`not within ${String(timeoutMs)} ms: ${what}`, { cause });
    }
    await sleep(everyMs);
  }
}
