import { Attempt } from '@tandem/proto/events';
import type { CallEvent } from '@tandem/proto/events';
import { HeadReader, skip } from './call-event-head.ts';

/** When a call rang, was answered and ended, and its attempts: what its gateways are judged by. */
export type CallAttempts = Pick<CallEvent, 'answeredMs' | 'attempts' | 'endedMs' | 'ringingMs'>;

/** Tags of tandem.events.v1.CallEvent: number of the field × 8 + wire type. */
const RINGING = 5 * 8;
const ANSWERED = 6 * 8;
const ENDED = 7 * 8;
const ATTEMPT = 11 * 8 + 2;

/**
 * Reads the attempts of an event and passes over the rest, decisions above all: a fraction of the time of decoding it.
 * @throws Error where the bytes are no call event
 */
export function readCallAttempts(bytes: Uint8Array): CallAttempts {
  const reader = new HeadReader(bytes);
  const call = { ringingMs: 0, answeredMs: 0, endedMs: 0, attempts: [] as Attempt[] };
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === RINGING) call.ringingMs = reader.time();
    else if (tag === ANSWERED) call.answeredMs = reader.time();
    else if (tag === ENDED) call.endedMs = reader.time();
    else if (tag === ATTEMPT) call.attempts.push(Attempt.decode(reader, reader.uint32()));
    else skip(reader, tag);
  }
  return call;
}
