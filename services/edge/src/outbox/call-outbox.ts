import { typeOfEvent } from '@tandem/events';
import type { CallEventMessage, EventPublisher } from '@tandem/events';
import type { Logger } from '@tandem/service';
import type { CallStore, Clock } from '../ports.ts';
import { eventsPublished } from '../telemetry.ts';
import { passed } from '../faults.ts';
import { UnstoredEvents } from './unstored-events.ts';

/** What was published leaves the store's outbox together with whatever else was, after this time. */
const SETTLE_MS = 50;
const SETTLE_AT = 200;
const SWEEP_MS = 1000;
/** What a sweep takes is not given to another pod's sweep for this long. */
const SWEEP_CLAIM_MS = 10_000;
/** Events that a sweep publishes at once: as many as make the publisher send without waiting for more. */
const BATCH = 500;
/** While the log is away it is tried once in this time, with one event. */
const RETRY_MS = 1000;
/** Events on their way to the log; what comes on top is left to the sweep. */
const UNDER_WAY_LIMIT = 5000;

/**
 * Publishes call events and takes them out of the store's outbox once they are acknowledged. What was not is published
 * again by the sweep of any pod (edge.md §1.7); readers drop duplicates by event id.
 *
 * While the log is away nothing is kept here, since the store has it, and nothing is tried but a single event a second.
 */
export class CallOutbox {
  readonly #store: CallStore;
  readonly #publisher: EventPublisher;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #unstored: UnstoredEvents;
  readonly #underWay = new Set<Promise<void>>();
  #eventsUnderWay = 0;
  #settled: string[] = [];
  #settleTimer: object | undefined;
  #sweepTimer: object | undefined;
  #isAway = false;
  /** Whether the one event is on its way that shows whether the log is back, and when the next may go. */
  #isProbing = false;
  #nextProbeMs = 0;
  /** Halved by each failure, so that one event that the log refuses does not hold up all others. */
  #batch = BATCH;
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
    this.#unstored = new UnstoredEvents({
      clock: parts.clock,
      logger: parts.logger,
      publish: (events) => this.#publish(events),
    });
  }

  /** Whether the log takes events, as far as is known. */
  get isAway(): boolean {
    return this.#isAway;
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
  publish(event: CallEventMessage): void {
    if (this.#hasRoom()) this.#track(this.#publish([event]));
  }

  /**
   * The same with fields that the store does not have, as soon as it is known whether there are any. What the log does not take
   * at once the store gets, for the sweep.
   */
  publishWith(event: CallEventMessage, fields: Promise<Buffer | undefined>): void {
    this.#track(this.#publishWhole(event, fields));
  }

  /** Adds fields to an event that waits in the store's outbox, if it still does. */
  amend(eventId: string, fields: Promise<Buffer | undefined>): void {
    this.#track(this.#amend(eventId, fields));
  }

  /** Publishes an event that the store could not take: tried until `close`. */
  publishUnstored(event: CallEventMessage): void {
    this.#unstored.add(event);
  }

  /** Waits for what is under way and settles it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#sweepTimer !== undefined) this.#clock.stop(this.#sweepTimer);
    await this.#unstored.close();
    await Promise.all(this.#underWay);
    await this.#settle();
  }

  async #sweep(): Promise<void> {
    try {
      while (!this.#isClosed && this.#mayTry()) {
        const limit = this.#isAway ? 1 : this.#batch;
        const events = await this.#store.claimDue(limit, SWEEP_CLAIM_MS);
        if (events.length === 0 || !(await this.#publish(events))) return;
        await this.#settle();
        if (events.length < limit) return;
      }
    } catch (error) {
      this.#logger.debug({ err: error }, 'outbox not swept');
    }
  }

  #hasRoom(): boolean {
    return this.#mayTry() && this.#eventsUnderWay < UNDER_WAY_LIMIT;
  }

  async #publishWhole(event: CallEventMessage, known: Promise<Buffer | undefined>): Promise<void> {
    const fields = await known;
    const whole =
      fields === undefined ? event : { ...event, bytes: Buffer.concat([event.bytes, fields]) };
    const isTaken = this.#hasRoom() && (await this.#publish([whole]));
    if (!isTaken && fields !== undefined) await this.#amend(event.eventId, known);
  }

  async #amend(eventId: string, known: Promise<Buffer | undefined>): Promise<void> {
    const fields = await known;
    if (fields === undefined) return;
    try {
      await this.#store.amend(eventId, fields);
    } catch (error) {
      // It is published without them.
      this.#logger.debug({ err: error, eventId }, 'event not amended');
    }
  }

  #mayTry(): boolean {
    return !this.#isAway || (!this.#isProbing && this.#clock.now() >= this.#nextProbeMs);
  }

  /** @returns whether the log has the events */
  async #publish(events: readonly CallEventMessage[]): Promise<boolean> {
    if (!this.#mayTry()) return false;
    const isProbe = this.#isAway;
    if (isProbe) this.#isProbing = true;
    this.#eventsUnderWay += events.length;
    try {
      await this.#publisher.publish(events);
    } catch (error) {
      this.#failed(error);
      return false;
    } finally {
      this.#eventsUnderWay -= events.length;
      if (isProbe) this.#isProbing = false;
    }
    this.#succeeded(events);
    return true;
  }

  #failed(error: unknown): void {
    if (!this.#isAway) this.#logger.warn({ err: error }, 'events wait in the outbox');
    this.#isAway = true;
    this.#nextProbeMs = this.#clock.now() + RETRY_MS;
    this.#batch = Math.max(1, Math.floor(this.#batch / 2));
  }

  #succeeded(events: readonly CallEventMessage[]): void {
    if (this.#isAway) this.#logger.info('events are published again');
    this.#isAway = false;
    if (events.length >= this.#batch) this.#batch = Math.min(BATCH, this.#batch * 2);
    eventsPublished.add(events.length);
    if (events.some(({ eventId }) => typeOfEvent(eventId) === 'answered'))
      passed('after-answer-publish');
    for (const event of events) this.#settled.push(event.eventId);
    if (this.#settled.length >= SETTLE_AT) this.#track(this.#settle());
    else
      this.#settleTimer ??= this.#clock.start(SETTLE_MS, () => {
        this.#track(this.#settle());
      });
  }

  async #settle(): Promise<void> {
    if (this.#settleTimer !== undefined) this.#clock.stop(this.#settleTimer);
    this.#settleTimer = undefined;
    const eventIds = this.#settled;
    this.#settled = [];
    try {
      await this.#store.settle(eventIds);
      passed('after-settle');
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
}
