import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuthenticateResponse } from '@tandem/proto/auth';
import { refusedRegistration, unansweredRegistration } from '../../src/core/journal-notes.ts';
import { decisionOf, requestOf, Scene } from '../scene.ts';

const password = 'secret';
const inside = '198.51.100.20';
const outside = '203.0.113.9';
const phones = [
  { username: '1001', password, account: 'demo' },
  { username: '1002', authentication: 'ip', addresses: ['198.51.100.0/24', '2001:db8::/48'], account: 'demo' }, // prettier-ignore
  { username: '1003', authentication: 'both', addresses: ['198.51.100.0/24'], password, account: 'demo' }, // prettier-ignore
];

function open(parameters: Readonly<Record<string, string | boolean>> = {}): Scene {
  const scene = new Scene();
  scene.apply({ phones, parameters });
  return scene;
}

/** allowed, challenged, none, or the reason of a refusal. */
function outcomeOf({ outcome }: AuthenticateResponse): string {
  switch (outcome?.$case) {
    case 'allow':
      return `allowed ${outcome.value.name}`;
    case 'challenge':
      return 'challenged';
    case 'deny':
      return outcome.value.unanswered ? 'none' : outcome.value.reason;
    case undefined:
      return 'nothing';
  }
}

test('REG-10 DENY-03 what a phone is let in by, of its password, its address, and both: REGISTER and INVITE alike', async () => {
  for (const method of ['REGISTER', 'INVITE']) {
    for (const [fromUser, sourceAddress, first, answered] of [
      ['1001', inside, 'challenged', 'allowed 1001'],
      ['1001', outside, 'challenged', 'allowed 1001'],
      ['1002', inside, 'allowed 1002', 'allowed 1002'],
      ['1002', '2001:db8::7', 'allowed 1002', 'allowed 1002'],
      // From outside it is as one that does not exist (AUTH-05).
      ['1002', outside, 'challenged', 'challenged'],
      ['1003', inside, 'challenged', 'allowed 1003'],
      ['1003', outside, 'challenged', 'IpNotAllowed'],
      ['9999', inside, 'challenged', 'challenged'],
    ] as const) {
      const scene = open();
      const call = { method, fromUser, sourceAddress };
      const row = `${method} ${fromUser} ${sourceAddress}`;
      assert.equal(outcomeOf(await scene.send(call)), first, row);
      const twice = await scene.call({ ...call, sipCallId: 'again' }, { password });
      assert.equal(outcomeOf(twice), answered, row);
    }
  }
});

test('REG-10 CALL-07 an address proves nothing where the network hides it', async () => {
  const hidden = { sourceAddress: inside, sourceHidden: true };
  const scene = open();
  assert.equal(outcomeOf(await scene.send({ ...hidden, fromUser: '1002' })), 'challenged');
  const proved = await scene.call({ ...hidden, fromUser: '1003', sipCallId: 'b' }, { password });
  assert.equal(outcomeOf(proved), 'IpNotAllowed');
  assert.equal(decisionOf(proved).facts['source-hidden'], 'yes');
});

test('REG-10 AUTH-09 AUTH-14 where strangers get no answer, or none but 403, so does a phone that is elsewhere', async () => {
  for (const [parameters, first] of [
    [{ SS_REPLY_UNAUTHORIZED: false }, ['none', 'none']],
    [{ SS_UNKNOWN_SOURCE: 'refuse' }, ['IpNotAllowed', 'challenged']],
  ] as const) {
    const scene = open(parameters);
    const outcomes = ['1002', '1003'].map(async (fromUser) =>
      outcomeOf(await scene.send({ fromUser, sourceAddress: outside, sipCallId: fromUser })),
    );
    assert.deepEqual(await Promise.all(outcomes), first);
    const there = { fromUser: '1003', sourceAddress: inside, sipCallId: 'there' };
    assert.equal(outcomeOf(await scene.send(there)), 'challenged');
  }
});

test('REG-11 REG-10 DENY-03 a phone that registers from elsewhere is in the journal with the addresses that it has', async () => {
  const scene = open();
  const call = { method: 'REGISTER', sourceAddress: outside };
  const proved = await scene.call({ ...call, fromUser: '1003' }, { password });
  const note = refusedRegistration(requestOf({ ...call, fromUser: '1003' }), proved, () => 'demo');
  assert.deepEqual(
    [note?.cause, note?.facts, note?.terminal],
    ['address-not-allowed', { allowed: '198.51.100.0/24' }, '1003'],
  );
  await scene.send({ ...call, fromUser: '1002', sipCallId: 'ip' });
  scene.clock.advance(10_000);
  const [failure, ...others] = await scene.unanswered();
  assert.ok(failure !== undefined);
  assert.deepEqual([failure.reason, others], ['IpNotAllowed', []]);
  const silent = unansweredRegistration(failure, () => 'demo');
  assert.deepEqual(
    [silent?.cause, silent?.facts],
    [
      'address-not-allowed',
      { allowed: '198.51.100.0/24, 2001:db8::/48', 'source-hidden': undefined },
    ],
  );
});

test('REG-10 AUTH-08 the address that a phone is known by is not black-listed', () => {
  const scene = open();
  assert.match(scene.whyNotBlacklisted(inside) ?? '', /is that of/);
  assert.equal(scene.whyNotBlacklisted(outside), undefined);
});
