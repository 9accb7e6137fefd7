import { Rounds } from '@tandem/service';
import type { Logger } from '@tandem/service';
import type { MessageRetention, MessageStore, TraceStore } from './ports.ts';

const EVERY_MS = 60_000;
const HOUR_MS = 3_600_000;
const MEGABYTE = 1_000_000;
/** Traces that are remembered, those that go on too. */
const MOST_TRACES = 100;

export interface MessageHousekeepingParts {
  readonly store: MessageStore;
  readonly traces: TraceStore;
  readonly retention: MessageRetention;
  readonly now: () => number;
  readonly logger: Logger;
}

/** Makes room for the next hour before it comes, and drops what is too old or too much. Every process does. */
export class MessageHousekeeping {
  readonly #parts: MessageHousekeepingParts;
  readonly #rounds = new Rounds(EVERY_MS, () => this.#round());
  #bytes = 0;

  constructor(parts: MessageHousekeepingParts) {
    this.#parts = parts;
  }

  /** What the messages take in the store, as of the last round. */
  get bytes(): number {
    return this.#bytes;
  }

  start(): void {
    this.#rounds.startAtOnce();
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  async once(): Promise<void> {
    const { logger, now, retention, store, traces } = this.#parts;
    const beforeMs = now() - retention.messagesHours * HOUR_MS;
    const { bytes, hours } = await store.drop(beforeMs, retention.messagesMegabytes * MEGABYTE);
    await store.prepare(now(), now() + HOUR_MS);
    await traces.drop(beforeMs, MOST_TRACES);
    this.#bytes = bytes;
    if (hours > 0) logger.info({ hours, bytes }, 'hours of SIP messages dropped');
  }

  async #round(): Promise<void> {
    try {
      await this.once();
    } catch (error) {
      // The next one does the same.
      this.#parts.logger.warn({ err: error }, 'SIP messages were not tidied');
    }
  }
}
