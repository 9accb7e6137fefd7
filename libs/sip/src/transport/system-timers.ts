import type { TimerPort } from '../transaction/timer-port.ts';

/** Node's timers: one list per duration, so that starting and stopping one is cheap. */
export const systemTimers: TimerPort = {
  start: (ms, fire) => setTimeout(fire, ms),
  stop: (handle) => {
    clearTimeout(handle as NodeJS.Timeout);
  },
};
