import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What a smaller text leaves behind is left to V8. */
const LARGE = 512 * 1024;
/** By then what was replaced is not used any more, and what follows at once is collected with it. */
const DELAY_MS = 1000;

let timer: NodeJS.Timeout | undefined;
let collect: (() => void) | undefined;

/**
 * Has the memory of something large given back a second later. V8 collects when a process allocates: one that only carries
 * calls would hold replaced configurations and what they were read with, hundreds of megabytes, for hours. The pause is a
 * small part of that in which the large thing was made: some 40 ms with 50 MB in use.
 * @param size characters of the text that was read or written; what small ones leave behind is left to V8
 */
export function releaseMemory(size: number): void {
  if (size < LARGE || timer !== undefined) return;
  timer = setTimeout(() => {
    timer = undefined;
    collect ??= collector();
    collect();
  }, DELAY_MS);
  timer.unref();
}

function collector(): () => void {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  // Only the context that was made in between has it.
  setFlagsFromString('--no-expose-gc');
  return gc;
}
