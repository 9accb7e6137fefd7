import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';

/** Behind every thread that has calls. */
const LOWEST_PRIORITY = 19;

/** Has this thread wait for all others. Linux schedules each thread by a priority of its own; elsewhere this one stays like the others. */
export function runAtLowestPriority(): void {
  try {
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    if (thread > 0) setPriority(thread, LOWEST_PRIORITY);
  } catch {
    // Not Linux, or not allowed.
  }
}
