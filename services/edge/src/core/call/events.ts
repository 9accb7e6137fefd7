import { callEventMessage } from '@tandem/proto/call-event-message';
import type { CallEventMessage } from '@tandem/proto/call-event-message';
import { CallEvent, Termination } from '@tandem/proto/events';
import type { TerminationReason, EndedBy } from '@tandem/domain';

/** How a call ended, for the CDR. */
export interface Ending {
  readonly reason: TerminationReason;
  /** What the caller got; 200 after an answer. */
  readonly code: number;
  readonly by: EndedBy;
  /** What helps an operator: the peer's own words. */
  readonly text: string;
}

/** Identity of the event that says how a call ended: there is one per call. */
export function endedEventId(callId: string): string {
  return `${callId}.ended.1`;
}

/** Identity of the event that says that a call was answered: there is one per call. */
export function answeredEventId(callId: string): string {
  return `${callId}.answered.1`;
}

/** Identity of the nth event that says that a call goes on. */
export function interimEventId(callId: string, count: number): string {
  return `${callId}.interim.${String(count)}`;
}

/** The fields of an `ended` event that are known at the end alone; the rest was stored at the answer. */
export function endingEvent(callId: string, ending: Ending): CallEventMessage {
  return callEventMessage(
    CallEvent.fromPartial({
      eventId: endedEventId(callId),
      callId,
      type: 'ended',
      termination: Termination.fromPartial(ending),
    }),
  );
}
