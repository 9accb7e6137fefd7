import { podAt } from '../core/marks/owner.ts';
import type { Place } from '../core/marks/owner.ts';
import type { Clock, PodRegistry } from '../ports.ts';

/** A pod that has died is known to be dead by then: its lease, and the two renewals that it takes to hear of it (edge.md §3). */
const KEPT_MS = 2400;
const LOOK_MS = 150;

interface Handed<T> {
  readonly message: T;
  readonly place: Place;
  readonly atMs: number;
}

/**
 * What was handed to other pods of late. A pod that dies takes what it was handed with it, and the sender repeats it only
 * after a while, longer each time: whoever handed it on still has it, and takes it back once that pod is known to be dead.
 */
export class HandedMessages<T> {
  readonly #clock: Clock;
  readonly #pods: PodRegistry;
  readonly #onReturned: (message: T) => void;
  /** Oldest first. */
  #handed: Handed<T>[] = [];
  #timer: object | undefined;

  /** @param parts `onReturned` is called with what a pod was handed that has died since: it may have dealt with it */
  constructor(parts: {
    readonly clock: Clock;
    readonly pods: PodRegistry;
    readonly onReturned: (message: T) => void;
  }) {
    this.#clock = parts.clock;
    this.#pods = parts.pods;
    this.#onReturned = parts.onReturned;
  }

  /** Keeps what has just been handed to the pod at `place`. */
  add(message: T, { slot, epoch }: Place): void {
    this.#handed.push({ message, place: { slot, epoch }, atMs: this.#clock.now() });
    this.#timer ??= this.#clock.start(LOOK_MS, this.#look);
  }

  /** Forgets all of it. */
  close(): void {
    if (this.#timer !== undefined) this.#clock.stop(this.#timer);
    this.#timer = undefined;
    this.#handed = [];
  }

  readonly #look = (): void => {
    this.#timer = undefined;
    const living = this.#pods.pods();
    const sinceMs = this.#clock.now() - KEPT_MS;
    const returned: T[] = [];
    this.#handed = this.#handed.filter(({ message, place, atMs }) => {
      const pod = podAt(living, place);
      if (pod === undefined) returned.push(message);
      // One that drains deals with all that it gets before it goes.
      return pod !== undefined && !pod.isDraining && atMs > sinceMs;
    });
    if (this.#handed.length > 0) this.#timer = this.#clock.start(LOOK_MS, this.#look);
    for (const message of returned) this.#onReturned(message);
  };
}
