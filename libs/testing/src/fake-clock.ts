import type { TimerHandle, TimerPort } from '@tandem/sip';

interface FakeTimer {
  readonly dueMs: number;
  readonly order: number;
  readonly fire: () => void;
}

/** Time that moves only when a test says so. Timers fire in the order of their time, then of their start. */
export class FakeClock implements TimerPort {
  #nowMs: number;
  #order = 0;
  readonly #timers = new Set<FakeTimer>();

  /** @param nowMs where time begins, in ms since 1970. */
  constructor(nowMs = Date.UTC(2030, 0, 1)) {
    this.#nowMs = nowMs;
  }

  /** Ms since 1970. */
  now(): number {
    return this.#nowMs;
  }

  /** How many timers wait: 0 at the end of a test that left nothing behind. */
  get pending(): number {
    return this.#timers.size;
  }

  start(ms: number, fire: () => void): TimerHandle {
    const timer: FakeTimer = { dueMs: this.#nowMs + Math.max(0, ms), order: this.#order++, fire };
    this.#timers.add(timer);
    return timer;
  }

  stop(handle: TimerHandle): void {
    this.#timers.delete(handle as FakeTimer);
  }

  /** Resolves once the clock has moved on by `ms`. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.start(ms, resolve);
    });
  }

  /** Moves on by `ms` and fires what is due, at its own time, timers started on the way too. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (
      let next = this.#next();
      next !== undefined && next.dueMs <= untilMs;
      next = this.#next()
    ) {
      this.#fire(next);
    }
    this.#nowMs = untilMs;
  }

  /** As {@link FakeClock.advance}, and lets promises settle before the first timer and after each. */
  async advanceSettled(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settle();
    for (
      let next = this.#next();
      next !== undefined && next.dueMs <= untilMs;
      next = this.#next()
    ) {
      this.#fire(next);
      await settle();
    }
    this.#nowMs = untilMs;
  }

  /**
   * Moves from timer to timer until the promise is settled, and gives its result.
   * @throws when no timer is left, or `limitMs` have passed, and the promise still waits.
   */
  async until<T>(promise: Promise<T>, limitMs = 3_600_000): Promise<T> {
    const progress = { isSettled: false };
    const note = (): void => {
      progress.isSettled = true;
    };
    promise.then(note, note);
    const untilMs = this.#nowMs + limitMs;
    await settle();
    while (!progress.isSettled) {
      const next = this.#next();
      if (next === undefined) throw new Error('no timer is left that could settle the promise');
      if (next.dueMs > untilMs) throw new Error(`not settled after ${String(limitMs)} ms`);
      this.#fire(next);
      await settle();
    }
    return promise;
  }

  /** Fires every timer until none is left. @throws after `limit` timers: they start each other for ever. */
  runAll(limit = 1_000_000): void {
    for (let fired = 0; ; fired++) {
      const next = this.#next();
      if (next === undefined) return;
      if (fired === limit) throw new Error('the timers never end');
      this.#fire(next);
    }
  }

  #fire(timer: FakeTimer): void {
    this.#timers.delete(timer);
    this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
    timer.fire();
  }

  #next(): FakeTimer | undefined {
    let first: FakeTimer | undefined;
    for (const timer of this.#timers) {
      if (first === undefined || timer.dueMs < first.dueMs) first = timer;
    }
    return first;
  }
}

/** A turn of the event loop: whatever is resolved has then run. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
