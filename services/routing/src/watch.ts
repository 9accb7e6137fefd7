import { Rounds } from '@tandem/service';
import type { Logger } from '@tandem/service';

interface WatchParts<Known> {
  /** What is read, for the log. */
  readonly what: string;
  /** From the begin of one reading to that of the next, ms. */
  readonly everyMs: number;
  /** What is known before the first. */
  readonly unread: Known;
  /** @returns what is known from now on: `known` itself where nothing has changed */
  readonly read: (known: Known) => Promise<Known>;
  readonly logger: Logger;
}

/**
 * Something that all pods share, as it was read last: no call asks for it, a round does. While it cannot be read what is known
 * stays.
 */
export class Watch<Known> {
  readonly #parts: WatchParts<Known>;
  readonly #rounds: Rounds;
  #known: Known;

  constructor(parts: WatchParts<Known>) {
    this.#parts = parts;
    this.#known = parts.unread;
    this.#rounds = new Rounds(parts.everyMs, () => this.read());
  }

  get current(): Known {
    return this.#known;
  }

  start(): void {
    this.#rounds.startAtOnce();
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  /** Reads now. Never rejects. */
  async read(): Promise<void> {
    try {
      await this.refresh();
    } catch (error) {
      this.#parts.logger.debug({ err: error }, `${this.#parts.what} were not read`);
    }
  }

  /** Reads now. @throws what reading throws */
  async refresh(): Promise<void> {
    this.#known = await this.#parts.read(this.#known);
  }
}
