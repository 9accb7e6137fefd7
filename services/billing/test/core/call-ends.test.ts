import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CallEvent } from '@tandem/proto/events';
import { endWithoutAnswer, lostEnd, wholeEnd } from '../../src/core/call-ends.ts';
import { answeredEvent, noonMs, partialEvent } from '../support/call-events.ts';

test('BILL-04 an end without facts takes all of them from the answer, and keeps when and why', () => {
  const answered = answeredEvent('call-1');
  const whole = wholeEnd(partialEvent('call-1', noonMs + 63_000), answered);
  assert.deepEqual(CallEvent.toJSON(whole), CallEvent.toJSON({
    ...answered,
    eventId: 'call-1.ended.1',
    type: 'ended',
    endedMs: noonMs + 63_000,
    aliveMs: noonMs + 63_000,
    termination: { reason: 'NormalClearing', code: 200, by: 'callee', text: '' },
    edge: 'edge-1',
  })); // prettier-ignore
});

test('BILL-04 a pod whose clock is behind does not end a call before its answer', () => {
  const answered = answeredEvent('call-1');
  assert.equal(wholeEnd(partialEvent('call-1', noonMs), answered).endedMs, answered.answeredMs);
});

test('BILL-09 a lost call ends at its last sign of life, with an id before that of every real end', () => {
  const end = lostEnd(answeredEvent('call-1'), noonMs + 300_000);
  assert.equal(end.eventId, 'call-1.ended.0');
  assert.equal(end.endedMs, noonMs + 300_000);
  assert.deepEqual([end.termination?.reason, end.termination?.by], ['Lost', 'switch']);
  assert.equal(lostEnd(answeredEvent('call-1'), 0).endedMs, noonMs + 3000);
});

test('BILL-09 an end whose answer never came begins when it ends, and says that it is not whole', () => {
  const end = endWithoutAnswer(partialEvent('call-1', noonMs + 63_000));
  assert.deepEqual([end.startedMs, end.answeredMs, end.partial], [noonMs + 63_000, 0, true]);
});
