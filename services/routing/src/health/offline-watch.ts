import { Rounds } from '@tandem/service';
import type { Logger } from '@tandem/service';
import type { KnownHealth } from '../core/health/offline-places.ts';
import type { RoutingTables } from '../core/routing-tables.ts';
import type { HealthStore } from './health-store.ts';

/** How soon a pod knows that an address has gone off line, or come back (ROUTE-07: within two seconds). */
const READ_EVERY_MS = 500;
/** When off-line gateways were checked last is read as seldom. */
const LOOK_AGAIN_MS = 20_000;

interface OfflineWatchParts {
  readonly store: Pick<HealthStore, 'offline'>;
  readonly tables: () => Pick<RoutingTables, 'checks'> | undefined;
  /** Milliseconds; goes on evenly. */
  readonly now: () => number;
  readonly logger: Logger;
}

/**
 * Which addresses of gateways do not answer (ROUTE-07), as the store had them last: no call asks the store. While it is away
 * what is known stays. A round costs one short question; what is off line is read where it has changed.
 */
export class OfflineWatch {
  readonly #parts: OfflineWatchParts;
  readonly #rounds = new Rounds(READ_EVERY_MS, () => this.read());
  #known: KnownHealth = nothing;
  #mark = '';
  #readMs = 0;

  constructor(parts: OfflineWatchParts) {
    this.#parts = parts;
  }

  get current(): KnownHealth {
    return this.#known;
  }

  start(): void {
    this.#rounds.startAtOnce();
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  /** Asks now, where a gateway is checked; where there is no answer what is known stays. */
  async read(): Promise<void> {
    const { logger, now, store, tables } = this.#parts;
    if ((tables()?.checks.size ?? 0) === 0) {
      this.#known = nothing;
      this.#mark = '';
      return;
    }
    const isOld = this.#known.size > 0 && now() - this.#readMs > LOOK_AGAIN_MS;
    try {
      const found = await store.offline(isOld ? '' : this.#mark);
      if (found === undefined) return;
      this.#known = found.gateways;
      this.#mark = found.mark;
      this.#readMs = now();
    } catch (error) {
      logger.debug({ err: error }, 'off-line gateways were not read');
    }
  }
}

const nothing: KnownHealth = new Map();
