import type { GatewayQualities } from '@tandem/limits';
import type { Logger } from '@tandem/service';
import type { GatewayFigure } from './core/gateway-figures.ts';
import { qualityNotes } from './core/quality-notes.ts';

/** The live store may be slow; the books do not wait for it. */
const MOST_WAITING = 20;

/**
 * Tells how gateways do of late (ROUTE-04), of calls whose CDR was stored just now: each once, whatever comes again from the log. What
 * cannot be told is lost, since nothing is charged by it: where the store is away, and the last batch of a process that is killed.
 */
export class LiveQualityFeed {
  readonly #qualities: Pick<GatewayQualities, 'add'>;
  readonly #logger: Logger;
  #waiting = 0;
  #isAway = false;

  constructor(qualities: Pick<GatewayQualities, 'add'>, logger: Logger) {
    this.#qualities = qualities;
    this.#logger = logger;
  }

  /** Never rejects, and waits for nothing. */
  tell(figures: readonly GatewayFigure[]): Promise<void> {
    if (figures.length === 0 || this.#waiting >= MOST_WAITING) return Promise.resolve();
    this.#waiting += 1;
    void this.#add(figures).finally(() => {
      this.#waiting -= 1;
    });
    return Promise.resolve();
  }

  async #add(figures: readonly GatewayFigure[]): Promise<void> {
    try {
      await this.#qualities.add(qualityNotes(figures));
      this.#isAway = false;
    } catch (error) {
      if (!this.#isAway) this.#logger.warn({ err: error }, 'live quality of gateways is not told');
      this.#isAway = true;
    }
  }
}
