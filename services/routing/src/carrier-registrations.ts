import type { Logger } from '@tandem/service';
import type { Unregistered } from './core/rests.ts';
import type { RoutingTables } from './core/routing-tables.ts';
import type { CarrierRegistrar } from './ports.ts';
import { Watch } from './watch.ts';

/** How soon a pod knows what has become of a registration. */
const READ_EVERY_MS = 500;
/** What is known holds for so long while the registrar does not answer; then nobody is left out for it. */
const KNOWN_FOR_MS = 10_000;

interface CarrierRegistrationsParts {
  readonly registrar: CarrierRegistrar;
  readonly tables: () => Pick<RoutingTables, 'hasRegistrations'> | undefined;
  /** Milliseconds; goes on evenly. */
  readonly now: () => number;
  readonly logger: Logger;
}

type Unregistereds = ReadonlyMap<string, Unregistered>;

/** Which carriers do not have our registration (REG-08); asked where a gateway depends on it. */
export class CarrierRegistrations {
  readonly #now: () => number;
  readonly #watch: Watch<Unregistereds>;
  #readAtMs = 0;

  constructor({ registrar, tables, now, logger }: CarrierRegistrationsParts) {
    this.#now = now;
    this.#watch = new Watch<Unregistereds>({
      what: 'registrations with carriers',
      everyMs: READ_EVERY_MS,
      unread: nobody,
      logger,
      read: async (known) => {
        if (tables()?.hasRegistrations !== true) return known;
        const { carriers } = await registrar.listUnregistered({});
        this.#readAtMs = now();
        return new Map(carriers.map(({ gateway, ...about }) => [gateway, about]));
      },
    });
  }

  get current(): Unregistereds {
    const isKnown = this.#now() - this.#readAtMs < KNOWN_FOR_MS;
    return isKnown ? this.#watch.current : nobody;
  }

  start(): void {
    this.#watch.start();
  }

  stop(): Promise<void> {
    return this.#watch.stop();
  }

  /** Asks now; where there is no answer what is known stays for a time. */
  read(): Promise<void> {
    return this.#watch.read();
  }
}

const nobody: Unregistereds = new Map();
