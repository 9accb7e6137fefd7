import { encoded } from '@tandem/proto/encoded';
import type { Encoder } from '@tandem/proto/encoded';

/** The moments that the store's clock has given; 0 = did not happen, or is not known. */
export interface EventTimes {
  readonly answeredMs: number;
  readonly endedMs: number;
  /** The last proof of life. */
  readonly aliveMs: number;
}

/**
 * The event of an entry of the outbox: `<answered ms>:<ended ms>:<alive ms>:` and the encoded event. The times stand in front
 * as text since a script writes them; the event may be several encodings behind each other, which protobuf defines to be
 * their merge. It is passed on as it is, with the times behind it.
 */
export function eventOfPayload(payload: Buffer): Buffer {
  const { bytes, times } = partsOf(payload);
  return timedEvent(bytes, times);
}

/** An entry of the outbox, as a script writes it too. */
export function payloadOf(event: Uint8Array, times: EventTimes): Buffer {
  const { answeredMs, endedMs, aliveMs } = times;
  return Buffer.concat([Buffer.from([answeredMs, endedMs, aliveMs, ''].join(':')), event]);
}

/** The event of an entry of the outbox without its times, and those. */
export function partsOf(payload: Buffer): { readonly bytes: Buffer; readonly times: EventTimes } {
  const times: number[] = [];
  let from = 0;
  for (let each = 0; each < 3; each++) {
    const end = payload.indexOf(':', from);
    times.push(Number(payload.toString('latin1', from, end)));
    from = end + 1;
  }
  const [answeredMs = 0, endedMs = 0, aliveMs = 0] = times;
  return { bytes: payload.subarray(from), times: { answeredMs, endedMs, aliveMs } };
}

/** An encoded event without times, with the times that a script has taken. */
export function timedEvent(event: Uint8Array, times: EventTimes): Buffer {
  return encoded(timed, { event, times });
}

const timed: Encoder<{ readonly event: Uint8Array; readonly times: EventTimes }> = {
  encode({ event, times: { answeredMs, endedMs, aliveMs } }, writer) {
    writer.raw(event);
    // Fields 6, 7 and 18 of tandem.events.v1.CallEvent, as varints.
    if (answeredMs !== 0) writer.uint32(6 << 3).int64(answeredMs);
    if (endedMs !== 0) writer.uint32(7 << 3).int64(endedMs);
    if (aliveMs !== 0) writer.uint32(18 << 3).int64(aliveMs);
    return writer;
  },
};
