import type { Logger } from '@tandem/service';
import type { Authenticator } from './authenticator.ts';
import type { AuthStore } from './ports.ts';
import { countUnanswered } from './telemetry.ts';

const WATCH_EVERY_MS = 1000;

interface WatchParts {
  readonly store: Pick<AuthStore, 'mayLook'>;
  readonly authenticator: Pick<Authenticator, 'concludeUnanswered'>;
  readonly logger: Logger;
}

/** Finds from time to time what nobody answered (AUTH-14). Any pod does: what one that is killed had taken is another's. */
export class UnansweredWatch {
  readonly #store: Pick<AuthStore, 'mayLook'>;
  readonly #authenticator: Pick<Authenticator, 'concludeUnanswered'>;
  readonly #logger: Logger;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #isStopped = false;

  constructor({ store, authenticator, logger }: WatchParts) {
    this.#store = store;
    this.#authenticator = authenticator;
    this.#logger = logger;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#running ??= this.#watch().finally(() => {
        this.#running = undefined;
      });
    }, WATCH_EVERY_MS).unref();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  async #watch(): Promise<void> {
    try {
      if (!(await this.#store.mayLook())) return;
      let found = 1;
      while (found > 0 && !this.#isStopped) {
        const failures = await this.#authenticator.concludeUnanswered();
        for (const { reason, cause } of failures) countUnanswered(reason, cause);
        found = failures.length;
      }
    } catch (error) {
      // The next one finds the same.
      this.#logger.debug({ err: error }, 'challenges without an answer not looked for');
    }
  }
}
