import type { BookClock } from './name-book.ts';

/** Longer timers fire at once (Node). */
const LONGEST_MS = 2 ** 31 - 1;

/** The clock of the machine; its timers keep no process alive. */
export const systemClock: BookClock = {
  now: Date.now,
  start: (ms, fire) => setTimeout(fire, Math.min(ms, LONGEST_MS)).unref(),
  stop: (timer) => {
    clearTimeout(timer as NodeJS.Timeout);
  },
};
