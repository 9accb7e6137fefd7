import type { Clock } from '../ports.ts';

const MOST_NAMES = 1000;

/** So many a second of each name, counted by the whole second; more names than it can hold are one. */
export class Allowance {
  readonly #perSecond: number;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #used = new Map<string, number>();
  #second = 0;

  constructor(perSecond: number, clock: Pick<Clock, 'now'>) {
    this.#perSecond = perSecond;
    this.#clock = clock;
  }

  /** Takes one. @returns whether there was one */
  has(name: string): boolean {
    const { key, used } = this.#usedOf(name);
    if (used >= this.#perSecond) return false;
    this.#used.set(key, used + 1);
    return true;
  }

  /** Whether there is none left. */
  isSpent(name: string): boolean {
    return this.#usedOf(name).used >= this.#perSecond;
  }

  #usedOf(name: string): { readonly key: string; readonly used: number } {
    const second = Math.floor(this.#clock.now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#used.clear();
    }
    const key = this.#used.size < MOST_NAMES || this.#used.has(name) ? name : '*';
    return { key, used: this.#used.get(key) ?? 0 };
  }
}
