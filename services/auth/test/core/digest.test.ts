import { digestResponse, formatCredentials, fromWire, ha1, parseChallenge } from '@tandem/sip';
import { hash } from 'node:crypto';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  allowedName,
  challengeOf,
  credentialsFor,
  decisionOf,
  isStale,
  Scene,
  type Call,
} from '../scene.ts';
import type { Challenge } from '@tandem/proto/auth';

const password = 'tandem-demo';

for (const algorithm of ['MD5', 'SHA-256', 'SHA-512-256'] as const) {
  test(`AUTH-04 the right password is accepted with ${algorithm}`, async () => {
    const scene = new Scene({ algorithms: ['SHA-512-256', 'SHA-256', 'MD5'] });
    const challenge = await scene.challengeFor({});
    const response = await scene.answer({ cseq: 2 }, challenge, { password, algorithm });
    assert.equal(allowedName(response), 'phone 1001');
    const { decision, facts } = decisionOf(response);
    assert.deepEqual([decision.check, decision.result], ['digest', 'passed']);
    assert.deepEqual(facts, { mode: 'password', realm: 'tandem', algorithm });
  });
}

test('AUTH-04 an answer without qop is accepted, once per nonce', async () => {
  const scene = new Scene();
  const challenge = await scene.challengeFor({});
  const plain = { ...challenge, proxyAuthenticate: challenge.proxyAuthenticate.map(withoutQop) };
  assert.equal(allowedName(await scene.answer({ cseq: 2 }, plain, { password })), 'phone 1001');
  const again = challengeOf(await scene.answer({ cseq: 3 }, plain, { password }));
  assert.equal(isStale(again), true);
});

test('AUTH-04 an answer without an algorithm counts as MD5', async () => {
  const scene = new Scene();
  const challenge = await scene.challengeFor({});
  const [value = ''] = challenge.proxyAuthenticate;
  const bare = { ...challenge, proxyAuthenticate: [value.replace(/,\s*algorithm=MD5/, '')] };
  assert.equal(allowedName(await scene.answer({ cseq: 2 }, bare, { password })), 'phone 1001');
});

test('AUTH-04 an algorithm that was not offered is refused', async () => {
  const scene = new Scene({ algorithms: ['SHA-256'] });
  const challenge = await scene.challengeFor({});
  for (const algorithm of ['MD5', 'SHA-256-sess', 'ROT13']) {
    const call = { cseq: 2, ...credentialsFor({}, challenge, { password }) };
    const [value = ''] = call.proxyAuthorization ?? [];
    const renamed = { ...call, proxyAuthorization: [value.replace('SHA-256', algorithm)] };
    const response = await scene.send(renamed);
    assert.equal(isStale(challengeOf(response)), false);
    assert.equal(decisionOf(response).facts['cause'], 'algorithm not offered');
  }
});

test('AUTH-04 auth-int is checked against the digest of the body', async () => {
  const scene = new Scene();
  const challenge = await scene.challengeFor({});
  const body = hash('md5', 'v=0');
  const call = { cseq: 2, ...authInt(challenge, body) };
  const response = await scene.send({ ...call, bodyDigests: { MD5: body } });
  assert.equal(allowedName(response), 'phone 1001');
  const other = await scene.send({ ...call, cseq: 3, bodyDigests: { MD5: hash('md5', 'v=1') } });
  assert.equal(decisionOf(other).facts['cause'], 'wrong password');
});

test('AUTH-04 auth-int without a digest of the body is refused', async () => {
  const scene = new Scene();
  const challenge = await scene.challengeFor({});
  const response = await scene.send({ cseq: 2, ...authInt(challenge, hash('md5', 'v=0')) });
  const { facts } = decisionOf(response);
  assert.equal(facts['cause'], 'auth-int without a digest of the body');
});

test('AUTH-02 with credentials in both headers the right ones count, and one failure if none is', async () => {
  const scene = new Scene();
  const challenge = await scene.challengeFor({});
  const wrong = credentialsFor({}, challenge, { password: 'no', header: 'authorization' });
  const right = credentialsFor({}, challenge, { password, header: 'proxyAuthorization' });
  const both = await scene.send({ cseq: 2, ...wrong, ...right });
  assert.equal(allowedName(both), 'phone 1001');
  const fresh = await scene.challengeFor({ sipCallId: 'call-2' });
  const response = await scene.send({
    sipCallId: 'call-2',
    cseq: 2,
    ...credentialsFor({}, fresh, { password: 'no', header: 'authorization' }),
    ...credentialsFor({}, fresh, { password: 'no', header: 'proxyAuthorization' }),
  });
  assert.equal(decisionOf(response).facts['failures'], '1');
});

