import { randomFillSync } from 'node:crypto';
import { systemTimers } from '@tandem/sip';
import type { Clock } from './ports.ts';

/** The wall clock with Node's timers. */
export const systemClock: Clock = { now: Date.now, ...systemTimers };

/** Random text from a pool that is filled now and then: one system call for hundreds of calls (edge.md §8). */
export function randomPool(): (bytes: number) => string {
  const pool = Buffer.alloc(8192);
  let used = pool.length;
  return (bytes) => {
    if (used + bytes > pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    used += bytes;
    return pool.toString('base64url', used - bytes, used);
  };
}
