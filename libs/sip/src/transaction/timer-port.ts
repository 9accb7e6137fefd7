/** A running timer; opaque to who started it. */
export type TimerHandle = object;

/** Source of timers: the system's, or a fake clock's in tests. */
export interface TimerPort {
  /** Calls `fire` once, `ms` from now. */
  start(ms: number, fire: () => void): TimerHandle;
  /** Stops a timer; one that has fired is no mistake. */
  stop(handle: TimerHandle): void;
}
