import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sentenceOf, sentenceOfAttempt } from '../../src/core/sentences.ts';
import { attempt, decision } from '../calls.ts';

type Parts = Parameters<typeof decision>[0];

/** What went well, with and without its facts. */
const good: readonly (readonly [Parts, string, string])[] = [
  [
    {
      check: 'adoption',
      result: 'passed',
      subject: 'edge edge-2',
      facts: { from: '3.77', cause: 'sweep' },
    },
    'Edge edge-2 took the call over from 3.77, which had gone; a sweep found it.',
    'Edge edge-2 took the call over.',
  ],
  [
    {
      check: 'adoption',
      result: 'passed',
      subject: 'edge edge-2',
      facts: { from: '3.77', cause: 'message' },
    },
    'Edge edge-2 took the call over from 3.77, which had gone when a message of the call came.',
    'Edge edge-2 took the call over.',
  ],
  [
    {
      check: 'adoption',
      result: 'passed',
      subject: 'edge edge-2',
      facts: { from: '3.77', cause: 'offer' },
    },
    'Edge edge-2 took the call over from 3.77, which was being shut down and offered it.',
    'Edge edge-2 took the call over.',
  ],
  [
    {
      check: 'source-address',
      result: 'passed',
      subject: 'mapping-gateway demo-trunk',
      facts: { mode: 'ip', source: '127.0.0.2:5060' },
    },
    'Mapping gateway demo-trunk is known by its address 127.0.0.2:5060 (mode ip).',
    'Mapping gateway demo-trunk is known by its address.',
  ],
  [
    {
      check: 'digest',
      result: 'passed',
      subject: 'phone 1001',
      facts: { realm: 'tandem', algorithm: 'MD5' },
    },
    'Phone 1001 proved its password by MD5 in realm tandem.',
    'Phone 1001 proved its password.',
  ],
  [
    {
      check: 'digest',
      result: 'challenged',
      subject: 'phone 1001',
      facts: { code: '407', cause: 'no credentials' },
    },
    'Phone 1001 was challenged with 407: no credentials.',
    'Phone 1001 was challenged.',
  ],
  [
    {
      check: 'number',
      result: 'passed',
      subject: 'callee 882123',
      facts: { received: '%38%38%32123' },
    },
    'Callee 882123 was dialled as %38%38%32123.',
    'Callee 882123 was dialled as something else.',
  ],
  [
    {
      check: 'number',
      result: 'passed',
      subject: 'caller 1001',
      facts: { received: '%31001' },
    },
    'Caller 1001 was given as %31001.',
    'Caller 1001 was given as something else.',
  ],
  [
    {
      check: 'number',
      result: 'skipped',
      subject: 'caller 12;phone-context=a.example',
      facts: { cause: 'it is a number of another network' },
    },
    "Caller 12;phone-context=a.example was left out: it is a number of another network; the call goes on without a caller's number.",
    "Caller 12;phone-context=a.example was left out; the call goes on without a caller's number.",
  ],
  [
    {
      check: 'authentication-mode',
      result: 'passed',
      subject: 'phone 1001',
      facts: { mode: 'password' },
    },
    'Phone 1001 authenticates by password.',
    'Phone 1001 authenticates by its mode.',
  ],
  [
    {
      check: 'balance',
      result: 'passed',
      subject: 'account demo',
      facts: { balance: '100', overdraft: '5' },
    },
    'Account demo has 100 and an overdraft of 5.',
    'Account demo has enough.',
  ],
  [
    { check: 'validity', result: 'passed', subject: 'account demo', facts: { validUntil: '2030' } },
    'Account demo is valid until 2030.',
    'Account demo is valid.',
  ],
  [
    {
      check: 'rate',
      result: 'passed',
      subject: 'account demo',
      facts: { price: '0.0123 USD a minute' },
    },
    'The price for account demo is 0.0123 USD a minute.',
    'The price for account demo is that of its rate.',
  ],
  [
    {
      check: 'lines',
      result: 'passed',
      subject: 'account demo',
      facts: { inUse: '3', limit: '5' },
    },
    'A line of account demo was taken, 3 in use, limit 5.',
    'A line of account demo was taken.',
  ],
  [
    {
      check: 'candidate',
      result: 'chosen',
      subject: 'routing-gateway a',
      facts: { prefix: '44', priority: '1', cost: '0.01', candidates: 'a b' },
    },
    'Routing gateway a was chosen for prefix 44, priority 1, cost 0.01; the order is a, b.',
    'Routing gateway a was chosen.',
  ],
  [
    { check: 'candidate', result: 'passed', subject: 'routing-gateway b', facts: { prefix: '44' } },
    'Routing gateway b may be used for prefix 44.',
    'Routing gateway b may be used.',
  ],
  [
    {
      check: 'candidate',
      result: 'skipped',
      subject: 'routing-gateway a',
      reason: 'NoAvailableRouter',
      facts: { prefix: '44', longestPrefix: '4420' },
    },
    'Routing gateway a was left out: its prefix 44 is not the longest that matches, 4420 is (prefixMode expiration).',
    'Routing gateway a was left out: NoAvailableRouter.',
  ],
  [
    {
      check: 'candidate',
      result: 'skipped',
      subject: 'routing-gateway a',
      reason: 'Offline',
      facts: { probes: '3' },
    },
    'Routing gateway a was left out: Offline; probes 3.',
    'Routing gateway a was left out: Offline.',
  ],
  [
    { check: 'schedule', result: 'passed', subject: 'routing-gateway a', facts: { zone: 'UTC' } },
    'Routing gateway a: schedule passed; zone UTC.',
    'Routing gateway a: schedule passed.',
  ],
];

for (const [parts, withFacts, without] of good) {
  test(`OPS-09 a decision of ${parts.check ?? ''} ${parts.result ?? ''} is one sentence: ${withFacts}`, () => {
    assert.equal(sentenceOf(decision(parts)), withFacts);
    assert.equal(sentenceOf(decision({ ...parts, facts: {} })), without);
  });
}

test('OPS-09 decisions without facts of their own are told', () => {
  const told = (parts: Parts) => sentenceOf(decision(parts));
  assert.equal(
    told({ check: 'suspension', result: 'passed', subject: 'phone 1' }),
    'Phone 1 is not suspended.',
  );
  assert.equal(
    told({ check: 'account-status', result: 'passed', subject: 'account demo' }),
    'Account demo is active.',
  );
  assert.equal(
    told({ check: 'digest', result: 'answered', subject: 'routing-gateway a' }),
    'The challenge of routing gateway a was answered.',
  );
  assert.equal(
    told({ check: 'digest', result: 'failed', reason: 'Strange', service: 'edge' }),
    'Edge: digest failed (Strange).',
  );
  assert.equal(
    told({ check: 'candidate', result: 'skipped' }),
    'The gateway was left out: no cause given.',
  );
});

test('OPS-09 attempts are told with their end', () => {
  assert.equal(
    sentenceOfAttempt(attempt({ code: 200, reason: '' })),
    'carrier-a at 127.0.0.1:5070 answered.',
  );
  assert.equal(
    sentenceOfAttempt(
      attempt({ address: '', endedMs: 0, text: '', code: 408, reason: 'InviteTimeout' }),
    ),
    'carrier-a failed with 408 InviteTimeout.',
  );
});
