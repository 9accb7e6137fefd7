import type { CallEvent } from '@tandem/proto/events';
import { cdrOf, whyUnusable } from './cdr-row.ts';
import type { CdrRow } from './cdr-row.ts';

/** A batch of events, sorted by what is done with them. */
export interface CdrBatch {
  /** One per call that ended, ordered by call id so that two writers never wait for each other in a ring. */
  readonly ended: readonly CdrRow[];
  /** Answered calls whose end is not in this batch, ordered by call id. */
  readonly answered: readonly CallEvent[];
  /** What cannot be used or charged; rows of uncharged calls are in `ended` all the same. */
  readonly dead: readonly DeadEvent[];
  /** Events dropped because this batch holds the same one already. */
  readonly duplicates: number;
}

export interface DeadEvent {
  /** Where or what it is: the same event has the same position. */
  readonly position: string;
  readonly cause: string;
  readonly event: CallEvent;
}

/**
 * Sorts a batch. Events may be doubled and in any order (BILL-04): only an end makes a CDR, the first one
 * of a call counts, and an answer that comes after its end is of no use any more.
 */
export function sortBatch(events: readonly CallEvent[]): CdrBatch {
  const ended = new Map<string, CdrRow>();
  const answered = new Map<string, CallEvent>();
  const dead = new Map<string, DeadEvent>();
  let duplicates = 0;
  for (const event of events) {
    if (event.type === 'ended') {
      if (ended.has(event.callId)) duplicates += 1;
      else takeEnd(event, ended, dead);
    } else if (event.type === 'answered') {
      if (answered.has(event.callId)) duplicates += 1;
      else takeAnswer(event, answered, dead);
    }
  }
  for (const callId of ended.keys()) answered.delete(callId);
  return {
    ended: [...ended.values()].sort((one, other) => compare(one.callId, other.callId)),
    answered: [...answered.values()].sort((one, other) => compare(one.callId, other.callId)),
    dead: [...dead.values()],
    duplicates,
  };
}

function takeEnd(event: CallEvent, ended: Map<string, CdrRow>, dead: Map<string, DeadEvent>): void {
  const result = cdrOf(event);
  if (result.kind === 'unusable') {
    bury(event, result.cause, dead);
    return;
  }
  ended.set(event.callId, result.row);
  if (result.row.problem !== '') bury(event, result.row.problem, dead);
}

function takeAnswer(
  event: CallEvent,
  answered: Map<string, CallEvent>,
  dead: Map<string, DeadEvent>,
): void {
  const cause = whyUnusable(event);
  if (cause === '') answered.set(event.callId, event);
  else bury(event, cause, dead);
}

function bury(event: CallEvent, cause: string, dead: Map<string, DeadEvent>): void {
  const position = `event ${event.eventId}`;
  dead.set(position, { position, cause, event });
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
