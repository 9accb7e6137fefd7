import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  allowedName,
  challengeOf,
  credentialsFor,
  decisionOf,
  denialOf,
  isStale,
  Scene,
} from '../scene.ts';

const password = 'tandem-demo';

test('AUTH-04 an expired nonce is answered with a fresh challenge, stale, and is no failure', async () => {
  const scene = new Scene({ parameters: { SS_AUTHENTICATION_MAX_RETRY: 1 } });
  for (const guess of [password, 'wrong']) {
    const challenge = await scene.challengeFor({});
    scene.clock.advance(60_000);
    const response = await scene.answer({ cseq: 2 }, challenge, { password: guess });
    const fresh = challengeOf(response);
    assert.equal(isStale(fresh), true);
    assert.equal(decisionOf(response).facts['cause'], 'a nonce that is unknown or past its time');
    const next = await scene.answer({ cseq: 3 }, fresh, { password });
    assert.equal(allowedName(next), 'phone 1001');
  }
});

test('AUTH-04 a nonce that was never issued is stale, right password or not', async () => {
  const scene = new Scene({ parameters: { SS_AUTHENTICATION_MAX_RETRY: 1 } });
  const { code, proxyAuthenticate } = await scene.challengeFor({});
  const forged = proxyAuthenticate.map((value) => value.replace(/nonce-\d+/, 'made-up'));
  const challenge = { code, proxyAuthenticate: forged, wwwAuthenticate: [] };
  for (const guess of [password, 'wrong']) {
    const response = await scene.answer({ cseq: 2 }, challenge, { password: guess });
    assert.equal(isStale(challengeOf(response)), true);
  }
});

test('AUTH-04 a nonce is bound to its realm: in another it is stale', async () => {
  const scene = new Scene();
  const { code, proxyAuthenticate } = await scene.challengeFor({ fromUser: '1001' });
  const moved = proxyAuthenticate.map((value) => value.replace('"tandem"', '"branch.example.org"'));
  const challenge = { code, proxyAuthenticate: moved, wwwAuthenticate: [] };
  const call = { fromUser: '2001', cseq: 2 };
  const response = await scene.answer(call, challenge, { password: 'other' });
  assert.equal(isStale(challengeOf(response)), true);
});

test('AUTH-04 a nonce may be used again with a higher nc', async () => {
  const scene = new Scene();
  const challenge = await scene.challengeFor({});
  for (const nc of [1, 2, 5]) {
    const call = { sipCallId: `call-${String(nc)}`, cseq: 2 };
    assert.equal(allowedName(await scene.answer(call, challenge, { password, nc })), 'phone 1001');
  }
});

test('AUTH-04 a replayed nonce and nc of another call is refused with a fresh challenge, and is no failure', async () => {
  const scene = new Scene({ parameters: { SS_AUTHENTICATION_MAX_RETRY: 1 } });
  const challenge = await scene.challengeFor({});
  await scene.answer({ cseq: 2 }, challenge, { password, nc: 2 });
  const credentials = credentialsFor({}, challenge, { password, nc: 2 });
  const replays = [
    { sipCallId: 'other', cseq: 2 },
    { cseq: 3 },
    { requestUri: 'sip:900@203.0.113.1', cseq: 2 },
  ];
  for (const replay of replays) {
    const response = await scene.send({ ...replay, ...credentials });
    assert.equal(isStale(challengeOf(response)), true);
    assert.equal(decisionOf(response).facts['cause'], 'a nonce count that was used before');
  }
  const lower = await scene.answer({ cseq: 9 }, challenge, { password, nc: 1 });
  assert.equal(isStale(challengeOf(lower)), true);
  assert.deepEqual(await scene.store.listSuspensions(), []);
});

