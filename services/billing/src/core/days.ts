/** Days are UTC: those of partitions, archives and reconciliations. */
export const DAY_MS = 86_400_000;

/** The beginning of the day of a moment, in ms. */
export function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS) * DAY_MS;
}

/** `2026-11-21` */
export function dayName(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
