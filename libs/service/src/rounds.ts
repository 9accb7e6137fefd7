/**
 * Does something again and again, one round at a time: what falls due while a round goes on is left out. A round handles its
 * own failures. The timer does not keep the process alive.
 */
export class Rounds {
  readonly #everyMs: number;
  readonly #round: (stopped: AbortSignal) => Promise<void>;
  readonly #stopped = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  /**
   * @param everyMs from the begin of one round to that of the next, in ms
   * @param round never rejects; is told when there shall be no further ones, so that a long one may end early
   */
  constructor(everyMs: number, round: (stopped: AbortSignal) => Promise<void>) {
    this.#everyMs = everyMs;
    this.#round = round;
  }

  /** The first round is in `everyMs`. */
  start(): void {
    this.#timer = setInterval(() => {
      this.#begin();
    }, this.#everyMs).unref();
  }

  /** The first round is now. */
  startAtOnce(): void {
    this.start();
    this.#begin();
  }

  /** Waits for the end of the round that goes on. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    clearInterval(this.#timer);
    await this.#running;
  }

  #begin(): void {
    this.#running ??= this.#round(this.#stopped.signal).finally(() => {
      this.#running = undefined;
    });
  }
}
