import { seededRandom } from '@tandem/testing';
import type { Cluster } from '../cluster/cluster.ts';

/** Kills an edge at random, again and again, as anybody could do by its pid. */
export class Killer {
  readonly #cluster: Cluster;
  readonly #random: () => number;
  readonly #onKill: (name: string) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    cluster: Cluster,
    { seed, onKill }: { readonly seed: number; readonly onKill: (name: string) => void },
  ) {
    this.#cluster = cluster;
    this.#random = seededRandom(seed);
    this.#onKill = onKill;
  }

  start(everyMs: number): void {
    this.#timer = setInterval(() => {
      const { edges } = this.#cluster;
      const name = edges[Math.floor(this.#random() * edges.length)] ?? '';
      this.#cluster.kill(name, 'SIGKILL');
      this.#onKill(name);
    }, everyMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
