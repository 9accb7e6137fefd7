import { encoded } from './encoded.ts';
import { CallEvent } from './gen/tandem/events/v1/events.ts';

/** An event as it goes into the log: what has to be known of it on the way, and all of it encoded. */
export interface CallEventMessage {
  /** `<call id>.<type>.<n>`. */
  readonly eventId: string;
  /** The key in the log. */
  readonly callId: string;
  /** Encoded tandem.events.v1.CallEvent; several encodings behind each other are their merge, as protobuf defines it. */
  readonly bytes: Buffer;
}

export function callEventMessage(event: CallEvent): CallEventMessage {
  const { eventId, callId } = event;
  return { eventId, callId, bytes: encoded(CallEvent, event) };
}

/** The type of an event, by its id. */
export function typeOfEvent(eventId: string): string {
  return eventId.split('.').at(-2) ?? '';
}
