import type { Snapshot } from '@tandem/config';
import type { Logger } from '@tandem/service';
import type { NameBook, NameTarget } from '@tandem/sip-names';
import { buildTables } from '../core/routing-tables.ts';
import type { OpenPassword, RoutingTables } from '../core/routing-tables.ts';

/** ROUTE-13: a change is in effect within two seconds, whatever name servers do. */
const NAMES_MS = 1500;

/** The tables of the configuration in effect: built once per version, swapped by pointer (ROUTE-13). */
export class SnapshotTables {
  readonly #openPassword: OpenPassword;
  readonly #logger: Logger;
  readonly #names: NameBook;
  #current: RoutingTables | undefined;
  /** Perhaps not in effect yet. */
  #latest: RoutingTables | undefined;

  /** @param names looked up for as long as a version has them */
  constructor(openPassword: OpenPassword, logger: Logger, names: NameBook) {
    this.#openPassword = openPassword;
    this.#logger = logger;
    this.#names = names;
  }

  current(): RoutingTables | undefined {
    return this.#current;
  }

  /**
   * Takes the next version: at once, or where it has new names as soon as they have been looked up, or some time has passed.
   * @throws where it cannot be used; the tables before it stay
   */
  use(snapshot: Snapshot): void {
    const startMs = performance.now();
    const used: NameTarget[] = [];
    const tables = buildTables(snapshot, this.#openPassword, {
      name: (target) => {
        used.push(target);
        return this.#names.name(target);
      },
    });
    this.#latest = tables;
    const milliseconds = Math.round(performance.now() - startMs);
    if (this.#names.isSettled) this.#take(tables, { used, milliseconds });
    else {
      // It never rejects.
      void this.#names.settled(NAMES_MS).then(() => {
        if (this.#latest === tables) this.#take(tables, { used, milliseconds });
      });
    }
  }

  #take(
    tables: RoutingTables,
    { used, milliseconds }: { readonly used: readonly NameTarget[]; readonly milliseconds: number },
  ): void {
    this.#names.keep(used);
    this.#current = tables;
    this.#logger.info(
      {
        version: tables.version,
        gateways: tables.routingGateways.size,
        prefixes: tables.routes.size,
        names: used.length,
        milliseconds,
      },
      'routing tables in effect',
    );
  }
}
