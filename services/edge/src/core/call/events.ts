import { callEventMessage } from '@tandem/proto/call-event-message';
import type { CallEventMessage } from '@tandem/proto/call-event-message';
import { CallEvent, Termination } from '@tandem/proto/events';
import { encoded } from '@tandem/proto/encoded';
import type { Encoder } from '@tandem/proto/encoded';
import type { TerminationReason, EndedBy } from '@tandem/domain';
import type { CallNote } from '../../ports.ts';
import type { EncodedDecision } from './decisions.ts';

/** How a call ended, for the CDR. */
export interface Ending {
  readonly reason: TerminationReason;
  /** What the caller got; 200 after an answer. */
  readonly code: number;
  readonly by: EndedBy;
  /** What helps an operator: the peer's own words. */
  readonly text: string;
  /** CALL-05: charged to the last proof of life. @default false: to its end */
  readonly isChargedToAlive?: boolean | undefined;
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

/** The fields of an `ended` event that are known at the end alone, with how it was decided; the rest was stored at the answer. */
export function endingEvent(
  callId: string,
  { isChargedToAlive = false, ...ending }: Ending,
  decision?: EncodedDecision,
): CallEventMessage {
  const message = callEventMessage(
    CallEvent.fromPartial({
      eventId: endedEventId(callId),
      callId,
      type: 'ended',
      termination: Termination.fromPartial(ending),
      chargedToAlive: isChargedToAlive,
    }),
  );
  if (decision === undefined) return message;
  return { ...message, bytes: Buffer.concat([message.bytes, encoded(decisionAlone, decision)]) };
}

/**
 * A decision that is taken once the call's event is stored, or told.
 * @param name tells the notes of a call apart; no dots
 */
export function callNote(callId: string, name: string, decision: EncodedDecision): CallNote {
  const eventId = `${callId}.noted.${name}`;
  const decisions = encoded(decisionAlone, decision);
  const head = encoded(CallEvent, CallEvent.fromPartial({ eventId, callId, type: 'noted' }));
  return {
    eventId,
    decisions,
    event: { eventId, callId, bytes: Buffer.concat([head, decisions]) },
  };
}

const decisionAlone: Encoder<EncodedDecision> = {
  // Field 15 of tandem.events.v1.CallEvent.
  encode: (decision, writer) => writer.uint32((15 << 3) | 2).bytes(decision),
};
