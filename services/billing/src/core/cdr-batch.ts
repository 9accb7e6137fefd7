import { cdrOf, whyUnusable, whyUnusableEnd } from './cdr-row.ts';
import type { CdrRow } from './cdr-row.ts';
import type { ReceivedEvent } from './received-event.ts';

/** A batch of events, sorted by what is done with them. */
export interface CdrBatch {
  /** One per call that ended, ordered by call id so that two writers never wait for each other in a ring. */
  readonly ended: readonly CdrRow[];
  /** Answered calls whose end is not in this batch, ordered by call id. */
  readonly answered: readonly OpenCall[];
  /** Ends whose facts stand in the call's `answered` event, unless a whole end came before. */
  readonly partial: readonly ReceivedEvent[];
  /** Decisions that were taken after their call had ended. */
  readonly notes: readonly ReceivedEvent[];
  /** What cannot be used or charged; rows of uncharged calls are in `ended` all the same. */
  readonly dead: readonly DeadEvent[];
  /** Events dropped because this batch holds the same one already. */
  readonly duplicates: number;
}

/** A call that was answered and goes on, as far as this batch says. */
interface OpenCall {
  /** Its `answered` event, or an `interim` one, which says the same. */
  readonly event: ReceivedEvent;
  /** The last moment at which it was known to be alive. */
  readonly aliveMs: number;
}

export interface DeadEvent {
  /** Where or what it is: the same event has the same position. */
  readonly position: string;
  readonly cause: string;
  readonly event: ReceivedEvent;
}

/**
 * Sorts a batch. Events may be doubled and in any order (BILL-04): only an end makes a CDR, the first one
 * of a call counts, and an answer that comes after its end is of no use any more.
 */
export function sortBatch(events: readonly ReceivedEvent[]): CdrBatch {
  const batch = new Sorting();
  for (const event of events) batch.take(event);
  return batch.result();
}

class Sorting {
  readonly #ended = new Map<string, CdrRow>();
  readonly #answered = new Map<string, OpenCall>();
  readonly #partial = new Map<string, ReceivedEvent>();
  readonly #notes: ReceivedEvent[] = [];
  readonly #dead = new Map<string, DeadEvent>();
  readonly #seen = new Set<string>();
  #duplicates = 0;

  take(event: ReceivedEvent): void {
    const { type, eventId, callId, partial } = event.head;
    // An end that was told without facts is filed as a whole, under the same id, once the store of calls is back.
    const id = partial === 0 ? eventId : `${eventId} partial`;
    if (this.#seen.has(id) || (type === 'ended' && this.#ended.has(callId))) {
      this.#duplicates += 1;
      return;
    }
    this.#seen.add(id);
    if (type === 'ended') {
      if (partial === 0) this.#takeEnd(event);
      else this.#takePartialEnd(event);
    } else if (type === 'answered' || type === 'interim') this.#takeProofOfLife(event);
    else if (type === 'noted') this.#notes.push(event);
  }

  result(): CdrBatch {
    for (const callId of this.#ended.keys()) this.#answered.delete(callId);
    const byCallId = <Item>(items: Iterable<Item>, callId: (item: Item) => string): Item[] =>
      [...items].sort((one, other) => compare(callId(one), callId(other)));
    return {
      ended: byCallId(this.#ended.values(), (row) => row.callId),
      answered: byCallId(this.#answered.values(), ({ event }) => event.head.callId),
      partial: byCallId(this.#partial.values(), ({ head }) => head.callId),
      notes: this.#notes,
      dead: [...this.#dead.values()],
      duplicates: this.#duplicates,
    };
  }

  #takeEnd(event: ReceivedEvent): void {
    const result = cdrOf(event);
    if (result.kind === 'unusable') {
      this.#bury(event, result.cause);
      return;
    }
    this.#ended.set(event.head.callId, result.row);
    if (result.row.problem !== '') this.#bury(event, result.row.problem);
  }

  #takePartialEnd(event: ReceivedEvent): void {
    const cause = whyUnusableEnd(event.head);
    if (cause === '') this.#partial.set(event.head.callId, event);
    else this.#bury(event, cause);
  }

  // An `interim` event holds all that the `answered` one does, so that either will do where the other was lost.
  #takeProofOfLife(event: ReceivedEvent): void {
    const cause = whyUnusable(event.head);
    if (cause !== '') {
      this.#bury(event, cause);
      return;
    }
    const { callId, answeredMs, aliveMs } = event.head;
    const before = this.#answered.get(callId);
    const latestMs = Math.max(answeredMs, aliveMs, before?.aliveMs ?? 0);
    this.#answered.set(callId, { event: before?.event ?? event, aliveMs: latestMs });
  }

  #bury(event: ReceivedEvent, cause: string): void {
    const position = `event ${event.head.eventId}`;
    this.#dead.set(position, { position, cause, event });
  }
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
