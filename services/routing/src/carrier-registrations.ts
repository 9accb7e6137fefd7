import { Rounds } from '@tandem/service';
import type { Logger } from '@tandem/service';
import type { Unregistered } from './core/rests.ts';
import type { RoutingTables } from './core/routing-tables.ts';
import type { CarrierRegistrar } from './ports.ts';

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

/** Which carriers do not have our registration (REG-08), as the registrar said last: no call asks it. */
export class CarrierRegistrations {
  readonly #parts: CarrierRegistrationsParts;
  readonly #rounds = new Rounds(READ_EVERY_MS, () => this.read());
  #unregistered: ReadonlyMap<string, Unregistered> = nobody;
  #readAtMs = 0;

  constructor(parts: CarrierRegistrationsParts) {
    this.#parts = parts;
  }

  get current(): ReadonlyMap<string, Unregistered> {
    const isKnown = this.#parts.now() - this.#readAtMs < KNOWN_FOR_MS;
    return isKnown ? this.#unregistered : nobody;
  }

  start(): void {
    this.#rounds.start();
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  /** Asks now, where a gateway depends on it; where there is no answer what is known stays for a time. */
  async read(): Promise<void> {
    const { logger, now, registrar, tables } = this.#parts;
    if (tables()?.hasRegistrations !== true) return;
    try {
      const { carriers } = await registrar.listUnregistered({});
      this.#unregistered = new Map(carriers.map(({ gateway, ...about }) => [gateway, about]));
      this.#readAtMs = now();
    } catch (error) {
      logger.debug({ err: error }, 'registrations with carriers were not read');
    }
  }
}

const nobody: ReadonlyMap<string, Unregistered> = new Map();
