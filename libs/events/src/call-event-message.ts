import type { CallEventMessage } from '@tandem/proto/call-event-message';
import { readCallEventHead } from './call-event-head.ts';

export { callEventMessage, typeOfEvent } from '@tandem/proto/call-event-message';
export type { CallEventMessage } from '@tandem/proto/call-event-message';

/**
 * Makes a message of an event of which the bytes alone are known.
 * @throws Error where the bytes are no call event
 */
export function readCallEventMessage(bytes: Buffer): CallEventMessage {
  const { eventId, callId } = readCallEventHead(bytes);
  return { eventId, callId, bytes };
}
