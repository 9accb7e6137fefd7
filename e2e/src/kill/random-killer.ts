import { seededRandom } from '@tandem/testing';

/** Which processes die and how often. */
export interface KillerOptions {
  readonly names: readonly string[];
  readonly everyMs: number;
  readonly seed: number;
  readonly kill: (name: string) => void;
}

/** Kills one of the processes at random, again and again, until stopped. */
export class RandomKiller {
  readonly #options: KillerOptions;
  readonly #random: () => number;
  readonly #killed: string[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(options: KillerOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
    this.#timer = setInterval(() => {
      this.#kill();
    }, options.everyMs);
  }

  /** Names of those that were killed, in order. */
  get killed(): readonly string[] {
    return this.#killed;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #kill(): void {
    const { names, kill } = this.#options;
    const name = names[Math.floor(this.#random() * names.length)];
    if (name === undefined) return;
    kill(name);
    this.#killed.push(name);
  }
}
