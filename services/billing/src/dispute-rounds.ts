import { Rounds } from '@tandem/service';
import type { Logger } from '@tandem/service';
import type { DisputeStore } from './dispute-ports.ts';
import { failedDisputes } from './telemetry.ts';

export interface DisputeRoundsParts {
  readonly store: DisputeStore;
  readonly logger: Logger;
  /** Pause between two looks at what a process that died had in hand, in ms. @default 30000 */
  readonly everyMs?: number | undefined;
}

/** Compares disputes whose files are there: any process does, and one goes on where another one died. */
export class DisputeRounds {
  readonly #parts: DisputeRoundsParts;
  readonly #rounds: Rounds;

  constructor(parts: DisputeRoundsParts) {
    this.#parts = parts;
    this.#rounds = new Rounds(parts.everyMs ?? 30_000, () => this.look());
  }

  start(): void {
    this.#rounds.start();
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  /** Compares all that wait for it; a failure is left for the next look. */
  async look(): Promise<void> {
    const { logger, store } = this.#parts;
    try {
      for (;;) {
        const done = await store.compareNext();
        if (done === undefined) return;
        const { account, id, sums } = done;
        logger.info({ dispute: id, account, matched: sums?.matched }, 'dispute compared');
      }
    } catch (error) {
      failedDisputes.add(1);
      logger.error({ err: error }, 'dispute not compared, trying again');
    }
  }
}
