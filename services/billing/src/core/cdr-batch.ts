import { cdrOf, whyUnusable } from './cdr-row.ts';
import type { CdrRow } from './cdr-row.ts';
import type { ReceivedEvent } from './received-event.ts';

/** A batch of events, sorted by what is done with them. */
export interface CdrBatch {
  /** One per call that ended, ordered by call id so that two writers never wait for each other in a ring. */
  readonly ended: readonly CdrRow[];
  /** Answered calls whose end is not in this batch, ordered by call id. */
  readonly answered: readonly ReceivedEvent[];
  /** What cannot be used or charged; rows of uncharged calls are in `ended` all the same. */
  readonly dead: readonly DeadEvent[];
  /** Events dropped because this batch holds the same one already. */
  readonly duplicates: number;
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
  const ended = new Map<string, CdrRow>();
  const answered = new Map<string, ReceivedEvent>();
  const dead = new Map<string, DeadEvent>();
  let duplicates = 0;
  for (const event of events) {
    const { type, callId } = event.head;
    if (type === 'ended') {
      if (ended.has(callId)) duplicates += 1;
      else takeEnd(event, ended, dead);
    } else if (type === 'answered') {
      if (answered.has(callId)) duplicates += 1;
      else takeAnswer(event, answered, dead);
    }
  }
  for (const callId of ended.keys()) answered.delete(callId);
  return {
    ended: [...ended.values()].sort((one, other) => compare(one.callId, other.callId)),
    answered: [...answered.values()].sort((one, other) =>
      compare(one.head.callId, other.head.callId),
    ),
    dead: [...dead.values()],
    duplicates,
  };
}

type Dead = Map<string, DeadEvent>;

function takeEnd(event: ReceivedEvent, ended: Map<string, CdrRow>, dead: Dead): void {
  const result = cdrOf(event);
  if (result.kind === 'unusable') {
    bury(event, result.cause, dead);
    return;
  }
  ended.set(event.head.callId, result.row);
  if (result.row.problem !== '') bury(event, result.row.problem, dead);
}

function takeAnswer(event: ReceivedEvent, answered: Map<string, ReceivedEvent>, dead: Dead): void {
  const cause = whyUnusable(event.head);
  if (cause === '') answered.set(event.head.callId, event);
  else bury(event, cause, dead);
}

function bury(event: ReceivedEvent, cause: string, dead: Dead): void {
  const position = `event ${event.head.eventId}`;
  dead.set(position, { position, cause, event });
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
