import type { Clock } from '../ports.ts';

/** How often the store is asked again. */
const RETRY_MS = 500;
/** A sender gives up after 32 s (RFC 3261 §17.1.2.2, timer F), and still has to be told. */
const LONGEST_MS = 20_000;
/** Some ten megabytes. */
const MOST = 4096;

interface Waiting {
  readonly sinceMs: number;
  /** Undefined while the store is being asked. */
  timer: object | undefined;
}

/**
 * Messages in a dialog that need what the store alone has, for the time that it is away: a BYE that got 503 would end the call for its
 * sender alone. They are dealt with anew until the store answers; what a sender repeats meanwhile adds nothing.
 */
export class WaitingMessages {
  readonly #clock: Clock;
  readonly #waiting = new Map<string, Waiting>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * The store is away.
   * @param key the same for repetitions
   * @param again deals with the message from its beginning; then `take` or `done` is called
   * @returns whether the message waits; false where it has waited for long enough, or too many do
   */
  take(key: string, again: () => void): boolean {
    const known = this.#waiting.get(key);
    if (known?.timer !== undefined) return true;
    const nowMs = this.#clock.now();
    const waiting = known ?? { sinceMs: nowMs, timer: undefined };
    if (nowMs - waiting.sinceMs >= LONGEST_MS || (known === undefined && this.#isFull())) {
      this.#waiting.delete(key);
      return false;
    }
    waiting.timer = this.#clock.start(RETRY_MS, () => {
      waiting.timer = undefined;
      again();
    });
    this.#waiting.set(key, waiting);
    return true;
  }

  /** The store has answered. */
  done(key: string): void {
    const timer = this.#waiting.get(key)?.timer;
    if (timer !== undefined) this.#clock.stop(timer);
    this.#waiting.delete(key);
  }

  /** Senders repeat what waited here, and another pod deals with it. */
  close(): void {
    for (const { timer } of this.#waiting.values()) {
      if (timer !== undefined) this.#clock.stop(timer);
    }
    this.#waiting.clear();
  }

  #isFull(): boolean {
    return this.#waiting.size >= MOST;
  }
}
