import type { JournalWhy } from '@tandem/domain';
import type { EdgeResources } from './edge-resources.ts';

/** So long what is dropped unread is counted, before it is told. */
const TELL_EVERY_MS = 1000;
/** Addresses that are told apart; forged ones are many. */
const MOST_SOURCES = 200;

/** Why messages are dropped, or refused, before they are read. */
type UnreadCause = 'source-black-listed' | 'dropped-unread' | 'refused-unread';

const whys: Readonly<Record<UnreadCause, JournalWhy>> = {
  'source-black-listed': { cause: 'source-black-listed', facts: {} },
  'dropped-unread': { cause: 'turned-away', facts: { how: 'dropped' } },
  'refused-unread': { cause: 'turned-away', facts: { how: 'refused' } },
};

interface Counted {
  readonly why: UnreadCause;
  readonly address: string;
  count: number;
}

/**
 * Messages that are dropped unread leave a trace too: their number, by address and cause, once a second. Of a flood that is
 * one sum of an address for each message, and nothing of the message.
 */
export class UnreadDrops {
  readonly #parts: Pick<EdgeResources, 'clock' | 'journal'>;
  readonly #counts = new Map<string, Counted>();
  #timer: object | undefined;

  constructor(parts: Pick<EdgeResources, 'clock' | 'journal'>) {
    this.#parts = parts;
  }

  count(why: UnreadCause, address: string): void {
    const { clock, journal } = this.#parts;
    if (journal === undefined) return;
    const key = why + address;
    const counted = this.#counts.get(key);
    if (counted !== undefined) counted.count += 1;
    else if (this.#counts.size < MOST_SOURCES) this.#counts.set(key, { why, address, count: 1 });
    else this.#ofAll(why).count += 1;
    this.#timer ??= clock.start(TELL_EVERY_MS, () => {
      this.#timer = undefined;
      this.tell();
    });
  }

  /** Tells what has been counted. */
  tell(): void {
    for (const { address, count, why } of this.#counts.values()) {
      this.#parts.journal?.note({
        ...whys[why],
        terminal: '',
        account: '',
        sender: 'unknown',
        source: address === '' ? '' : `${address.includes(':') ? `[${address}]` : address}:0`,
        userAgent: '',
        count,
      });
    }
    this.#counts.clear();
  }

  close(): void {
    if (this.#timer !== undefined) this.#parts.clock.stop(this.#timer);
    this.tell();
  }

  #ofAll(why: UnreadCause): Counted {
    const counted = this.#counts.get(why) ?? { why, address: '', count: 0 };
    this.#counts.set(why, counted);
    return counted;
  }
}
