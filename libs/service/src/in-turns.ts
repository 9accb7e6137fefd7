import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Steps } from '@tandem/domain';

/** Does all of the work, a step for each turn of the event loop. @throws, or rejects, what a step throws */
export async function stepByStep<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    await nextTurn();
  }
}

/** Does work step by step, one for each turn of the event loop: calls go on in between. The work that was given last is done. */
export class InTurns {
  #latest: unknown;

  /**
   * Does the work, at once where it has one step; work that was not done yet is given up.
   * @param take called with what comes of it; not where other work came meanwhile
   * @returns resolves then; undefined where it is done
   * @throws or rejects with what a step throws
   */
  run<T>(steps: Steps<T>, take: (result: T) => void): Promise<void> | undefined {
    this.#latest = steps;
    const { done, value } = steps.next();
    if (done !== true) return this.#goOn(steps, take);
    take(value);
    return undefined;
  }

  async #goOn<T>(steps: Steps<T>, take: (result: T) => void): Promise<void> {
    for (;;) {
      await nextTurn();
      if (this.#latest !== steps) return;
      const { done, value } = steps.next();
      if (done !== true) continue;
      take(value);
      return;
    }
  }
}
