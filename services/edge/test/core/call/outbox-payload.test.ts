import assert from 'node:assert/strict';
import test from 'node:test';
import { decodeCallEvent, encodeCallEvent, readCallEventMessage } from '@tandem/events';
import { CallEvent } from '@tandem/proto/events';
import { answeredEventId, endedEventId, endingEvent } from '../../../src/core/call/events.ts';
import { eventOfPayload, timedEvent } from '../../../src/core/call/outbox-payload.ts';
import { CALL_ID } from '../../support/messages.ts';

const answered = CallEvent.fromPartial({
  eventId: answeredEventId(CALL_ID),
  callId: CALL_ID,
  type: 'answered',
  startedMs: 5,
  edge: 'edge-1',
});
const ending = endingEvent(CALL_ID, {
  reason: 'NormalClearing',
  code: 200,
  by: 'callee',
  text: 'bye',
});
const NOW_MS = 1_795_262_403_000;
const ended = Buffer.concat([
  Buffer.from(`${String(NOW_MS)}:${String(NOW_MS + 60_000)}:${String(NOW_MS + 30_000)}:`),
  encodeCallEvent(answered),
  ending.bytes,
]);

test('BILL-03 an entry gives the event with the times that the store has taken', () => {
  const payload = Buffer.concat([Buffer.from('1000:0:0:'), encodeCallEvent(answered)]);
  const event = decodeCallEvent(eventOfPayload(payload));
  assert.deepEqual(CallEvent.toJSON(event), CallEvent.toJSON({ ...answered, answeredMs: 1000 }));
});

test('BILL-03 an ending behind the answer is one event of type ended with the facts of both', () => {
  const event = decodeCallEvent(eventOfPayload(ended));
  assert.equal(event.eventId, endedEventId(CALL_ID));
  assert.equal(event.type, 'ended');
  assert.equal(event.startedMs, 5);
  assert.deepEqual(
    [event.answeredMs, event.endedMs, event.aliveMs],
    [NOW_MS, NOW_MS + 60_000, NOW_MS + 30_000],
  );
  assert.deepEqual(
    { ...event.termination },
    {
      reason: 'NormalClearing',
      code: 200,
      by: 'callee',
      text: 'bye',
    },
  );
});

test('BILL-04 of an entry alone its event is known by the last id that it says', () => {
  const { eventId, callId, bytes } = readCallEventMessage(eventOfPayload(ended));
  assert.equal(eventId, endedEventId(CALL_ID));
  assert.equal(callId, CALL_ID);
  assert.deepEqual(bytes, eventOfPayload(ended));
});

test('BILL-03 an event holds colons of its own without harm', () => {
  const event = encodeCallEvent({ ...answered, edge: 'a:b:c' });
  const payload = Buffer.concat([Buffer.from('1:2:0:'), event]);
  assert.equal(decodeCallEvent(eventOfPayload(payload)).edge, 'a:b:c');
  assert.deepEqual(
    eventOfPayload(payload),
    timedEvent(event, { answeredMs: 1, endedMs: 2, aliveMs: 0 }),
  );
});

test('BILL-03 identities name the call and the type, one of each', () => {
  assert.equal(answeredEventId('x'), 'x.answered.1');
  assert.equal(endedEventId('x'), 'x.ended.1');
});