test('AUTH-04 credentials that cannot be read are answered like none', async () => {
  const scene = new Scene();
  for (const [value, cause] of [
    ['Basic YTpi', 'credentials of another scheme than Digest'],
    ['Digest username="1001"', 'credentials that cannot be read (realm is missing)'],
    ['Digest', 'credentials that cannot be read (username is missing)'],
    ['', 'credentials that cannot be read (the scheme is not Digest)'],
  ] as const) {
    const response = await scene.send({ authorization: [value] });
    assert.equal(isStale(challengeOf(response)), false);
    assert.equal(decisionOf(response).facts['cause'], cause);
  }
});

test('AUTH-15 of credentials that cannot be read it is said which parameter is missing, twice or wrong', async () => {
  const scene = new Scene();
  const challenge = await scene.challengeFor({});
  const [right = ''] = credentialsFor({}, challenge, { password }).proxyAuthorization ?? [];
  const without = (name: string): string =>
    right.replace(new RegExp(`\\b${name}=(?:"[^"]*"|[^,]*),?`), '').replace(/,$/, '');
  const told = async (value: string): Promise<string | undefined> => {
    const response = await scene.send({ cseq: 2, proxyAuthorization: [value] });
    const { cause, explanation } = decisionOf(response).facts;
    return explanation ?? cause;
  };
  for (const name of ['username', 'realm', 'nonce', 'uri', 'response', 'cnonce', 'nc']) {
    assert.equal(await told(without(name)), `credentials that cannot be read (${name} is missing)`);
  }
  assert.equal(await told(`${right}, uri="sip:x"`), 'credentials that cannot be read (uri stands there twice)'); // prettier-ignore
  assert.equal(await told(right.replace(/nc=\w+/, 'nc=1')), 'credentials that cannot be read (nc is not of eight hexadecimal digits)'); // prettier-ignore
  assert.equal(await told(right.replace(/response="\w+"/, 'response="beef"')), 'sent a response of 4 characters, expected 32 hexadecimal digits (MD5)'); // prettier-ignore
});

test('AUTH-04 of many credentials only the first few are looked at', async () => {
  const scene = new Scene();
  const challenge = await scene.challengeFor({});
  const right = credentialsFor({}, challenge, { password }).proxyAuthorization ?? [];
  const many = Array.from({ length: 6 }, () => 'Basic YTpi');
  const response = await scene.send({ cseq: 2, proxyAuthorization: [...many, ...right] });
  assert.equal(response.outcome?.$case, 'challenge');
});

test('AUTH-05 realm: that of the phone, else of the domain that the request names, else the default', async () => {
  const scene = new Scene();
  const cases: [Call, string][] = [
    [{ fromUser: '2001' }, 'branch.example.org'],
    [{ fromUser: '1001', fromHost: 'branch.example.org' }, 'tandem'],
    [{ fromUser: 'x', fromHost: 'Branch.Example.Org' }, 'branch.example.org'],
    [
      { fromUser: 'x', fromHost: 'x', requestUri: 'sip:44@branch.example.org' },
      'branch.example.org',
    ],
    [{ fromUser: 'x', fromHost: 'x', requestUri: 'tel:+44' }, 'tandem'],
    [{ fromUser: 'x', fromHost: 'x', requestUri: 'sip:' }, 'tandem'],
    [{ fromUser: '2001', toHost: 'branch.example.org' }, 'branch.example.org'],
  ];
  for (const [call, realm] of cases) {
    const [value = ''] = (await scene.challengeFor(call)).proxyAuthenticate;
    assert.equal(parseChallenge(value).realm, realm, JSON.stringify(call));
  }
});

test('AUTH-05 a phone with a realm of its own is accepted there and only there', async () => {
  const scene = new Scene();
  const call = { fromUser: '2001' };
  const own = await scene.challengeFor(call);
  const right = await scene.answer({ ...call, cseq: 2 }, own, { password: 'other' });
  assert.equal(allowedName(right), 'phone 2001');
  const foreign = await scene.challengeFor({ fromUser: '1001' });
  const wrong = await scene.answer({ ...call, cseq: 2 }, foreign, { password: 'other' });
  assert.equal(decisionOf(wrong).facts['cause'], 'wrong realm');
});

