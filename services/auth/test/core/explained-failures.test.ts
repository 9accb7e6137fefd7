import assert from 'node:assert/strict';
import { test } from 'node:test';
import { credentialsFor, Scene, type Call } from '../scene.ts';

/** What is gathered of one answer to a challenge whose credentials were changed on the way. */
async function gathered(change: (value: string) => string, call: Call = {}) {
  const scene = new Scene();
  const challenge = await scene.challengeFor(call);
  const credentials = credentialsFor(call, challenge, { password: 'tandem-demo' });
  const [value = ''] = credentials.proxyAuthorization ?? [];
  await scene.send({ ...call, cseq: 2, proxyAuthorization: [change(value)] });
  const [failure] = await scene.store.listFailures();
  assert.ok(failure !== undefined);
  const { user, cause, explanation } = failure;
  return { user, cause, explanation };
}

test('AUTH-15 a realm, a form of the user name or an algorithm that is not the challenge’s is gathered with what was expected', async () => {
  assert.deepEqual(await gathered((value) => value.replace('realm="tandem"', 'realm="other"')), {
    user: 'phone 1001',
    cause: 'wrong realm',
    explanation: 'sent realm "other", expected "tandem"',
  });
  assert.deepEqual(
    await gathered((value) => value.replace('username="1001"', 'username="1001@tandem"')),
    {
      user: 'unknown-user 1001@tandem',
      cause: 'user name with a domain',
      explanation: 'sent user name "1001@tandem", expected one without a domain, such as "1001"',
    },
  );
  const algorithm = await gathered((value) => value.replace('algorithm=MD5', 'algorithm=MD5-sess'));
  assert.equal(algorithm.cause, 'algorithm not offered');
  assert.equal(algorithm.explanation, 'sent algorithm "MD5-sess", expected MD5');
});

test('AUTH-15 what was sent is text of strangers, and is kept short and quoted', async () => {
  const long = 'x'.repeat(500);
  const { explanation } = await gathered((value) =>
    value.replace('realm="tandem"', `realm="${long}"`),
  );
  assert.ok(explanation.length < 120, explanation);
});

test('AUTH-15 a user name in another case is gathered with the one that is configured, and an empty one as such', async () => {
  const as = (name: string) =>
    gathered((value) => value.replace('username="1001"', `username="${name}"`));
  const spelt = await as('Office-User');
  assert.equal(spelt.cause, 'unknown user');
  assert.equal(spelt.explanation, 'sent user name "Office-User", expected "office-user"');
  assert.equal((await as('')).explanation, 'sent an empty user name');
  assert.equal((await as('4711')).explanation, '');
});
