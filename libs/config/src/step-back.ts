import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';

/**
 * Has the thread that calls it give way to the others of its process: Linux schedules each thread by a priority of its own. Elsewhere, or
 * where that is not allowed, nothing changes.
 * @param niceness 10: a tenth of the processor where calls want all of it. 19: what nobody else wants
 */
export function stepBack(niceness: 10 | 19): void {
  try {
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    // 0 would be the whole process.
    if (thread > 0) setPriority(thread, niceness);
  } catch {
    // Not Linux, or not allowed.
  }
}
