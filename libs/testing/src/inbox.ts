import type { TimerHandle, TimerPort } from '@tandem/sip';

interface Waiter<T> {
  readonly matches: (item: T) => boolean;
  readonly resolve: (item: T) => void;
  readonly reject: (error: Error) => void;
  timer: TimerHandle;
}

/** What {@link Inbox.take} waits for. */
export interface TakeOptions<T> {
  /** For the message of the error: `180 Ringing`. */
  readonly what: string;
  /** @default any item */
  readonly matches?: (item: T) => boolean;
  readonly timeoutMs: number;
}

/** Items that a script takes out in its own time, in the order of their arrival. */
export class Inbox<T> {
  readonly #clock: TimerPort;
  readonly #describe: () => string;
  readonly #items: T[] = [];
  readonly #waiters = new Set<Waiter<T>>();
  #failure: Error | undefined;

  /** @param describe what has happened so far, for the error of a wait that was in vain. */
  constructor(clock: TimerPort, describe: () => string = () => '') {
    this.#clock = clock;
    this.#describe = describe;
  }

  /** Items that nobody has taken. */
  get waiting(): readonly T[] {
    return this.#items;
  }

  /** Gives the item to the first who waits for such a one, else keeps it. */
  push(item: T): void {
    for (const waiter of this.#waiters) {
      if (waiter.matches(item)) {
        this.#release(waiter);
        waiter.resolve(item);
        return;
      }
    }
    this.#items.push(item);
  }

  /** The first item that matches, of those that are here or come. @throws when none comes in time. */
  take({ what, matches = () => true, timeoutMs }: TakeOptions<T>): Promise<T> {
    const at = this.#items.findIndex(matches);
    const [item] = at < 0 ? [] : this.#items.splice(at, 1);
    if (item !== undefined) return Promise.resolve(item);
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      const timer = this.#clock.start(timeoutMs, () => {
        this.#waiters.delete(waiter);
        const waited = `waited ${String(timeoutMs)} ms in vain for ${what}`;
        reject(new Error(`${waited}\n${this.#describe()}`));
      });
      const waiter: Waiter<T> = { matches, resolve, reject, timer };
      this.#waiters.add(waiter);
    });
  }

  /** Ends every wait, now and from now on, with this error. */
  fail(error: Error): void {
    this.#failure = error;
    for (const waiter of this.#waiters) {
      this.#release(waiter);
      waiter.reject(error);
    }
  }

  #release(waiter: Waiter<T>): void {
    this.#waiters.delete(waiter);
    this.#clock.stop(waiter.timer);
  }
}
