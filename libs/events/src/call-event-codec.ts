import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { CallEvent } from '@tandem/proto/events';

/** The one topic of call events; its key is the call id, so that the events of a call keep their order. */
export const callEventsTopic = 'tandem.call-events.v1';

// One writer for all: it keeps its buffer, which would grow anew with every event.
let writer = new BinaryWriter();

/** The event as it stands in the log. */
export function encodeCallEvent(event: CallEvent): Buffer {
  try {
    const bytes = CallEvent.encode(event, writer).finish();
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  } catch (error) {
    // Half an event may be left in it.
    writer = new BinaryWriter();
    throw error;
  }
}

/**
 * Reads a whole event from the log.
 * @throws Error where the bytes are no call event.
 */
export function decodeCallEvent(bytes: Uint8Array): CallEvent {
  return CallEvent.decode(bytes);
}
