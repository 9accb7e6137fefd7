import type { EdgeResources } from '../edge-resources.ts';

/** One write for all that passes of a call in this time; what a pod has not written when it dies is a few seconds of a bill. */
const GATHERED_MS = 2000;
/** What comes on top is left out: the calls go on all the same. */
const LIMIT = 20_000;

/** Requests that were answered in the dialogs of calls: each shows that its call goes on (CALL-05). */
export class ProofsOfLife {
  readonly #edge: Pick<EdgeResources, 'clock' | 'logger' | 'sessions'>;
  /** The last one of each call. */
  readonly #lastMs = new Map<string, number>();
  #timer: object | undefined;

  constructor(edge: Pick<EdgeResources, 'clock' | 'logger' | 'sessions'>) {
    this.#edge = edge;
  }

  note(callId: string): void {
    const { clock } = this.#edge;
    if (this.#lastMs.size < LIMIT || this.#lastMs.has(callId)) {
      this.#lastMs.set(callId, clock.now());
    }
    this.#timer ??= clock.start(GATHERED_MS, () => {
      this.#timer = undefined;
      this.#write();
    });
  }

  /** Writes what is left. */
  close(): void {
    if (this.#timer !== undefined) this.#edge.clock.stop(this.#timer);
    this.#timer = undefined;
    this.#write();
  }

  #write(): void {
    const { clock, logger, sessions } = this.#edge;
    const now = clock.now();
    for (const [callId, atMs] of this.#lastMs) {
      sessions.prove(callId, { ageMs: now - atMs }).catch((error: unknown) => {
        logger.debug({ err: error, callId }, 'proof of life not stored');
      });
    }
    this.#lastMs.clear();
  }
}