test('AUTH-04 a nonce that was given to one source is stale from another, whatever the password, and no failure of there', async () => {
  const scene = new Scene({ parameters: { SS_AUTHENTICATION_MAX_RETRY: 1 } });
  const challenge = await scene.challengeFor({});
  for (const guess of [password, 'wrong']) {
    const call = { sourceAddress: '203.0.113.66', cseq: 2 };
    const response = await scene.answer(call, challenge, { password: guess });
    assert.equal(isStale(challengeOf(response)), true);
  }
  assert.deepEqual(await scene.store.listSuspensions(), []);
  // A host of IPv6 changes its address within its /64.
  const before = { sourceAddress: '2001:db8::1', sipCallId: 'v6' };
  const v6 = await scene.challengeFor(before);
  const after = { ...before, sourceAddress: '2001:db8::2', cseq: 2 };
  assert.equal(allowedName(await scene.answer(after, v6, { password })), 'phone 1001');
});

test('AUTH-04 a wrong digest does not use up the nonce or its nc', async () => {
  const scene = new Scene();
  const challenge = await scene.challengeFor({});
  const wrong = { password: 'guess', nc: 0xffffffff };
  await scene.answer({ cseq: 2, sipCallId: 'attacker' }, challenge, wrong);
  assert.equal(allowedName(await scene.answer({ cseq: 2 }, challenge, { password })), 'phone 1001');
});

test('AUTH-10 an accepted request that is repeated is accepted again, not a replay', async () => {
  const scene = new Scene();
  const challenge = await scene.challengeFor({});
  const first = await scene.answer({ cseq: 2 }, challenge, { password });
  const next = await scene.answer({ cseq: 3 }, challenge, { password, nc: 2 });
  const repeated = await scene.answer({ cseq: 2 }, challenge, { password });
  assert.equal(allowedName(next), 'phone 1001');
  assert.deepEqual(repeated.outcome, first.outcome);
});

test('AUTH-10 a wrong request that is repeated gets the same challenge and counts once', async () => {
  const scene = new Scene({ parameters: { SS_AUTHENTICATION_MAX_RETRY: 3 } });
  const challenge = await scene.challengeFor({});
  const first = await scene.answer({ cseq: 2 }, challenge, { password: 'wrong' });
  for (let repeat = 0; repeat < 10; repeat += 1) {
    const again = await scene.answer({ cseq: 2 }, challenge, { password: 'wrong' });
    assert.deepEqual(again.outcome, first.outcome);
  }
  const other = { sipCallId: 'other', cseq: 3 };
  const second = await scene.answer(other, challengeOf(first), { password: 'wrong' });
  assert.equal(decisionOf(second).facts['failures'], '2');
});

test('AUTH-10 the last wrong request, repeated, is suspended again and counts once', async () => {
  const scene = new Scene({ parameters: { SS_AUTHENTICATION_MAX_RETRY: 1 } });
  const challenge = await scene.challengeFor({});
  const first = await scene.answer({ cseq: 2 }, challenge, { password: 'wrong' });
  const again = await scene.answer({ cseq: 2 }, challenge, { password: 'wrong' });
  assert.equal(denialOf(first).reason, 'Suspended');
  assert.deepEqual(again, first);
});

test('AUTH-04 a nonce that served many requests becomes stale', async () => {
  const scene = new Scene();
  const challenge = await scene.challengeFor({});
  let served = 0;
  for (let nc = 1; nc <= 100; nc += 1) {
    const response = await scene.answer({ cseq: nc + 1 }, challenge, { password, nc });
    if (response.outcome?.$case !== 'allow') {
      assert.equal(isStale(challengeOf(response)), true);
      break;
    }
    served += 1;
  }
  assert.ok(served >= 50 && served < 100, String(served));
});

test('AUTH-04 another URI in overheard credentials is a wrong digest, not a repetition', async () => {
  const scene = new Scene();
  const challenge = await scene.challengeFor({});
  await scene.answer({ cseq: 2 }, challenge, { password });
  const [value = ''] = credentialsFor({}, challenge, { password }).proxyAuthorization ?? [];
  const moved = value.replace('sip:442079460000@', 'sip:90000000@');
  const response = await scene.send({ cseq: 2, proxyAuthorization: [moved] });
  assert.equal(decisionOf(response).facts['cause'], 'wrong password');
});
