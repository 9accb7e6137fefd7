import { CallEvent } from '@tandem/proto/events';

/** The moments that the store's clock has given; 0 = did not happen, or is not known. */
export interface EventTimes {
  readonly answeredMs: number;
  readonly endedMs: number;
  /** The last proof of life. */
  readonly aliveMs: number;
}

/**
 * An entry of the outbox: `<answered ms>:<ended ms>:<alive ms>:` and the encoded event. The times stand in front as text
 * since a script writes them; the event may be several encodings behind each other, which protobuf defines to be their merge.
 */
export function decodePayload(payload: Buffer): CallEvent {
  const times: number[] = [];
  let from = 0;
  for (let each = 0; each < 3; each++) {
    const end = payload.indexOf(':', from);
    times.push(Number(payload.toString('latin1', from, end)));
    from = end + 1;
  }
  const [answeredMs = 0, endedMs = 0, aliveMs = 0] = times;
  return timedEvent(payload.subarray(from), { answeredMs, endedMs, aliveMs });
}

/** Decodes an event and sets the times that a script has taken. */
export function timedEvent(bytes: Uint8Array, times: EventTimes): CallEvent {
  return Object.assign(CallEvent.decode(bytes), times);
}
