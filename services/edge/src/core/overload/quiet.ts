/** Until so long nothing has happened it is not over. */
const CALM_AFTER_MS = 2000;

/** What ends once it has been quiet for some time. */
export interface Quietable {
  quietSinceMs: number | undefined;
}

/** @returns whether it has been quiet for two seconds by now, this moment included */
export function hasCalmed(rate: Quietable, isQuiet: boolean, nowMs: number): boolean {
  if (!isQuiet) {
    rate.quietSinceMs = undefined;
    return false;
  }
  rate.quietSinceMs ??= nowMs;
  return nowMs - rate.quietSinceMs >= CALM_AFTER_MS;
}
