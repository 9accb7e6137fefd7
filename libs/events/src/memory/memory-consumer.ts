import { decodeInto, handOver, pause, receivedCallEvent, retryPauseMs } from '../decoded-batch.ts';
import type { Decode, DecodedBatch } from '../decoded-batch.ts';
import { decodeJournalMessage } from '../journal/journal-message.ts';
import type { JournalMessage } from '../journal/journal-message.ts';
import { decodeMessageFrame } from '../messages/message-frame.ts';
import type { MessageFrame } from '../messages/message-frame.ts';
import type { EventConsumer, EventHandler, EventLogger } from '../ports.ts';
import type { MemoryEventLog } from './memory-event-log.ts';

export interface MemoryConsumerOptions {
  readonly log: MemoryEventLog;
  /** Consumers of one group share one place in the log; only one of them may run at a time. */
  readonly group: string;
  readonly logger: EventLogger;
  /** Most events handed over at once. @default 1000 */
  readonly maxBatch?: number;
}

/** A consumer of a log of this process. It joins its group at once, so that nothing appended is lost to it. */
export function createMemoryConsumer(options: MemoryConsumerOptions): EventConsumer {
  return new MemoryConsumer(options, receivedCallEvent);
}

export function createMemoryJournalConsumer(
  options: MemoryConsumerOptions,
): EventConsumer<JournalMessage> {
  return new MemoryConsumer(options, decodeJournalMessage);
}

export function createMemoryMessagesConsumer(
  options: MemoryConsumerOptions,
): EventConsumer<MessageFrame> {
  return new MemoryConsumer(options, decodeMessageFrame);
}

class MemoryConsumer<Event> implements EventConsumer<Event> {
  readonly #options: MemoryConsumerOptions;
  readonly #decode: Decode<Event>;
  readonly #closing = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #currentSinceMs: number | undefined;

  constructor(options: MemoryConsumerOptions, decode: Decode<Event>) {
    this.#options = options;
    this.#decode = decode;
    options.log.join(options.group);
  }

  run(handler: EventHandler<Event>): Promise<void> {
    this.#running = this.#consume(handler);
    return this.#running;
  }

  lag(): number {
    return this.#options.log.end - this.#options.log.committed(this.#options.group);
  }

  groupLag(): Promise<number> {
    return Promise.resolve(this.lag());
  }

  currentSinceMs(): number | undefined {
    return this.#currentSinceMs;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #consume(handler: EventHandler<Event>): Promise<void> {
    const { log, group, maxBatch = 1000 } = this.#options;
    while (!this.#closing.signal.aborted) {
      const offset = log.committed(group);
      const messages = log.read(offset, maxBatch);
      if (messages.length === 0) {
        this.#currentSinceMs ??= Date.now();
        await this.#appended();
        continue;
      }
      const batch: DecodedBatch<Event> = { events: [], undecodable: [] };
      messages.forEach((value, index) => {
        decodeInto(batch, value, {
          decode: this.#decode,
          position: () => `memory/0/${String(offset + index)}`,
        });
      });
      if (await this.#handled(batch, handler)) log.commit(group, offset + messages.length);
    }
  }

  async #handled(batch: DecodedBatch<Event>, handler: EventHandler<Event>): Promise<boolean> {
    for (let attempt = 0; !this.#closing.signal.aborted; attempt += 1) {
      try {
        await handOver(batch, handler, this.#options.logger);
        return true;
      } catch (error) {
        this.#currentSinceMs = undefined;
        this.#options.logger.warn({ err: error, attempt }, 'events not handled, trying again');
        await pause(retryPauseMs(attempt), this.#closing.signal);
      }
    }
    return false;
  }

  #appended(): Promise<void> {
    return new Promise((resolve) => {
      this.#closing.signal.addEventListener(
        'abort',
        () => {
          resolve();
        },
        { once: true },
      );
      this.#options.log.onAppend(resolve);
    });
  }
}
