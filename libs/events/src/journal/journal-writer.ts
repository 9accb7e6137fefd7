import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { journalCauseOf } from '@tandem/domain';
import type { JournalNote } from '@tandem/domain';
import type { EventLogger, EventPublisher } from '../ports.ts';
import { lostEntries, notedEntries } from '../telemetry.ts';
import { Gathering } from './gathering.ts';
import type { Journal, JournalLevel } from './journal.ts';
import { encodeJournalMessage } from './journal-message.ts';
import type { EncodedJournalMessage } from './journal-message.ts';
import { Tallies } from './tallies.ts';

export interface JournalWriterOptions {
  /** Closed with the writer. */
  readonly publisher: EventPublisher<EncodedJournalMessage>;
  readonly logger: EventLogger;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
  /** What happens again within this time of its first is one entry, in ms. @default 60000 */
  readonly windowMs?: number;
  /** How often entries that have grown and counts are told, in ms. @default 5000 */
  readonly flushMs?: number;
  /** Messages that may wait while the log is away; more are lost, and counted. @default 10000 */
  readonly maxWaiting?: number;
  /** Pause after a failure, in ms. @default 1000 */
  readonly retryMs?: number;
  /** For what still waits when the writer is closed, in ms. @default 2000 */
  readonly closeMs?: number;
}

const MOST_AT_ONCE = 500;

/**
 * Writes the journal into a log. A process that is killed loses what it has not sent: new entries of some milliseconds, and
 * how often those of the last `flushMs` have come again. While the log is away up to `maxWaiting` messages wait here.
 */
export class JournalWriter implements Journal {
  readonly #options: JournalWriterOptions;
  readonly #now: () => number;
  readonly #maxWaiting: number;
  readonly #gathering: Gathering;
  readonly #tallies: Tallies;
  readonly #life: string;
  readonly #timer: NodeJS.Timeout;
  #waiting: EncodedJournalMessage[] = [];
  #sending: Promise<void> | undefined;
  #isClosed = false;
  #isLosing = false;
  #endPause: (() => void) | undefined;

  constructor(options: JournalWriterOptions) {
    this.#options = options;
    const { flushMs = 5000, maxWaiting = 10_000, now = Date.now, windowMs = 60_000 } = options;
    this.#now = now;
    this.#maxWaiting = maxWaiting;
    this.#life = randomBytes(9).toString('base64url');
    let ids = 0;
    const nextId = (): string => `${this.#life}.${(ids += 1).toString(36)}`;
    this.#gathering = new Gathering({ windowMs, nextId, writer: hostname() });
    this.#tallies = new Tallies(this.#life);
    this.#timer = setInterval(() => {
      this.flush();
    }, flushMs).unref();
  }

  note(note: JournalNote): void {
    if (this.#isClosed) return;
    const nowMs = this.#now();
    notedEntries.add(note.count ?? 1, { cause: note.cause });
    this.#tallies.count(note, nowMs);
    if (journalCauseOf(note.cause).isCountedOnly === true) return;
    const entry = this.#gathering.take(note, nowMs);
    if (entry !== undefined) this.#send(entry.id, { $case: 'entry', value: entry });
  }

  level(name: JournalLevel, value: number): void {
    this.#tallies.level(name, value, this.#now());
  }

  limit(entries: number): void {
    this.#gathering.limit(entries);
  }

  /** Sends what has grown, and the counts, as far as they have not been told. */
  flush(): void {
    const nowMs = this.#now();
    for (const value of this.#gathering.grown(nowMs))
      this.#send(value.id, { $case: 'entry', value });
    for (const value of this.#tallies.changed(nowMs)) {
      this.#send(this.#life, { $case: 'tally', value });
    }
  }

  /** Sends what there is; what the log does not take in time is lost, and counted. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.flush();
    this.#isClosed = true;
    this.#endPause?.();
    const { closeMs = 2000, publisher } = this.#options;
    let limit: NodeJS.Timeout | undefined;
    const isLate = new Promise<void>((resolve) => {
      limit = setTimeout(resolve, closeMs);
    });
    await Promise.race([this.#sending, isLate]);
    clearTimeout(limit);
    this.#lose(this.#waiting.length);
    this.#waiting = [];
    await publisher.close();
  }

  #send(key: string, content: Parameters<typeof encodeJournalMessage>[1]): void {
    if (this.#waiting.length >= this.#maxWaiting) {
      this.#lose(1);
      return;
    }
    this.#waiting.push(encodeJournalMessage(key, content));
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
  }

  /** Never rejects. After `close` each message is tried once more. */
  async #sendAll(): Promise<void> {
    // What is noted in the same turn leaves in one batch.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, MOST_AT_ONCE);
      try {
        await this.#options.publisher.publish(batch);
        this.#waiting = this.#waiting.slice(batch.length);
        this.#isLosing = false;
      } catch (error) {
        this.#options.logger.debug({ err: error }, 'the journal waits');
        if (this.#isClosed) return;
        await this.#pause();
      }
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#options.retryMs ?? 1000).unref();
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #lose(count: number): void {
    if (count === 0) return;
    lostEntries.add(count);
    if (this.#isLosing) return;
    this.#isLosing = true;
    const text = 'the journal loses entries: the log does not take them';
    this.#options.logger.error({ waiting: this.#waiting.length, lost: count }, text);
  }
}
