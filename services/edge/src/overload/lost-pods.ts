import { rendezvous } from '@tandem/pod-link';
import type { Clock, Pod } from '../ports.ts';

/** RFC 3261 §17.1.1.2: for so long an INVITE may be repeated. */
const REPEATED_FOR_MS = 32_000;
/** Until a pod that has just begun has adopted what the one before had (edge.md §5). */
const ADOPTED_WITHIN_MS = 4000;

/**
 * Whether a call that nobody here knows may be one that a lost pod had: a refusal would end it, though its carrier rings. Whoever
 * gets no answer repeats its INVITE, and its claim tells.
 */
export class LostPods {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #startedMs: number;
  readonly #lost = new Map<Pod, number>();
  #seen: readonly Pod[] = [];

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
    this.#startedMs = clock.now();
  }

  /** These live. */
  see(pods: readonly Pod[]): void {
    if (pods === this.#seen) return;
    const nowMs = this.#clock.now();
    for (const pod of this.#seen) {
      const lives = pods.some(({ slot, epoch }) => slot === pod.slot && epoch === pod.epoch);
      if (!lives && pod.role !== 'front') this.#lost.set(pod, nowMs + REPEATED_FOR_MS);
    }
    this.#seen = pods;
  }

  mayHaveHad(callId: string): boolean {
    const nowMs = this.#clock.now();
    if (nowMs - this.#startedMs < ADOPTED_WITHIN_MS) return true;
    if (this.#lost.size === 0) return false;
    for (const [pod, untilMs] of this.#lost) {
      if (untilMs <= nowMs) this.#lost.delete(pod);
    }
    const lost = [...this.#lost.keys()];
    // The lost ones first: another may have the slot of one by now.
    const owner = rendezvous(callId, [...lost, ...this.#seen], ({ role }) => role !== 'front');
    return owner !== undefined && lost.includes(owner);
  }
}
