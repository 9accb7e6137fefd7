import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decided } from '../../src/index.ts';

test('OPS-09 a decision is written with its facts in the order of its producer, without those that are not known', () => {
  const facts = { prefix: undefined, lock: 'bar-all' } as const;
  assert.deepEqual(decided('gateway-locked', { subject: 'routing-gateway a', facts, atMs: 5 }), {
    service: 'routing',
    check: 'candidate',
    result: 'skipped',
    subject: 'routing-gateway a',
    reason: 'AllGatewayBusy',
    facts: [{ name: 'lock', value: 'bar-all' }],
    atMs: 5,
  });
});

test('OPS-09 a kind that may mean several reasons is written with that of its producer', () => {
  const facts = { code: 302, phrase: 'Moved', address: '192.0.2.1:5060' };
  const made = { subject: 'routing-gateway a', facts, atMs: 5 };
  assert.equal(decided('final-response', { ...made, reason: 'BadGateway' }).reason, 'BadGateway');
  assert.equal(decided('final-response', { ...made, reason: 'Rejected' }).reason, 'Rejected');
});
