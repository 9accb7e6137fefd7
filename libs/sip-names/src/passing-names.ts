import { keyOf } from './name-book.ts';
import type { NameBook } from './name-book.ts';
import type { SipName } from './places.ts';
import type { NameTarget } from './sip-lookup.ts';

/** Carriers name few hosts, again and again; what one makes up beyond that pushes the oldest out. */
const MOST_NAMES = 200;
/** A caller hears nothing meanwhile; the next gateway is better than a slow name server. */
const LIMIT_MS = 2000;

/**
 * Names that no configuration has: carriers send calls on to them (CALL-02). The first call to one waits for its look-up; those
 * that were asked for last are kept, and looked up again before their records run out.
 */
export class PassingNames {
  readonly #book: NameBook;
  /** The one that was asked for longest ago first. */
  readonly #asked = new Map<string, NameTarget>();

  constructor(book: NameBook) {
    this.#book = book;
  }

  /** Its last answer, or the first one, which is waited for; without servers where there is none in time. */
  async find(target: NameTarget): Promise<SipName> {
    const key = keyOf(target);
    this.#asked.delete(key);
    this.#asked.set(key, target);
    const [oldest] = this.#asked.keys();
    if (this.#asked.size > MOST_NAMES && oldest !== undefined) {
      this.#asked.delete(oldest);
      this.#book.keep([...this.#asked.values()]);
    }
    return this.#book.answered(target, LIMIT_MS);
  }

  close(): void {
    this.#book.close();
  }
}
