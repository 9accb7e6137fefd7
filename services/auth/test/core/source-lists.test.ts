import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowedName, challengeOf, denialOf, Scene } from '../scene.ts';

const guesses = { SS_BLACKLIST_MAX_FAILURES: 5 };

/** Guesses at ever other names from one address, until it gets no answer. */
async function scan(scene: Scene, sourceAddress: string, most: number): Promise<number> {
  for (let at = 1; at <= most; at += 1) {
    const call = { sourceAddress, fromUser: `user-${String(at)}`, sipCallId: `scan-${String(at)}` };
    const { outcome } = await scene.call(call, { password: 'guess' });
    if (outcome?.$case === 'deny' && outcome.value.unanswered) return at;
  }
  return Infinity;
}

test('AUTH-08 a source that guesses over any user names gets no answer for SS_BLACKLIST_TIME', async () => {
  const scene = new Scene({ parameters: { ...guesses, SS_BLACKLIST_TIME: 60 } });
  assert.equal(await scan(scene, '203.0.113.66', 20), 5);
  const response = await scene.send({ sourceAddress: '203.0.113.66', sipCallId: 'x' });
  assert.deepEqual(denialOf(response), {
    reason: 'Suspended',
    origin: undefined,
    unrecorded: true,
    unanswered: true,
  });
  assert.equal(response.blockedForMs, 1500);
  assert.equal((await scene.send({ sipCallId: 'other source' })).outcome?.$case, 'challenge');
  scene.clock.advance(59_000);
  const late = await scene.send({ sourceAddress: '203.0.113.66', sipCallId: 'x' });
  assert.equal(late.blockedForMs, 1000);
  scene.clock.advance(1000);
  const after = await scene.send({ sourceAddress: '203.0.113.66', sipCallId: 'x' });
  assert.equal(challengeOf(after).code, 407);
  assert.equal(after.blockedForMs, 0);
});

test('AUTH-08 failures count together within SS_BLACKLIST_WINDOW from the first', async () => {
  const scene = new Scene({ parameters: { ...guesses, SS_BLACKLIST_WINDOW: 30 } });
  assert.equal(await scan(scene, '203.0.113.66', 4), Infinity);
  scene.clock.advance(30_000);
  assert.equal(await scan(scene, '203.0.113.66', 4), Infinity);
  assert.deepEqual(await scene.store.listBlacklist(), []);
});

test('AUTH-08 the addresses of one IPv6 host are one source', async () => {
  const scene = new Scene({ parameters: guesses });
  for (let at = 1; at <= 5; at += 1) {
    const sourceAddress = `2001:db8:1:2::${at.toString(16)}`;
    await scene.call({ sourceAddress, sipCallId: String(at) }, { password: 'guess' });
  }
  assert.deepEqual(
    (await scene.store.listBlacklist()).map(({ place }) => place),
    ['2001:db8:1:2::/64'],
  );
});

test('AUTH-08 the address of a routing gateway, of a gateway that is known by it, or of security.allow is never black-listed', async () => {
  const scene = new Scene({ parameters: guesses });
  scene.apply({
    parameters: guesses,
    routingGateways: [{ name: 'carrier', addresses: ['203.0.113.5'], prefixes: ['44'] }],
    security: { allow: ['198.18.0.0/15'] },
  });
  for (const address of ['203.0.113.5', '198.51.100.7', '198.18.3.4']) {
    assert.equal(await scan(scene, address, 12), Infinity, address);
  }
  assert.equal(await scan(scene, '203.0.113.6', 12), 5);
});

test('AUTH-08 what the name of a routing gateway stands for is never black-listed, and what it stood for before may be', async () => {
  const scene = new Scene({ parameters: guesses });
  scene.lookedUp('sip.carrier.example', ['203.0.113.5:5070', '[2001:db8:5::1]:5060']);
  scene.apply({
    parameters: guesses,
    routingGateways: [{ name: 'carrier', addresses: ['sip.carrier.example'], prefixes: ['44'] }],
    security: { deny: ['203.0.113.7'] },
  });
  assert.equal(await scan(scene, '203.0.113.5', 12), Infinity);
  assert.equal(await scan(scene, '2001:db8:5::1', 12), Infinity);
  assert.equal(await scan(scene, '203.0.113.6', 12), 5);
  assert.equal(denialOf(await scene.send({ sourceAddress: '203.0.113.7' })).unanswered, true);
  scene.lookedUp('sip.carrier.example', ['203.0.113.7:5060']);
  scene.clock.advance(2000);
  assert.equal((await scene.send({ sourceAddress: '203.0.113.7' })).outcome?.$case, 'challenge');
  assert.equal(await scan(scene, '203.0.113.5', 12), 5);
});

test('AUTH-08 sources of security.deny get no answer, but who is allowed by a narrower block or known by its address', async () => {
  const scene = new Scene();
  scene.apply({
    security: { deny: ['203.0.113.0/24', '192.0.0.0/8'], allow: ['203.0.113.128/25'] },
  });
  const denied = await scene.send({ sourceAddress: '203.0.113.9' });
  assert.equal(denialOf(denied).unanswered, true);
  assert.equal(denied.blockedForMs, 1500);
  const allowed = await scene.send({ sourceAddress: '203.0.113.200' });
  assert.equal(challengeOf(allowed).code, 407);
  const trunk = await scene.send({ sourceAddress: '192.0.2.1' });
  assert.equal(allowedName(trunk), 'mapping-gateway trunk');
});

test('AUTH-08 a list of scanners that is not the default goes with every answer, in small letters', async () => {
  const scene = new Scene();
  assert.equal((await scene.send({})).scanners, undefined);
  scene.apply({ security: { scanners: ['Mine', 'sipvicious'] } });
  assert.deepEqual((await scene.send({})).scanners, { names: ['mine', 'sipvicious'] });
  scene.apply({ security: { scanners: [] } });
  assert.deepEqual((await scene.send({})).scanners, { names: [] });
});

test('AUTH-09 SS_REPLY_UNAUTHORIZED Off: unknown names and wrong credentials get no answer, known names are challenged', async () => {
  const scene = new Scene({ parameters: { SS_REPLY_UNAUTHORIZED: false } });
  const nobody = await scene.send({ fromUser: 'nobody', sipCallId: 'n' });
  assert.equal(denialOf(nobody).unanswered, true);
  assert.equal(nobody.blockedForMs, 0);
  for (const fromUser of ['1001', 'office-user']) {
    assert.equal((await scene.send({ fromUser, sipCallId: fromUser })).outcome?.$case, 'challenge');
  }
  const challenge = await scene.challengeFor({});
  const wrong = await scene.answer({ cseq: 2 }, challenge, { password: 'wrong' });
  assert.equal(denialOf(wrong).unanswered, true);
  const right = await scene.answer({ cseq: 3 }, challenge, { password: 'tandem-demo' });
  assert.equal(allowedName(right), 'phone 1001');
  const port = { sourceAddress: '198.51.100.7', sourcePort: 9, fromUser: 'x' };
  assert.equal(denialOf(await scene.send(port)).unanswered, true);
  // Right credentials whose nonce is over are known by that.
  scene.clock.advance(60_000);
  const stale = await scene.answer({ cseq: 4 }, challenge, { password: 'tandem-demo', nc: 2 });
  assert.equal(stale.outcome?.$case, 'challenge');
});
