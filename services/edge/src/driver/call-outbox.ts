import type { EventPublisher } from '@tandem/events';
import type { CallEvent } from '@tandem/proto/events';
import type { Logger } from '@tandem/service';
import type { CallStore, Clock } from '../ports.ts';
import { eventsPublished } from '../telemetry.ts';

/** What was published leaves the store's outbox together with whatever else was, after this time. */
const SETTLE_MS = 50;
const SETTLE_AT = 200;
const SWEEP_MS = 1000;
const SWEEP_LIMIT = 500;
/** What a sweep takes is not given to another pod's sweep for this long. */
const SWEEP_CLAIM_MS = 10_000;

/**
 * Publishes call events and takes them out of the store's outbox once they are acknowledged. What was not is published
 * again by the sweep of any pod (edge.md §1.7); readers drop duplicates by event id.
 */
export class CallOutbox {
  readonly #store: CallStore;
  readonly #publisher: EventPublisher;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #settled: string[] = [];
  #settleTimer: object | undefined;
  #sweepTimer: object | undefined;
  readonly #underWay = new Set<Promise<void>>();
  #isAway = false;
  #isClosed = false;

  constructor(parts: {
    store: CallStore;
    publisher: EventPublisher;
    clock: Clock;
    logger: Logger;
  }) {
    this.#store = parts.store;
    this.#publisher = parts.publisher;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
  }

  /** Begins to sweep. */
  start(): void {
    this.#sweepTimer = this.#clock.start(SWEEP_MS, () => {
      // The sweep reports its own failures.
      void this.#sweep().then(() => {
        if (!this.#isClosed) this.start();
      });
    });
  }

  /** Publishes an event that is in the store's outbox; a failure is left to the sweep. */
  publish(event: CallEvent): void {
    this.#track(this.#publish([event]));
  }

  /** Publishes an event that the store could not take: tried until `close`. */
  publishUnstored(event: CallEvent): void {
    const retry = async (): Promise<void> => {
      while (!(await this.#publish([event])) && !this.#isClosed) await this.#pause(SWEEP_MS);
    };
    this.#track(retry());
  }

  /** Waits for what is under way and settles it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#sweepTimer !== undefined) this.#clock.stop(this.#sweepTimer);
    await Promise.all(this.#underWay);
    await this.#settle();
  }

  async #sweep(): Promise<void> {
    try {
      const events = await this.#store.claimDue(SWEEP_LIMIT, SWEEP_CLAIM_MS);
      if (events.length > 0) await this.#publish(events);
    } catch (error) {
      this.#logger.debug({ err: error }, 'outbox not swept');
    }
  }

  async #publish(events: readonly CallEvent[]): Promise<boolean> {
    try {
      await this.#publisher.publish(events);
    } catch (error) {
      if (!this.#isAway) this.#logger.warn({ err: error }, 'events wait in the outbox');
      this.#isAway = true;
      return false;
    }
    if (this.#isAway) this.#logger.info('events are published again');
    this.#isAway = false;
    eventsPublished.add(events.length);
    for (const event of events) this.#settled.push(event.eventId);
    if (this.#settled.length >= SETTLE_AT) await this.#settle();
    else
      this.#settleTimer ??= this.#clock.start(SETTLE_MS, () => {
        this.#track(this.#settle());
      });
    return true;
  }

  async #settle(): Promise<void> {
    if (this.#settleTimer !== undefined) this.#clock.stop(this.#settleTimer);
    this.#settleTimer = undefined;
    const eventIds = this.#settled;
    this.#settled = [];
    try {
      await this.#store.settle(eventIds);
    } catch (error) {
      // Published again by a sweep, and dropped by the reader as known.
      this.#logger.debug({ err: error, events: eventIds.length }, 'outbox not settled');
    }
  }

  #track(work: Promise<unknown>): void {
    const tracked = work.then(() => {
      this.#underWay.delete(tracked);
    });
    this.#underWay.add(tracked);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.start(ms, resolve);
    });
  }
}
