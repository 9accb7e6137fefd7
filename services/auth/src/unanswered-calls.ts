import type { CallEventMessage, EventPublisher } from '@tandem/events';
import type { Logger } from '@tandem/service';
import { nameOfUnknown } from './core/decisions.ts';
import { unansweredCall, type ConcludedChallenge } from './core/unanswered-call.ts';

const WINDOW_MS = 60_000;
/** CDRs of a window, as of the journal's entries: of names that are somebody's here, of all others, and of one source. */
const MOST = { known: 2000, unknown: 200, place: 20 } as const;
/** Events that wait for the log; what comes on top has no CDR. */
const MOST_WAITING = 2000;

interface Parts {
  readonly publisher: Pick<EventPublisher, 'publish'>;
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Tells billing of calls whose challenge nobody answered (AUTH-14): each is an attempt with a CDR. A flood fills no table: of a source,
 * and of those whom nobody knows, so many a minute have one, and all others are gathered alone (`AuthStore.conclude`).
 */
export class UnansweredCalls {
  readonly #parts: Parts;
  readonly #counts = new Map<string, number>();
  #windowEndsMs = 0;
  #waiting: CallEventMessage[] = [];

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** A challenge that this pod has concluded: what it has not sent when it is killed has no CDR. */
  add(concluded: ConcludedChallenge): void {
    const event = unansweredCall(concluded, this.#parts.now());
    if (event === undefined || this.#waiting.length >= MOST_WAITING) return;
    if (this.#hasRoom(concluded)) this.#waiting.push(event);
  }

  /** Sends what waits; while the log is away it goes on waiting. Never rejects. */
  async send(): Promise<void> {
    const events = this.#waiting;
    if (events.length === 0) return;
    this.#waiting = [];
    try {
      await this.#parts.publisher.publish(events);
    } catch (error) {
      this.#waiting = [...events, ...this.#waiting];
      this.#parts.logger.debug({ err: error, events: events.length }, 'ends of calls not told');
    }
  }

  #hasRoom({ terminal }: ConcludedChallenge): boolean {
    const nowMs = this.#parts.now();
    if (nowMs >= this.#windowEndsMs) {
      this.#windowEndsMs = nowMs + WINDOW_MS;
      this.#counts.clear();
    }
    const whose = nameOfUnknown(terminal.user) === undefined ? 'known' : 'unknown';
    const place = `at ${terminal.place}`;
    const isFull = this.#count(whose) >= MOST[whose] || this.#count(place) >= MOST.place;
    if (isFull) return false;
    for (const name of [whose, place]) this.#counts.set(name, this.#count(name) + 1);
    return true;
  }

  #count(name: string): number {
    return this.#counts.get(name) ?? 0;
  }
}
