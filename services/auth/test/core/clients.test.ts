import { parseChallenge } from '@tandem/sip';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowedName, challengeOf, credentialsFor, isStale, Scene } from '../scene.ts';

// What real clients were seen to do, played as they did it: the rows of docs/authentication.md.

const password = 'tandem-demo';
const registration = { method: 'REGISTER', sipCallId: 'registration' };

test('AUTH-02 baresip answers a challenge of mode 3 in both headers, each with a count of 1 and a cnonce of its own', async () => {
  const scene = new Scene();
  const challenge = await scene.challengeFor(registration);
  const value = (cnonce: string) => [
    scene.credentials(registration, challenge, { password, cnonce }),
  ];
  const headers = { authorization: value('c1'), proxyAuthorization: value('c2') };
  const both = { ...registration, cseq: 2, ...headers };
  assert.equal(allowedName(await scene.send(both)), 'phone 1001');
  // Its retransmission is neither a replay nor a failure.
  assert.equal(allowedName(await scene.send(both)), 'phone 1001');
  assert.deepEqual(await scene.store.listFailures(), []);
});

test('AUTH-02 SIPp and linphone put the nonce of Proxy-Authenticate into Authorization', async () => {
  const scene = new Scene({ parameters: { SS_AUTHCHALLENGEMODE: 3 } });
  const challenge = await scene.challengeFor({});
  const answer = { password, header: 'authorization' } as const;
  assert.equal(allowedName(await scene.answer({ cseq: 2 }, challenge, answer)), 'phone 1001');
});

test('AUTH-07 baresip answers a wrong password fifteen times at once: one failure, and 403 at the seventh', async () => {
  const scene = new Scene();
  const guesses = Array.from({ length: 15 }, (_, at) => `typing mistake ${String(at)}`);
  const responses = await scene.guess(registration, guesses);
  assert.equal(responses.length, 7);
  assert.equal(responses.at(-1)?.outcome?.$case, 'deny');
  scene.clock.advance(36_000);
  const again = await scene.call({ ...registration, cseq: 40 }, { password });
  assert.equal(allowedName(again), 'phone 1001');
});

test('AUTH-08 svcrack guesses with a nonce each under one Call-ID and CSeq: no guess goes by as another’s repetition', async () => {
  const scene = new Scene();
  const call = { ...registration, cseq: 1 };
  const guesses = ['letmein', 'secret', '1234', password, ...Array.from({ length: 20 }, String)];
  const seen = new Set<string | undefined>();
  for (const guess of guesses) {
    const response = await scene.send(call);
    if (response.outcome?.$case !== 'challenge') {
      seen.add(response.outcome?.$case);
      continue;
    }
    const answer = { password: guess };
    const { outcome } = await scene.answer({ ...call, cseq: 2 }, response.outcome.value, answer);
    seen.add(outcome?.$case);
    // Slower than a burst.
    scene.clock.advance(1000);
  }
  // Three are wrong, the fourth is right; of those behind it six are looked at, and the terminal is suspended.
  assert.deepEqual([...seen], ['challenge', 'allow', 'deny']);
  assert.equal((await scene.store.listSuspensions()).length, 1);
});

test('AUTH-04 SIP.js repeats its first credentials to the letter at each refresh', async () => {
  const scene = new Scene();
  const challenge = await scene.challengeFor(registration);
  const first = credentialsFor(registration, challenge, { password });
  assert.equal(allowedName(await scene.send({ ...registration, cseq: 2, ...first })), 'phone 1001');
  for (const cseq of [3, 5]) {
    const stale = challengeOf(await scene.send({ ...registration, cseq, ...first }));
    assert.equal(isStale(stale), true);
    const answered = await scene.answer({ ...registration, cseq: cseq + 1 }, stale, { password });
    assert.equal(allowedName(answered), 'phone 1001');
  }
  scene.clock.advance(60_000);
  assert.deepEqual(await scene.unanswered(), []);
  assert.deepEqual(await scene.store.listFailures(), []);
});

test('AUTH-04 JsSIP and SIP.js begin the nonce after a stale one with count 2', async () => {
  const scene = new Scene();
  const challenge = await scene.challengeFor(registration);
  scene.clock.advance(60_000);
  const late = await scene.answer({ ...registration, cseq: 2 }, challenge, { password });
  const fresh = challengeOf(late);
  assert.equal(isStale(fresh), true);
  const second = await scene.answer({ ...registration, cseq: 3 }, fresh, { password, nc: 2 });
  assert.equal(allowedName(second), 'phone 1001');
});

test('AUTH-15 linphone gives up where the answer to its first challenge gets stale=true: that is kept', async () => {
  const scene = new Scene();
  const challenge = await scene.challengeFor(registration);
  scene.clock.advance(60_000);
  await scene.unanswered();
  await scene.answer({ ...registration, cseq: 2 }, challenge, { password });
  scene.clock.advance(10_000);
  const [failure] = await scene.unanswered();
  assert.equal(failure?.cause, 'nonce not good, and the fresh one never answered');
});

test('AUTH-04 linphone reads the first entry of a qop list, SIPp takes auth-int where it is listed: auth alone is offered', async () => {
  const { wwwAuthenticate, proxyAuthenticate } = await new Scene().challengeFor({});
  for (const value of [...wwwAuthenticate, ...proxyAuthenticate]) {
    assert.deepEqual(parseChallenge(value).qop, ['auth']);
  }
});

test('AUTH-04 SIPp and sipsak cut a nonce at a comma and fail on blanks around =', async () => {
  const [value = ''] = (await new Scene().challengeFor({})).proxyAuthenticate;
  assert.match(parseChallenge(value).nonce, /^[\w-]+$/);
  assert.doesNotMatch(value, /\s=|=\s/);
});

test('AUTH-15 sipsak without -u writes its user name with an @, which is told', async () => {
  const scene = new Scene();
  await scene.call(registration, { password, username: '1001@' });
  const [failure] = await scene.store.listFailures();
  assert.equal(failure?.cause, 'user name with a domain');
  assert.match(failure.explanation, /sent user name "1001@", expected .* such as "1001"/);
});
