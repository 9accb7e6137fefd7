import type { Logger } from '@tandem/service';
import { cutoffAt, dayAfter } from './core/retention.ts';
import type { Retention } from './core/retention.ts';
import type { JournalStore } from './ports.ts';

const EVERY_MS = 3_600_000;

export interface HousekeepingParts {
  readonly store: JournalStore;
  readonly retention: Retention;
  readonly now: () => number;
  readonly logger: Logger;
}

/** Makes room for the next day before it comes, and drops what has been kept for its time. Every process does. */
export class Housekeeping {
  readonly #parts: HousekeepingParts;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(parts: HousekeepingParts) {
    this.#parts = parts;
  }

  start(): void {
    const run = (): void => {
      this.#running = this.once().catch((error: unknown) => {
        // The next one does the same.
        this.#parts.logger.warn({ err: error }, 'the journal was not tidied');
      });
    };
    run();
    this.#timer = setInterval(run, EVERY_MS).unref();
  }

  async once(): Promise<void> {
    const { logger, now, retention, store } = this.#parts;
    const nowMs = now();
    await store.prepare(nowMs, dayAfter(nowMs));
    const days = await store.drop(cutoffAt(nowMs, retention));
    if (days > 0) logger.info({ days }, 'days of the journal dropped');
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }
}
