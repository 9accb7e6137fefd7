import type { LoadSample } from '../core/overload/pressure.ts';
import type { Clock } from '../ports.ts';

/** What is measured outside the calls. */
export interface LoadGaugeParts {
  /** How long datagrams wait until they are read, ms; to ask has it measured again. */
  readonly queueDelayMs: () => number;
  /** Added to how late the gauge's own timer is. @default nothing: for tests, whose timers are never late */
  readonly loopDelayMs?: (() => number) | undefined;
}

/** Where samples come from and go to. */
export interface LoadGaugeUser {
  readonly clock: Clock;
  readonly undecided: () => { readonly count: number; readonly sinceMs: number | undefined };
  /** @returns whether it is to be measured on, though nothing new comes */
  readonly onSample: (sample: LoadSample) => boolean;
}

const SAMPLE_MS = 100;
/** An idle pod is not to be woken up to learn that it is idle. */
const IDLE_AFTER_MS = 1000;

/** Measures the load of this process while there is any, ten times a second. */
export class LoadGauge {
  readonly #parts: LoadGaugeParts;
  readonly #user: LoadGaugeUser;
  #timer: object | undefined;
  #dueMs = 0;
  #startedMs = 0;
  #isClosed = false;

  constructor(parts: LoadGaugeParts, user: LoadGaugeUser) {
    this.#parts = parts;
    this.#user = user;
  }

  /** Something new has come: it is measured for the next second. */
  start(): void {
    this.#startedMs = this.#user.clock.now();
    if (this.#timer === undefined && !this.#isClosed) this.#next();
  }

  close(): void {
    this.#isClosed = true;
    if (this.#timer !== undefined) this.#user.clock.stop(this.#timer);
    this.#timer = undefined;
  }

  #next(): void {
    const { clock } = this.#user;
    this.#dueMs = clock.now() + SAMPLE_MS;
    this.#timer = clock.start(SAMPLE_MS, () => {
      this.#timer = undefined;
      this.#sample();
    });
  }

  #sample(): void {
    const { clock, onSample, undecided } = this.#user;
    const { loopDelayMs, queueDelayMs } = this.#parts;
    const nowMs = clock.now();
    const { count, sinceMs = nowMs } = undecided();
    const isToGoOn = onSample({
      loopDelayMs: Math.max(0, nowMs - this.#dueMs) + (loopDelayMs?.() ?? 0),
      queueDelayMs: queueDelayMs(),
      undecided: count,
      setUpDelayMs: Math.max(0, nowMs - sinceMs),
    });
    const isBusy = isToGoOn || nowMs - this.#startedMs < IDLE_AFTER_MS;
    if (isBusy && !this.#isClosed) this.#next();
  }
}
