import { setTimeout } from 'node:timers/promises';

/** Waits for some work, but not for ever: it goes on by itself then. The work never rejects. */
export async function waitFor(work: Promise<void>, ms: number): Promise<void> {
  const patience = new AbortController();
  const enough = setTimeout(ms, undefined, { signal: patience.signal, ref: false });
  await Promise.race([work, enough.catch(() => undefined)]);
  patience.abort();
}