test('AUTH-05 a gateway in mode password is known by its username, whatever From says', async () => {
  const scene = new Scene();
  const call = { fromUser: '442079460001' };
  const challenge = await scene.challengeFor(call);
  const answer = { username: 'office-user', password: 'office-pass' };
  const response = await scene.answer({ ...call, cseq: 2 }, challenge, answer);
  assert.equal(allowedName(response), 'mapping-gateway office');
});

test('AUTH-05 unknown user, wrong realm and wrong password look the same from outside', async () => {
  const scene = new Scene({ parameters: { SS_SIP_AUTHENTICATION_RETRY: 2 } });
  const [wrongPassword, unknownUser, wrongRealm] = await Promise.all([
    scene.guess({ fromUser: '1001', sipCallId: 'a' }, ['1', '2', '3', '4']),
    scene.guess({ fromUser: 'nobody', sipCallId: 'b' }, ['1', '2', '3', '4']),
    guessInRealm(scene, 'elsewhere.example', { fromUser: 'nobody2', sipCallId: 'c' }),
  ]);
  const outside = (responses: Awaited<ReturnType<Scene['guess']>>): string =>
    responses
      .map(({ outcome }) => JSON.stringify(outcome, hideNames).replace(/nonce-\d+/g, 'N'))
      .join('\n');
  assert.equal(outside(unknownUser), outside(wrongPassword));
  assert.equal(outside(wrongRealm), outside(wrongPassword));
  const causes = [wrongPassword, unknownUser, wrongRealm].map(
    ([first]) => first && decisionOf(first).facts['cause'],
  );
  assert.deepEqual(causes, ['wrong password', 'unknown user', 'wrong realm']);
});

/** The origin of a refusal goes into the CDR, not to the caller. */
function hideNames(key: string, value: unknown): unknown {
  return key === 'origin' ? undefined : value;
}

async function guessInRealm(scene: Scene, realm: string, call: Call) {
  const responses = [];
  let challenge = await scene.challengeFor(call);
  for (const cseq of [2, 3, 4]) {
    const values = challenge.proxyAuthenticate.map((value) =>
      value.replace('"tandem"', `"${realm}"`),
    );
    const forged = { ...challenge, proxyAuthenticate: values };
    const response = await scene.answer({ ...call, cseq }, forged, { password: 'x' });
    responses.push(response);
    if (response.outcome?.$case === 'challenge') challenge = response.outcome.value;
  }
  return responses;
}

function withoutQop(value: string): string {
  return value.replace(/,\s*qop="auth"/, '');
}

function authInt(challenge: Challenge, bodyDigest: string): Call {
  const { realm, nonce } = parseChallenge(challenge.proxyAuthenticate[0] ?? '');
  const uri = 'sip:442079460000@203.0.113.1';
  const proof = { algorithm: 'MD5', nonce, qop: 'auth-int', nc: '00000001', cnonce: 'c' } as const;
  const secret = ha1('MD5', '1001', realm, password);
  const response = digestResponse({ ...proof, ha1: secret, method: 'INVITE', uri, bodyDigest });
  const credentials = { ...proof, username: '1001', realm, uri, response };
  return { proxyAuthorization: [formatCredentials(credentials)] };
}

for (const name of ['4412345@pbx.example', 'the "big" \\ one', 'Zweigstelle Köln']) {
  test(`AUTH-04 T2-31 a gateway proves itself as ${name} in a realm of that name`, async () => {
    const scene = new Scene();
    const authentication = { mode: 'password', username: name, password: `"${name}"` };
    const mappingGateways = [{ name: 'odd', account: 'demo', authentication }];
    scene.apply({ realm: name, mappingGateways });
    const call = { fromUser: '442079460001', fromHost: 'pbx.example' };
    const challenge = await scene.challengeFor(call);
    const [value = ''] = challenge.proxyAuthenticate;
    assert.equal(fromWire(parseChallenge(value).realm), name);
    const right = { username: name, password: `"${name}"` };
    const response = await scene.answer({ ...call, cseq: 2 }, challenge, right);
    assert.equal(allowedName(response), 'mapping-gateway odd');
  });
}
