import type { TimerHandle, TimerPort } from '../../src/transaction/timer-port.ts';

interface Timer {
  readonly dueMs: number;
  readonly fire: () => void;
}

/** A clock of this package's own, which imports nothing of the repository. */
export class FakeTimers implements TimerPort {
  nowMs = 0;
  readonly #timers = new Set<Timer>();

  get pending(): number {
    return this.#timers.size;
  }

  start(ms: number, fire: () => void): TimerHandle {
    const timer = { dueMs: this.nowMs + ms, fire };
    this.#timers.add(timer);
    return timer;
  }

  stop(handle: TimerHandle): void {
    this.#timers.delete(handle as Timer);
  }

  advance(ms: number): void {
    const untilMs = this.nowMs + ms;
    this.#runUntil(untilMs);
    this.nowMs = untilMs;
  }

  runAll(): void {
    this.#runUntil(Infinity);
  }

  #runUntil(untilMs: number): void {
    for (
      let next = this.#next();
      next !== undefined && next.dueMs <= untilMs;
      next = this.#next()
    ) {
      this.#timers.delete(next);
      this.nowMs = next.dueMs;
      next.fire();
    }
  }

  #next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (first === undefined || timer.dueMs < first.dueMs) first = timer;
    }
    return first;
  }
}
