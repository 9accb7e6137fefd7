import type { Journal } from '@tandem/events';
import { Rounds } from '@tandem/service';
import type { Logger } from '@tandem/service';
import type { Authenticator } from './authenticator.ts';
import { unansweredRegistration } from './core/journal-notes.ts';
import type { AuthStore } from './ports.ts';
import { countUnanswered } from './telemetry.ts';
import type { UnansweredCalls } from './unanswered-calls.ts';

const WATCH_EVERY_MS = 1000;

interface WatchParts {
  readonly store: Pick<AuthStore, 'mayLook'>;
  readonly authenticator: Pick<Authenticator, 'accountOf' | 'concludeUnanswered'>;
  readonly calls: Pick<UnansweredCalls, 'add' | 'send'>;
  readonly journal: Journal;
  readonly logger: Logger;
}

/** Finds from time to time what nobody answered (AUTH-14). Any pod does: what one that is killed had taken is another's. */
export class UnansweredWatch {
  readonly #parts: WatchParts;
  readonly #rounds = new Rounds(WATCH_EVERY_MS, (stopped) => this.#watch(stopped));

  constructor(parts: WatchParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#rounds.start();
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  async #watch(stopped: AbortSignal): Promise<void> {
    const { authenticator, calls, journal, logger, store } = this.#parts;
    const accountOf = (name: string): string => authenticator.accountOf(name);
    try {
      if (!(await store.mayLook())) return;
      let found = 1;
      while (found > 0 && !stopped.aborted) {
        const failures = await authenticator.concludeUnanswered();
        for (const failure of failures) {
          countUnanswered(failure.reason, failure.cause);
          const note = unansweredRegistration(failure, accountOf);
          if (note !== undefined) journal.note(note);
          calls.add(failure);
        }
        found = failures.length;
      }
    } catch (error) {
      // The next one finds the same.
      logger.debug({ err: error }, 'challenges without an answer not looked for');
    } finally {
      await calls.send();
    }
  }
}
