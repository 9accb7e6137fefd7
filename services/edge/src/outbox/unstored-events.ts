import { typeOfEvent } from '@tandem/events';
import type { CallEventMessage } from '@tandem/events';
import type { Logger } from '@tandem/service';
import type { Clock } from '../ports.ts';
import { eventsLost, eventsUnstored } from '../telemetry.ts';

const RETRY_MS = 1000;
const BATCH = 500;
/** Some 40 MB. Both stores have been away for long by then, and a pod without memory would lose the calls as well. */
const LIMIT = 20_000;

/** Events that stand in no store: kept here until the log has them (edge.md §5, Redis away). */
export class UnstoredEvents {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #publish: (events: readonly CallEventMessage[]) => Promise<boolean>;
  #waiting: CallEventMessage[] = [];
  #underWay: Promise<void> | undefined;
  #timer: object | undefined;
  #isClosed = false;

  constructor(parts: {
    readonly clock: Clock;
    readonly logger: Logger;
    /** Resolves with whether the log has them. */
    readonly publish: (events: readonly CallEventMessage[]) => Promise<boolean>;
  }) {
    this.#clock = parts.clock;
    this.#logger = parts.logger;
    this.#publish = parts.publish;
  }

  add(event: CallEventMessage): void {
    eventsUnstored.add(1, { type: typeOfEvent(event.eventId) });
    if (this.#waiting.length >= LIMIT) {
      const { callId, eventId } = event;
      eventsLost.add(1);
      this.#logger.error({ callId, eventId }, 'event lost: store and log are away for too long');
      return;
    }
    this.#waiting.push(event);
    this.#flushSoon();
  }

  /** Tries once more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer !== undefined) this.#clock.stop(this.#timer);
    await this.#underWay;
    while (this.#waiting.length > 0 && (await this.#flushBatch()));
    const lost = this.#waiting.map(({ eventId }) => eventId);
    if (lost.length === 0) return;
    eventsLost.add(lost.length);
    this.#logger.error({ lost }, 'events lost: store and log are away');
  }

  #flushSoon(): void {
    if (this.#underWay !== undefined || this.#timer !== undefined || this.#isClosed) return;
    this.#underWay = this.#flush().finally(() => {
      this.#underWay = undefined;
      if (this.#waiting.length === 0 || this.#isClosed) return;
      this.#timer = this.#clock.start(RETRY_MS, () => {
        this.#timer = undefined;
        this.#flushSoon();
      });
    });
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#isClosed && (await this.#flushBatch()));
  }

  async #flushBatch(): Promise<boolean> {
    const batch = this.#waiting.slice(0, BATCH);
    if (!(await this.#publish(batch))) return false;
    this.#waiting = this.#waiting.slice(batch.length);
    return true;
  }
}
