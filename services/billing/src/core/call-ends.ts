import { CallEvent, Termination } from '@tandem/proto/events';

/** Why a call whose end nobody told is closed. */
const LOST = 'Lost';

/**
 * The end of a call that a pod reported without its facts, since the store of calls was away or had been emptied:
 * those facts are the answer's. A clock that is behind the store's does not make the call end before its answer.
 */
export function wholeEnd(partial: CallEvent, answered: CallEvent): CallEvent {
  return CallEvent.create({
    ...answered,
    eventId: partial.eventId,
    type: 'ended',
    endedMs: Math.max(partial.endedMs, answered.answeredMs),
    aliveMs: Math.max(partial.aliveMs, answered.aliveMs),
    termination: partial.termination,
    decisions: [...answered.decisions, ...partial.decisions],
    traceParent: partial.traceParent === '' ? answered.traceParent : partial.traceParent,
    edge: partial.edge === '' ? answered.edge : partial.edge,
    partial: false,
    chargedToAlive: partial.chargedToAlive,
  });
}

/** What a `noted` event adds to its call's: behind the encoded event, protobuf takes it for one more decision. */
export function decisionsOf(note: Uint8Array): Uint8Array {
  const { decisions } = CallEvent.decode(note);
  return CallEvent.encode(CallEvent.fromPartial({ decisions })).finish();
}

/**
 * BILL-09: the end of a call that nobody owns any more, at the last moment at which it was known to be alive. Its event
 * id comes before that of every real end.
 */
export function lostEnd(answered: CallEvent, aliveMs: number): CallEvent {
  const lastMs = Math.max(aliveMs, answered.answeredMs, answered.aliveMs);
  return CallEvent.create({
    ...answered,
    eventId: `${answered.callId}.ended.0`,
    type: 'ended',
    endedMs: lastMs,
    aliveMs: lastMs,
    termination: Termination.create({
      reason: LOST,
      code: 200,
      by: 'switch',
      text: 'no sign of life, and nobody told its end',
    }),
  });
}

/** BILL-09: an end whose answer never came: it is kept with what is known, and cannot be charged. */
export function endWithoutAnswer(partial: CallEvent): CallEvent {
  const startedMs = partial.startedMs === 0 ? partial.endedMs : partial.startedMs;
  return CallEvent.create({ ...partial, startedMs, partial: true });
}
