import { encoded } from '@tandem/proto/encoded';
import { CallEvent } from '@tandem/proto/events';

/** The one topic of call events; its key is the call id, so that the events of a call keep their order. */
export const callEventsTopic = 'tandem.call-events.v1';

/** The event as it stands in the log. */
export function encodeCallEvent(event: CallEvent): Buffer {
  return encoded(CallEvent, event);
}

/**
 * Reads a whole event from the log.
 * @throws Error where the bytes are no call event.
 */
export function decodeCallEvent(bytes: Uint8Array): CallEvent {
  return CallEvent.decode(bytes);
}
