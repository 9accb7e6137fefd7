import { Rounds } from '@tandem/service';
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
  readonly #rounds = new Rounds(EVERY_MS, () => this.#round());

  constructor(parts: HousekeepingParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#rounds.startAtOnce();
  }

  async once(): Promise<void> {
    const { logger, now, retention, store } = this.#parts;
    const nowMs = now();
    await store.prepare(nowMs, dayAfter(nowMs));
    const days = await store.drop(cutoffAt(nowMs, retention));
    if (days > 0) logger.info({ days }, 'days of the journal dropped');
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  async #round(): Promise<void> {
    try {
      await this.once();
    } catch (error) {
      // The next one does the same.
      this.#parts.logger.warn({ err: error }, 'the journal was not tidied');
    }
  }
}
