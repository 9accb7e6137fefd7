import { CallEvent } from '@tandem/proto/events';

/** The one topic of call events; its key is the call id, so that the events of a call keep their order. */
export const callEventsTopic = 'tandem.call-events.v1';

/** The event as it stands in the log. */
export function encodeCallEvent(event: CallEvent): Buffer {
  const bytes = CallEvent.encode(event).finish();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * Reads an event from the log.
 * @throws Error where the bytes are no call event, or one without the ids by which duplicates are dropped.
 */
export function decodeCallEvent(bytes: Uint8Array): CallEvent {
  const event = CallEvent.decode(bytes);
  if (event.eventId === '' || event.callId === '' || event.type === '') {
    throw new Error('not a call event: event id, call id or type is missing');
  }
  return event;
}
