/** Keep-alives that were due longer ago than this wait for their next turn: after an outage not all are due at once. */
export const MADE_UP_MS = 2000;

/** Places of a round. */
const PLACES = 65_536;

/** How far a round is, in places since the epoch. */
export function placeAt(nowMs: number, intervalMs: number): number {
  return Math.floor((nowMs * PLACES) / intervalMs);
}

/** Whether the turn of a phone lies behind `last` and not behind `now`. @param key its place in hexadecimal */
export function isInTurn(key: string, last: number, now: number): boolean {
  const place = Number.parseInt(key, 16);
  return (((now - place) % PLACES) + PLACES) % PLACES < now - last;
}
