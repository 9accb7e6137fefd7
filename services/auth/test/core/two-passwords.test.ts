import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowedName, challengeOf, decisionOf, exampleDocument, Scene } from '../scene.ts';

/** An hour after the clock of a scene begins. */
const END = '2030-01-01T01:00:00Z';
const previousPassword = { password: 'the old one', validUntil: END };
const [phone, ...otherPhones] = exampleDocument.phones;
const gateways = exampleDocument.mappingGateways.map((gateway) =>
  gateway.authentication.mode === 'password'
    ? { ...gateway, authentication: { ...gateway.authentication, previousPassword } }
    : gateway,
);

function changing(): Scene {
  const scene = new Scene();
  scene.apply({
    phones: [{ ...phone, previousPassword }, ...otherPhones],
    mappingGateways: gateways,
  });
  return scene;
}

test('AUTH-13 while a password is changed both are right, of phones and of gateways, and the old one is told', async () => {
  const scene = changing();
  const calls = [
    { call: {}, username: '1001', now: 'tandem-demo', name: 'phone 1001' },
    { call: { fromUser: '44' }, username: 'office-user', now: 'office-pass', name: 'mapping-gateway office' }, // prettier-ignore
  ];
  for (const { call, username, now, name } of calls) {
    for (const [password, told] of [
      [now, undefined],
      ['the old one', 'previous'],
    ] as const) {
      const sipCallId = `${username} ${password}`;
      const response = await scene.call({ ...call, sipCallId }, { username, password });
      assert.equal(allowedName(response), name);
      assert.equal(decisionOf(response).facts['password'], told);
    }
    const wrong = await scene.call({ ...call, sipCallId: username }, { username, password: 'no' });
    assert.equal(challengeOf(wrong).code, 407);
  }
});

test('AUTH-13 at its end the old password is wrong like any other, without a new version of the configuration', async () => {
  const scene = changing();
  const password = 'the old one';
  scene.clock.advance(3_599_999);
  assert.equal(allowedName(await scene.call({ sipCallId: 'a' }, { password })), 'phone 1001');
  scene.clock.advance(1);
  const late = await scene.call({ sipCallId: 'b' }, { password });
  assert.equal(decisionOf(late).facts['cause'], 'wrong password');
  const now = await scene.call({ sipCallId: 'c' }, { password: 'tandem-demo' });
  assert.equal(allowedName(now), 'phone 1001');
});

test('AUTH-13 a phone is challenged with the algorithms of its own, and answers with no other', async () => {
  const scene = new Scene({ algorithms: ['MD5'] });
  scene.apply({ phones: [{ ...phone, algorithms: ['MD5', 'SHA-256'] }, ...otherPhones] });
  const challenge = await scene.challengeFor({});
  const offered = challenge.proxyAuthenticate.map((value) => /algorithm=(\S+)/.exec(value)?.[1]);
  // RFC 8760 §2.4: the strongest first.
  assert.deepEqual(offered, ['SHA-256', 'MD5']);
  const answer = { password: 'tandem-demo', algorithm: 'SHA-256' };
  assert.equal(allowedName(await scene.answer({ cseq: 2 }, challenge, answer)), 'phone 1001');

  scene.apply({ phones: [{ ...phone, algorithms: ['SHA-256'] }, ...otherPhones] });
  const [strict] = (await scene.challengeFor({ sipCallId: 'b' })).proxyAuthenticate;
  assert.match(strict ?? '', /algorithm=SHA-256$/);
  const other = await scene.challengeFor({ fromUser: '2001', sipCallId: 'c' });
  assert.match(other.proxyAuthenticate.join(), /algorithm=MD5$/);
});

test('AUTH-13 a gateway that calls in the name of its callers gets its own algorithms with the second challenge', async () => {
  const scene = new Scene({ algorithms: ['MD5'] });
  scene.apply({
    mappingGateways: exampleDocument.mappingGateways.map((gateway) =>
      gateway.authentication.mode === 'password'
        ? { ...gateway, authentication: { ...gateway.authentication, algorithms: ['SHA-256'] } }
        : gateway,
    ),
  });
  const answer = { username: 'office-user', password: 'office-pass' };
  const weak = await scene.call({ fromUser: '44' }, answer);
  assert.equal(decisionOf(weak).facts['cause'], 'algorithm not offered');
  const second = challengeOf(weak);
  const strong = await scene.answer({ fromUser: '44', cseq: 3 }, second, answer);
  assert.equal(allowedName(strong), 'mapping-gateway office');
  assert.equal(decisionOf(strong).facts['algorithm'], 'SHA-256');
});
