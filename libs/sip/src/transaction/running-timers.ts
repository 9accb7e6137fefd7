import type { TimerHandle, TimerPort } from './timer-port.ts';
import type { TimerName } from './transition.ts';

/** The timers of one transaction that run now: never more than three, so a scan beats a map. */
export class RunningTimers {
  readonly #clock: TimerPort;
  readonly #fire: (name: TimerName) => void;
  readonly #names: TimerName[] = [];
  readonly #handles: TimerHandle[] = [];

  constructor(clock: TimerPort, fire: (name: TimerName) => void) {
    this.#clock = clock;
    this.#fire = fire;
  }

  /** Starts a timer, or starts it anew. */
  start(name: TimerName, ms: number): void {
    this.stop(name);
    this.#names.push(name);
    this.#handles.push(
      this.#clock.start(ms, () => {
        this.#forget(name);
        this.#fire(name);
      }),
    );
  }

  /** Stops a timer if it runs. */
  stop(name: TimerName): void {
    const handle = this.#forget(name);
    if (handle !== undefined) this.#clock.stop(handle);
  }

  /** Stops whatever runs. */
  stopAll(): void {
    for (const handle of this.#handles) this.#clock.stop(handle);
    this.#names.length = 0;
    this.#handles.length = 0;
  }

  #forget(name: TimerName): TimerHandle | undefined {
    const at = this.#names.indexOf(name);
    if (at < 0) return undefined;
    const handle = this.#handles[at];
    this.#names.splice(at, 1);
    this.#handles.splice(at, 1);
    return handle;
  }
}
