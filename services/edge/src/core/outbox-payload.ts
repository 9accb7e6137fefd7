import { CallEvent } from '@tandem/proto/events';

/**
 * An entry of the outbox: `<answered ms>:<ended ms>:` and the encoded event. The times stand in front as text since a
 * script writes them; the event may be two encodings behind each other, which protobuf defines to be their merge.
 */
export function decodePayload(payload: Buffer): CallEvent {
  const first = payload.indexOf(':');
  const second = payload.indexOf(':', first + 1);
  return timedEvent(payload.subarray(second + 1), {
    answeredMs: Number(payload.toString('latin1', 0, first)),
    endedMs: Number(payload.toString('latin1', first + 1, second)),
  });
}

/** Decodes an event and sets the times that a script has taken. */
export function timedEvent(
  bytes: Buffer,
  times: { readonly answeredMs: number; readonly endedMs: number },
): CallEvent {
  const event = CallEvent.decode(bytes);
  event.answeredMs = times.answeredMs;
  event.endedMs = times.endedMs;
  return event;
}
