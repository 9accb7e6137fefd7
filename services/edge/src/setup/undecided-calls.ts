import type { Clock } from '../ports.ts';
import type { CallMailbox } from './call-mailbox.ts';

interface Undecided {
  readonly sinceMs: number;
  readonly isFollowUp: boolean;
}

/** The calls of which it is not known yet what becomes of them: they wait for auth, the store or routing (CALL-11). */
export class UndecidedCalls {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #onDecided: (isFollowUp: boolean) => void;
  /** In the order in which they came. */
  readonly #calls = new Map<CallMailbox, Undecided>();

  constructor(clock: Pick<Clock, 'now'>, onDecided: (isFollowUp: boolean) => void) {
    this.#clock = clock;
    this.#onDecided = onDecided;
  }

  get count(): number {
    return this.#calls.size;
  }

  /** When the first of them came. */
  get sinceMs(): number | undefined {
    return this.#calls.values().next().value?.sinceMs;
  }

  add(call: CallMailbox, isFollowUp: boolean): void {
    this.#calls.set(call, { sinceMs: this.#clock.now(), isFollowUp });
  }

  /** It is decided, or over. Any other time than the first means nothing. */
  remove(call: CallMailbox): void {
    const undecided = this.#calls.get(call);
    if (undecided === undefined) return;
    this.#calls.delete(call);
    this.#onDecided(undecided.isFollowUp);
  }
}
