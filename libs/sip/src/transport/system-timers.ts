import type { TimerPort } from '../transaction/timer-port.ts';
import { CoarseTimer, CoarseTimers } from './coarse-timers.ts';

/** Timers from here on end a wait or clean up, and may be late by a grain. Retransmissions are sooner (T2 is 4 s), and exact. */
const COARSE_FROM_MS = 5000;
const GRAIN_MS = 250;

const exact: TimerPort = {
  start: (ms, fire) => setTimeout(fire, ms),
  stop: (handle) => {
    clearTimeout(handle as NodeJS.Timeout);
  },
};
const coarse = new CoarseTimers({ exact, now: () => performance.now(), grainMs: GRAIN_MS });

/** Node's timers. Those of 5 s and more are gathered, so that what only cleans up wakes nobody for itself. */
export const systemTimers: TimerPort = {
  start: (ms, fire) => (ms < COARSE_FROM_MS ? exact : coarse).start(ms, fire),
  stop: (handle) => {
    if (handle instanceof CoarseTimer) coarse.stop(handle);
    else exact.stop(handle);
  },
};
