import type { Logger } from '@tandem/service';
import type { Registrar } from './registrar.ts';

/** Whoever is called meanwhile is not there any more whatever the store still has. */
const SWEEP_EVERY_MS = 5000;

/** Drops what has expired from time to time. Every pod does: whichever is first has it. */
export class Sweeping {
  readonly #registrar: Pick<Registrar, 'sweep'>;
  readonly #logger: Logger;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #isStopped = false;

  constructor(registrar: Pick<Registrar, 'sweep'>, logger: Logger) {
    this.#registrar = registrar;
    this.#logger = logger;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#running ??= this.#sweep().finally(() => {
        this.#running = undefined;
      });
    }, SWEEP_EVERY_MS).unref();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  async #sweep(): Promise<void> {
    try {
      let swept = 1;
      while (swept > 0 && !this.#isStopped) swept = await this.#registrar.sweep();
    } catch (error) {
      // The next one finds the same.
      this.#logger.debug({ err: error }, 'registrations not swept');
    }
  }
}
