import type { CallEffect, CallInput } from '../core/call/call-steps.ts';
import type { Clock } from '../ports.ts';

type Start = Extract<CallEffect, { kind: 'start-timer' }>;
type Fired = Extract<CallInput, { kind: 'timer' }>;

/** The timers of a call: one of its own, and one for each INVITE. */
export class CallTimers {
  readonly #clock: Clock;
  /** By the number of the INVITE; 0 = of the call. */
  readonly #running = new Map<number, object>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** In place of the one that runs for the same INVITE. */
  start(effect: Start, onFired: (timer: Fired) => void): void {
    const number = effect.name === 'slow' ? 0 : effect.sequence;
    this.stop(number);
    const timer = this.#clock.start(effect.ms, () => {
      this.#running.delete(number);
      if (effect.name === 'slow') onFired({ kind: 'timer', name: 'slow' });
      else onFired({ kind: 'timer', name: effect.name, sequence: number });
    });
    this.#running.set(number, timer);
  }

  /** @param number of an INVITE, 0 = of the call. @default all of them */
  stop(number?: number): void {
    for (const [one, timer] of this.#running) {
      if (number !== undefined && one !== number) continue;
      this.#clock.stop(timer);
      this.#running.delete(one);
    }
  }
}
