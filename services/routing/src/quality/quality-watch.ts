import { KEPT_BUCKETS } from '@tandem/limits';
import type { GatewayQualities, QualityBucket } from '@tandem/limits';
import { Rounds } from '@tandem/service';
import type { Logger } from '@tandem/service';
import { LiveQuality, bucketsOf } from '../core/live-quality.ts';
import type { RoutingTables } from '../core/routing-tables.ts';

const READ_EVERY_MS = 5000;

interface QualityWatchParts {
  readonly qualities: Pick<GatewayQualities, 'read'>;
  readonly tables: () => Pick<RoutingTables, 'parameters'> | undefined;
  readonly logger: Logger;
}

/**
 * How gateways do of late (ROUTE-04), as the store had it last: no call asks the store. Of what is over nothing changes any more: a
 * round reads the minutes that have come since, and while the store is away what is known stays.
 */
export class QualityWatch {
  readonly #parts: QualityWatchParts;
  readonly #rounds = new Rounds(READ_EVERY_MS, () => this.read());
  #buckets: readonly QualityBucket[] = [];
  #current = new LiveQuality(0, []);

  constructor(parts: QualityWatchParts) {
    this.#parts = parts;
  }

  get current(): LiveQuality {
    return this.#current;
  }

  start(): void {
    this.#rounds.startAtOnce();
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  async read(): Promise<void> {
    const { logger, qualities, tables } = this.#parts;
    const windowSeconds = tables()?.parameters.SS_GATEWAY_QUALITY_WINDOW;
    if (windowSeconds === undefined) return;
    try {
      // The last one was not over yet; before there is one, all that is kept.
      const known = this.#buckets.at(-1)?.bucket ?? 0;
      const found = await qualities.read(known);
      const [first] = found;
      if (first === undefined) return;
      const last = first.bucket + found.length - 1;
      const older = this.#buckets.filter(({ bucket }) => bucket < first.bucket);
      // A window that is made longer finds what is kept here.
      this.#buckets = [...older, ...found].slice(-KEPT_BUCKETS);
      const oldest = last - bucketsOf(windowSeconds);
      const within = this.#buckets.filter(({ bucket }) => bucket >= oldest);
      this.#current = new LiveQuality(windowSeconds, within);
    } catch (error) {
      logger.debug({ err: error }, 'live quality of gateways was not read');
    }
  }
}
