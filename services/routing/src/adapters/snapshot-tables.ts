import type { Snapshot } from '@tandem/config';
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

  /**
   * Takes the next version.
   * @throws where it cannot be used; the tables before it stay
   */
  use(snapshot: Snapshot): void {
    const startMs = performance.now();
    this.#current = buildTables(snapshot, this.#openPassword);
    this.#logger.info(
      {
        version: snapshot.version,
        gateways: this.#current.routingGateways.size,
        prefixes: this.#current.routes.size,
        milliseconds: Math.round(performance.now() - startMs),
      },
      'routing tables in effect',
    );
  }
}
