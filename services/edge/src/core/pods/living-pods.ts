import type { Pod } from '../../ports.ts';

export interface LivingPodsOptions {
  /** After so long without a word of the registry it was away, or this pod was. */
  readonly awayMs: number;
  /** How long the others have to come back then. */
  readonly returnMs: number;
}

interface AwaitedPod {
  readonly pod: Pod;
  readonly untilMs: number;
}

/**
 * Who lives, as the registry said last. After it was away from this pod no front is declared dead before all had the time to come back:
 * whoever is there first would have none for what it sends. Pods that have calls are not waited for: who has slept would hand calls to
 * dead ones.
 */
export class LivingPods {
  readonly #options: LivingPodsOptions;
  #all: readonly Pod[] = [];
  #living: readonly Pod[] = [];
  /** Fronts that lived before the registry was away, and have not been heard of since. */
  #awaited: readonly AwaitedPod[] = [];
  #heardMs: number | undefined;

  constructor(options: LivingPodsOptions) {
    this.#options = options;
  }

  /** All that live, and those that may; by their slots. */
  get all(): readonly Pod[] {
    return this.#all;
  }

  /** Whether the registry has said nothing for so long that it is away, or this pod was. @param nowMs by a clock that nobody sets */
  isSilent(nowMs: number): boolean {
    return nowMs - (this.#heardMs ?? nowMs) > this.#options.awayMs;
  }

  /**
   * The registry has said who lives.
   * @param nowMs by a clock that nobody sets
   * @param hadLapsed this pod's own lease had run out
   */
  heard(living: readonly Pod[], nowMs: number, hadLapsed = false): void {
    const { returnMs } = this.#options;
    const wasAway = hadLapsed || this.isSilent(nowMs);
    const missed = wasAway ? this.#living.filter(({ role }) => role === 'front') : [];
    this.#awaited = [
      ...this.#awaited,
      ...missed.map((pod) => ({ pod, untilMs: nowMs + returnMs })),
    ].filter(({ pod, untilMs }) => nowMs < untilMs && !isAmong(pod, living));
    this.#heardMs = nowMs;
    this.#living = living;
    const all = [...living, ...this.#awaited.map(({ pod }) => pod)];
    this.#all = all.sort((a, b) => a.slot - b.slot);
  }
}

/** It is back, under its place or another one; or another pod has its place or its address, so that it is dead. */
function isAmong({ slot, address }: Pod, living: readonly Pod[]): boolean {
  return living.some((pod) => pod.slot === slot || (address !== '' && pod.address === address));
}
