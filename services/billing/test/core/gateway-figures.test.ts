import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Attempt } from '@tandem/proto/events';
import { gatewayFigures } from '../../src/core/gateway-figures.ts';

const attempt = (gateway: string, code: number, more: Partial<Attempt> = {}): Attempt =>
  Attempt.fromPartial({ gateway, code, startedMs: 1000, endedMs: 9000, ...more });

test('OPS-06 an answered call is talked over its last gateway; those that failed before it count for themselves', () => {
  const figures = gatewayFigures({
    ringingMs: 3500,
    answeredMs: 9000,
    endedMs: 69_000,
    attempts: [attempt('a', 503, { reason: 'BadGateway' }), attempt('b', 200, { startedMs: 2000 })],
  });
  assert.deepEqual(figures, [
    { gateway: 'a', outcome: 'failed', talkSeconds: 0 },
    { gateway: 'b', outcome: 'answered', talkSeconds: 60, postDialSeconds: 1.5 },
  ]);
});

test('OPS-06 what was answered without ringing has its post-dial delay until the answer, and what did neither has none', () => {
  const call = { ringingMs: 0, answeredMs: 2000, endedMs: 1000, attempts: [attempt('a', 200)] };
  assert.deepEqual(gatewayFigures(call), [
    { gateway: 'a', outcome: 'answered', talkSeconds: 0, postDialSeconds: 1 },
  ]);
  const silent = gatewayFigures({ ...call, answeredMs: 0, attempts: [attempt('a', 408)] });
  assert.deepEqual(silent, [{ gateway: 'a', outcome: 'failed', talkSeconds: 0 }]);
});

test('OPS-06 callers who give up and called sides who decline are told from carriers that fail', () => {
  const outcomeOf = (code: number, reason = 'x'): string | undefined =>
    gatewayFigures({
      ringingMs: 0,
      answeredMs: 0,
      endedMs: 9000,
      attempts: [attempt('a', code, { reason })],
    })[0]?.outcome;
  assert.equal(outcomeOf(487, 'CallerCancelled'), 'cancelled');
  assert.equal(outcomeOf(487), 'cancelled');
  for (const code of [404, 480, 486, 603]) assert.equal(outcomeOf(code), 'declined');
  for (const code of [403, 408, 500, 503]) assert.equal(outcomeOf(code), 'failed');
});

test('OPS-06 attempts at phones say nothing of a carrier', () => {
  const attempts = [
    attempt('phone 1001', 486),
    attempt('', 0),
    attempt('1002', 200, { contact: 'x' }),
  ];
  assert.deepEqual(gatewayFigures({ ringingMs: 0, answeredMs: 0, endedMs: 1, attempts }), []);
});
