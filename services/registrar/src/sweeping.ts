import type { Journal } from '@tandem/events';
import { Rounds } from '@tandem/service';
import type { Logger } from '@tandem/service';
import type { BindingStore } from './ports.ts';
import type { Registrar } from './registrar.ts';

/** Whoever is called meanwhile is not there any more whatever the store still has. */
const SWEEP_EVERY_MS = 5000;

export interface SweepingParts {
  readonly store: Pick<BindingStore, 'count'>;
  readonly journal: Journal;
  readonly logger: Logger;
}

/** Drops what has expired, and tells the journal how many are registered, from time to time. Every pod does: whichever is first has it. */
export class Sweeping {
  readonly #registrar: Pick<Registrar, 'sweep'>;
  readonly #parts: SweepingParts;
  readonly #rounds = new Rounds(SWEEP_EVERY_MS, (stopped) => this.#sweep(stopped));

  constructor(registrar: Pick<Registrar, 'sweep'>, parts: SweepingParts) {
    this.#registrar = registrar;
    this.#parts = parts;
  }

  start(): void {
    this.#rounds.start();
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  async #sweep(stopped: AbortSignal): Promise<void> {
    try {
      let swept = 1;
      while (swept > 0 && !stopped.aborted) swept = await this.#registrar.sweep();
      // REG-06
      this.#parts.journal.level('active', await this.#parts.store.count());
    } catch (error) {
      // The next one finds the same.
      this.#parts.logger.debug({ err: error }, 'registrations not swept');
    }
  }
}
