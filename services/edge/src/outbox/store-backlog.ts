import type { Logger } from '@tandem/service';
import type { Clock } from '../ports.ts';

const RETRY_MS = 1000;
/** A few megabytes. What comes on top is left to the session's expiry. */
const LIMIT = 20_000;
/** Steps at once when the store is back. */
const AT_ONCE = 200;

/** Key of the step that tells the store of a call's answer. */
export function answerStep(callId: string): string {
  return `answer ${callId}`;
}

/** Key of the step that tells it of a call's end. */
export function endStep(callId: string): string {
  return `end ${callId}`;
}

/**
 * Steps that a store which was away did not take: refreshes of sessions, ends of calls. They are tried again until it does, so
 * that it neither ends calls that were refreshed meanwhile nor holds the lines of calls that ended.
 */
export class StoreBacklog {
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** Oldest first. */
  readonly #steps = new Map<string, () => Promise<unknown>>();
  #timer: object | undefined;
  #isClosed = false;

  constructor({ clock, logger }: { readonly clock: Clock; readonly logger: Logger }) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Tries a step again in a while. @param key one step of each is enough: the last one */
  add(key: string, step: () => Promise<unknown>): void {
    if (this.#steps.size < LIMIT || this.#steps.has(key)) this.#steps.set(key, step);
    this.#again();
  }

  /**
   * Tells what waits of a call, its answer before its end, at once: before the store is asked who has that call.
   * @returns undefined where nothing waits; it rejects where the store is still away
   */
  tell(callId: string): Promise<void> | undefined {
    const waiting = [answerStep(callId), endStep(callId)].filter((key) => this.#steps.has(key));
    return waiting.length === 0 ? undefined : this.#take(waiting);
  }

  /** Forgets what is left. */
  close(): void {
    this.#isClosed = true;
    if (this.#timer !== undefined) this.#clock.stop(this.#timer);
    this.#steps.clear();
  }

  async #take(keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.#do(key, this.#steps.get(key));
  }

  /** Steps may be taken twice: the store knows what it has. */
  async #do(key: string, step: (() => Promise<unknown>) | undefined): Promise<void> {
    await step?.();
    if (this.#steps.get(key) === step) this.#steps.delete(key);
  }

  #again(): void {
    if (this.#isClosed || this.#steps.size === 0) return;
    this.#timer ??= this.#clock.start(RETRY_MS, () => {
      this.#timer = undefined;
      // It reports its own failures.
      void this.#try().then(() => {
        this.#again();
      });
    });
  }

  /** One step shows whether the store is back; the others follow it. */
  async #try(): Promise<void> {
    for (let count = 1; this.#steps.size > 0; count = AT_ONCE) {
      const batch = [...this.#steps].slice(0, count);
      const outcomes = await Promise.all(
        batch.map(([key, step]) =>
          this.#do(key, step).then(
            () => true,
            () => false,
          ),
        ),
      );
      if (outcomes.includes(false)) return;
    }
    this.#logger.info('the store of calls has taken what waited for it');
  }
}
