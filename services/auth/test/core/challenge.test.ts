import { parseChallenge } from '@tandem/sip';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowedName, decisionOf, Scene } from '../scene.ts';

test('AUTH-02 mode 1 challenges everything with 401 and WWW-Authenticate', async () => {
  const scene = new Scene({ parameters: { SS_AUTHCHALLENGEMODE: 1 } });
  for (const method of ['INVITE', 'REGISTER']) {
    const challenge = await scene.challengeFor({ method });
    assert.equal(challenge.code, 401);
    assert.equal(challenge.wwwAuthenticate.length, 1);
    assert.deepEqual(challenge.proxyAuthenticate, []);
  }
});

test('AUTH-02 mode 2 challenges everything with 407 and Proxy-Authenticate', async () => {
  const scene = new Scene({ parameters: { SS_AUTHCHALLENGEMODE: 2 } });
  for (const method of ['INVITE', 'REGISTER']) {
    const challenge = await scene.challengeFor({ method });
    assert.equal(challenge.code, 407);
    assert.equal(challenge.proxyAuthenticate.length, 1);
    assert.deepEqual(challenge.wwwAuthenticate, []);
  }
});

test('AUTH-02 mode 3, the default, goes by the method and carries both headers', async () => {
  const scene = new Scene();
  const invite = await scene.challengeFor({ method: 'INVITE' });
  const register = await scene.challengeFor({ method: 'REGISTER' });
  assert.deepEqual([invite.code, register.code], [407, 401]);
  for (const challenge of [invite, register]) {
    assert.equal(challenge.wwwAuthenticate.length, 1);
    assert.deepEqual(challenge.wwwAuthenticate, challenge.proxyAuthenticate);
  }
});

test('AUTH-02 SS_SIP_AUTHENTICATION_CODE is another name for mode 1 or 2', async () => {
  for (const code of [401, 407]) {
    const scene = new Scene({ parameters: { SS_SIP_AUTHENTICATION_CODE: code } });
    const methods = ['INVITE', 'REGISTER'];
    for (const method of methods) assert.equal((await scene.challengeFor({ method })).code, code);
  }
});

test('AUTH-02 SS_SIP_AUTHENTICATION_CODE in conflict with SS_AUTHCHALLENGEMODE is refused', () => {
  const scene = new Scene();
  assert.throws(() => {
    scene.apply({ parameters: { SS_AUTHCHALLENGEMODE: 1, SS_SIP_AUTHENTICATION_CODE: 407 } });
  }, /SS_AUTHCHALLENGEMODE/);
});

test('AUTH-02 credentials are accepted in either header, and in both', async () => {
  const scene = new Scene();
  for (const [index, header] of (['authorization', 'proxyAuthorization'] as const).entries()) {
    const call = { sipCallId: `call-${String(index)}` };
    const challenge = await scene.challengeFor(call);
    const response = await scene.answer(call, challenge, { password: 'tandem-demo', header });
    assert.equal(allowedName(response), 'phone 1001');
  }
});

test('AUTH-02 the challenge offers qop auth, and the realm and nonce stand in it', async () => {
  const scene = new Scene();
  const [value = ''] = (await scene.challengeFor({})).proxyAuthenticate;
  const challenge = parseChallenge(value);
  assert.equal(challenge.realm, 'tandem');
  assert.deepEqual(challenge.qop, ['auth']);
  assert.equal(challenge.stale, false);
  assert.equal(challenge.algorithm, 'MD5');
});

test('AUTH-04 several algorithms make several challenges of one nonce, the strongest first', async () => {
  const scene = new Scene({ algorithms: ['SHA-512-256', 'SHA-256', 'MD5'] });
  const challenge = await scene.challengeFor({});
  const parsed = challenge.proxyAuthenticate.map((value) => parseChallenge(value));
  const algorithms = parsed.map(({ algorithm }) => algorithm);
  assert.deepEqual(algorithms, ['SHA-512-256', 'SHA-256', 'MD5']);
  assert.equal(new Set(parsed.map(({ nonce }) => nonce)).size, 1);
});

test('AUTH-02 the decision of a challenge names the mode, the code and the realm', async () => {
  const scene = new Scene();
  const { decision, facts } = decisionOf(await scene.send({}));
  assert.deepEqual([decision.check, decision.result], ['digest', 'challenged']);
  assert.equal(decision.subject, 'phone 1001');
  assert.equal(decision.atMs, scene.clock.now());
  assert.deepEqual(facts, {
    SS_AUTHCHALLENGEMODE: '3',
    code: '407',
    realm: 'tandem',
    cause: 'no credentials',
  });
});
