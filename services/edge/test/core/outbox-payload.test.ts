import assert from 'node:assert/strict';
import test from 'node:test';
import { CallEvent } from '@tandem/proto/events';
import { answeredEventId, endedEventId, endingEvent } from '../../src/core/events.ts';
import { decodePayload, timedEvent } from '../../src/core/outbox-payload.ts';
import { CALL_ID } from '../support/messages.ts';

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

test('BILL-03 an entry gives the event with the times that the store has taken', () => {
  const payload = Buffer.concat([Buffer.from('1000:0:0:'), CallEvent.encode(answered).finish()]);
  const event = decodePayload(payload);
  assert.equal(event.answeredMs, 1000);
  assert.equal(event.endedMs, 0);
  assert.equal(event.edge, 'edge-1');
});

test('BILL-03 an ending behind the answer is one event of type ended with the facts of both', () => {
  const payload = Buffer.concat([
    Buffer.from('1000:61000:31000:'),
    CallEvent.encode(answered).finish(),
    CallEvent.encode(ending).finish(),
  ]);
  const event = decodePayload(payload);
  assert.equal(event.eventId, endedEventId(CALL_ID));
  assert.equal(event.type, 'ended');
  assert.equal(event.startedMs, 5);
  assert.equal(event.endedMs - event.answeredMs, 60_000);
  assert.equal(event.aliveMs, 31_000);
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

test('BILL-03 an event holds colons of its own without harm', () => {
  const event = timedEvent(Buffer.from(CallEvent.encode({ ...answered, edge: 'a:b:c' }).finish()), {
    answeredMs: 1,
    endedMs: 2,
    aliveMs: 0,
  });
  const payload = Buffer.concat([Buffer.from('1:2:0:'), CallEvent.encode(event).finish()]);
  assert.equal(decodePayload(payload).edge, 'a:b:c');
});

test('BILL-03 identities name the call and the type, one of each', () => {
  assert.equal(answeredEventId('x'), 'x.answered.1');
  assert.equal(endedEventId('x'), 'x.ended.1');
});
