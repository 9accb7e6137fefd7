import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Attempt } from '@tandem/proto/events';
import { attemptOutcomes } from '../../../src/core/call/attempt-outcomes.ts';
import { AttemptTally } from '../../../src/gateway-checks/gateway-checks.ts';
import { candidateOf } from '../../support/call-samples.ts';
import { attemptState, callOf } from '../../support/machine-call.ts';

const over = { startedMs: 1000, endedMs: 5000 };

function codesOf(attempt: Partial<Attempt>, call = callOf()): number[] {
  call.attempts.push(attemptState(candidateOf('a'), { ...over, ...attempt }));
  return attemptOutcomes(call, 0).outcomes.map(({ code }) => code);
}

test('ROUTE-16 an attempt counts by its final answer; none in time as 408, who cannot be reached as 503', () => {
  assert.deepEqual(codesOf({ code: 200, reason: '' }), [200]);
  assert.deepEqual(codesOf({ code: 480, reason: 'Rejected' }), [480]);
  assert.deepEqual(codesOf({ code: 408, reason: 'InviteTimeout' }), [408]);
  assert.deepEqual(codesOf({ code: 504, reason: 'GatewayTimeout' }), [408]);
  assert.deepEqual(codesOf({ code: 502, reason: 'BadGateway' }), [503]);
  assert.deepEqual(codesOf({ code: 430, reason: 'BadGateway' }), [503]);
  assert.deepEqual(codesOf({ code: 401, reason: 'BadGateway' }), [401]);
});

test('ROUTE-16 whoever rings works; what the caller, or the switch, ends before says nothing', () => {
  const ringing = (attempt: Partial<Attempt>) => {
    const call = callOf();
    call.ringingMs = 2000;
    return codesOf(attempt, call);
  };
  assert.deepEqual(ringing({ code: 504, reason: 'GatewayTimeout' }), [180]);
  assert.deepEqual(ringing({ code: 487, reason: 'CallerCancelled' }), [180]);
  assert.deepEqual(codesOf({ code: 487, reason: 'CallerCancelled' }), []);
  assert.deepEqual(codesOf({ code: 503, reason: 'ServiceUnavailable' }), []);
  // Another gateway rang, before.
  assert.deepEqual(ringing({ startedMs: 3000, code: 487, reason: 'CallerCancelled' }), []);
});

test('ROUTE-16 each attempt counts once, phones do not, and one of several addresses is not the gateway', () => {
  const call = callOf();
  const tally = new AttemptTally();
  const [a, b, phone] = [candidateOf('a'), candidateOf('b'), candidateOf('phone 1001')];
  const failed = { ...over, code: 408, reason: 'InviteTimeout' };
  call.attempts.push(attemptState(a, failed), attemptState(a, { startedMs: 5000 }));
  tally.look(call);
  assert.deepEqual(tally.take(), []);
  const second = call.attempts[1];
  assert.ok(second !== undefined);
  Object.assign(second.attempt, { endedMs: 6000, code: 503, reason: 'Rejected' });
  call.attempts.push(
    attemptState(b, { ...over, code: 200, reason: '' }),
    attemptState(phone, over),
  );
  tally.look(call);
  tally.look(call);
  assert.deepEqual(tally.take(), [
    { gateway: 'a', code: 503, count: 1 },
    { gateway: 'b', code: 200, count: 1 },
  ]);
  assert.deepEqual(tally.take(), []);
});

test('ROUTE-16 what the pod before has ended of a call that is adopted is counted there', () => {
  const call = callOf();
  const tally = new AttemptTally();
  const failed = { ...over, code: 503, reason: 'Rejected' };
  const going = attemptState(candidateOf('b'), { startedMs: 5000 });
  call.attempts.push(attemptState(candidateOf('a'), failed), going);
  tally.adopt(call);
  Object.assign(going.attempt, failed);
  tally.look(call);
  assert.deepEqual(tally.take(), [{ gateway: 'b', code: 503, count: 1 }]);
});
