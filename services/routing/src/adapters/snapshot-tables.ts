import type { Snapshot, SnapshotSource } from '@tandem/config';
import type { Logger } from '@tandem/service';
import { buildTables } from '../core/routing-tables.ts';
import type { OpenPassword, RoutingTables } from '../core/routing-tables.ts';

/** The tables of the configuration in effect: built once per version, swapped by pointer (ROUTE-13). */
export class SnapshotTables {
  readonly #openPassword: OpenPassword;
  readonly #logger: Logger;
  #current: RoutingTables | undefined;

  constructor(openPassword: OpenPassword, logger: Logger) {
    this.#openPassword = openPassword;
    this.#logger = logger;
  }

  current(): RoutingTables | undefined {
    return this.#current;
  }

  /** Follows the source until the returned function is called. */
  follow(source: SnapshotSource): () => void {
    return source.onChange((snapshot) => {
      this.#use(snapshot);
    });
  }

  #use(snapshot: Snapshot): void {
    const { version } = snapshot;
    const startMs = performance.now();
    try {
      this.#current = buildTables(snapshot, this.#openPassword);
      this.#logger.info(
        {
          version,
          gateways: this.#current.routingGateways.size,
          prefixes: this.#current.routes.size,
          milliseconds: Math.round(performance.now() - startMs),
        },
        'routing tables in effect',
      );
    } catch (error) {
      // What was applied has been checked before; if it is wrong all the same, the old one is better.
      this.#logger.error({ version, err: error }, 'configuration refused, the previous stays');
    }
  }
}
