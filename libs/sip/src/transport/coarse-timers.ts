import type { TimerHandle, TimerPort } from '../transaction/timer-port.ts';

/** What {@link CoarseTimers} runs on. */
export interface CoarseTimersOptions {
  readonly exact: TimerPort;
  /** A clock that never goes back, in ms. */
  readonly now: () => number;
  /** How late a timer may be, and how far apart timers fire, in ms. */
  readonly grainMs: number;
}

/** A timer of {@link CoarseTimers}. */
export class CoarseTimer {
  readonly fire: () => void;
  readonly bucket: Set<CoarseTimer>;

  constructor(fire: () => void, bucket: Set<CoarseTimer>) {
    this.fire = fire;
    this.bucket = bucket;
    bucket.add(this);
  }
}

/**
 * Gathers timers in buckets that are one grain apart, so that hundreds of them share one timer of the system and wake the
 * process once. None fires early.
 */
export class CoarseTimers {
  readonly #options: CoarseTimersOptions;
  /** By the grain at whose end they are due. */
  readonly #buckets = new Map<number, Set<CoarseTimer>>();
  #alarm: TimerHandle | undefined;
  /** The grain for which the alarm is set. */
  #alarmGrain = Infinity;

  constructor(options: CoarseTimersOptions) {
    this.#options = options;
  }

  start(ms: number, fire: () => void): CoarseTimer {
    const grain = Math.ceil((this.#options.now() + ms) / this.#options.grainMs);
    let bucket = this.#buckets.get(grain);
    if (bucket === undefined) {
      bucket = new Set();
      this.#buckets.set(grain, bucket);
      if (grain < this.#alarmGrain) this.#setAlarm(grain);
    }
    return new CoarseTimer(fire, bucket);
  }

  /** One that has fired is no mistake. */
  stop(timer: CoarseTimer): void {
    timer.bucket.delete(timer);
  }

  #setAlarm(grain: number): void {
    const { exact, now, grainMs } = this.#options;
    if (this.#alarm !== undefined) exact.stop(this.#alarm);
    this.#alarmGrain = grain;
    // Timers of the system drop fractions, and may be a millisecond early.
    this.#alarm = exact.start(Math.max(Math.ceil(grain * grainMs - now()) + 1, 0), () => {
      this.#alarm = undefined;
      this.#alarmGrain = Infinity;
      this.#fireDue();
    });
  }

  #fireDue(): void {
    const { now, grainMs } = this.#options;
    try {
      for (let grain = this.#earliest(); grain * grainMs <= now(); grain = this.#earliest()) {
        this.#empty(grain);
      }
    } finally {
      // Also where a timer threw: the others are still due.
      const next = this.#earliest();
      if (next < this.#alarmGrain) this.#setAlarm(next);
    }
  }

  #empty(grain: number): void {
    for (const timer of this.#buckets.get(grain) ?? []) {
      timer.bucket.delete(timer);
      timer.fire();
    }
    this.#buckets.delete(grain);
  }

  /** A few dozen buckets, looked through once a grain. */
  #earliest(): number {
    let earliest = Infinity;
    for (const grain of this.#buckets.keys()) earliest = Math.min(earliest, grain);
    return earliest;
  }
}
