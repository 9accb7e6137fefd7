import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import {
  answerChallenge,
  digestAlgorithm,
  digestAlgorithms,
  digestResponse,
  formatChallenge,
  ha1,
  parseChallenge,
  parseCredentials,
  pickChallenge,
  SipParseError,
  toWire,
  verifyCredentials,
  type Challenge,
  type DigestAlgorithm,
} from '../../src/index.ts';

const vector = {
  nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
  nc: '00000001',
  cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
  qop: 'auth',
  method: 'GET',
  uri: '/dir/index.html',
};

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

const challenge = (more: Partial<Challenge> = {}): Challenge => ({
  realm: 'tandem',
  nonce: 'n1',
  qop: ['auth'],
  stale: false,
  ...more,
});

const alice = {
  username: 'alice',
  password: 'se cret',
  method: 'INVITE',
  uri: 'sip:b@y',
  cnonce: 'c1',
};

test('AUTH-04 the examples of RFC 7616 §3.9.1 come out, MD5 and SHA-256', () => {
  const expected: [DigestAlgorithm, string][] = [
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ];
  for (const [algorithm, response] of expected) {
    const secret = ha1(algorithm, 'Mufasa', 'http-auth@example.org', 'Circle of Life');
    assert.equal(digestResponse({ ...vector, algorithm, ha1: secret }), response);
  }
});

test('AUTH-04 the example of RFC 7616 §3.9.2 comes out: SHA-512-256, a name in UTF-8 (erratum 4897)', () => {
  const algorithm = 'SHA-512-256';
  const secret = ha1(algorithm, 'Jäsøn Doe', 'api@example.org', 'Secret, or not?');
  const response = digestResponse({
    algorithm,
    ha1: secret,
    nonce: '5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK',
    nc: '00000001',
    cnonce: 'NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v',
    qop: 'auth',
    method: 'GET',
    uri: '/doe.json',
  });
  assert.equal(response, '3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5');
});

test('AUTH-04 the example of RFC 2617 §3.5 comes out', () => {
  const response = digestResponse({
    algorithm: 'MD5',
    ha1: ha1('MD5', 'Mufasa', 'testrealm@host.com', 'Circle Of Life'),
    nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
    nc: '00000001',
    cnonce: '0a4f113b',
    qop: 'auth',
    method: 'GET',
    uri: '/dir/index.html',
  });
  assert.equal(response, '6629fae49393a05397450978507c4ef1');
});

test('AUTH-04 without qop, with auth-int and in a session the formulas of the RFCs are followed', () => {
  const base = { algorithm: 'MD5', ha1: 'h', nonce: 'n', method: 'M', uri: 'u' } as const;
  assert.equal(digestResponse(base), md5(`h:n:${md5('M:u')}`));
  const proof = { nc: '00000002', cnonce: 'c' };
  const body = Buffer.from('body');
  const bodied = `h:n:00000002:c:auth-int:${md5(`M:u:${md5('body')}`)}`;
  assert.equal(digestResponse({ ...base, ...proof, qop: 'auth-int', body }), md5(bodied));
  const empty = `h:n:00000002:c:auth-int:${md5(`M:u:${md5('')}`)}`;
  assert.equal(digestResponse({ ...base, ...proof, qop: 'auth-int' }), md5(empty));
  const session = `${md5('h:n:c')}:n:00000002:c:auth:${md5('M:u')}`;
  assert.equal(
    digestResponse({ ...base, ...proof, algorithm: 'MD5-sess', qop: 'auth' }),
    md5(session),
  );
});

test('AUTH-04 algorithms are known in any case, none means MD5', () => {
  assert.equal(digestAlgorithm(undefined), 'MD5');
  assert.equal(digestAlgorithm('sha-512-256-SESS'), 'SHA-512-256-sess');
  assert.equal(digestAlgorithm('AKAv1-MD5'), undefined);
});

test('AUTH-11 an answer to any challenge is accepted by the server that knows HA1', () => {
  const body = Buffer.from('v=0');
  for (const algorithm of [undefined, ...digestAlgorithms]) {
    for (const qop of [[], ['auth'], ['auth-int'], ['auth-int', 'auth'], ['other', 'auth']]) {
      const answer = answerChallenge({ ...alice, challenge: challenge({ algorithm, qop }), body });
      const credentials = parseCredentials(answer);
      const secret = ha1(algorithm ?? 'MD5', 'alice', 'tandem', 'se cret');
      const input = { credentials, ha1: secret, method: 'INVITE', body };
      assert(verifyCredentials(input), answer);
      assert(!verifyCredentials({ ...input, method: 'BYE' }));
      assert(!verifyCredentials({ ...input, ha1: ha1('MD5', 'alice', 'tandem', 'other') }));
      const other = verifyCredentials({ ...input, body: Buffer.from('v=1') });
      assert.equal(other, credentials.qop !== 'auth-int');
    }
  }
});

test('AUTH-11 the answer repeats realm, nonce, opaque and algorithm, and counts nc in hexadecimal', () => {
  const asked = challenge({ opaque: 'o"1', algorithm: 'md5', realm: 'a \\"b"' });
  const given = parseCredentials(answerChallenge({ ...alice, challenge: asked, nc: 255 }));
  assert.deepEqual(
    [given.realm, given.nonce, given.opaque, given.algorithm, given.nc, given.qop, given.cnonce],
    ['a \\"b"', 'n1', 'o"1', 'md5', '000000ff', 'auth', 'c1'],
  );
  const old = parseCredentials(answerChallenge({ ...alice, challenge: challenge({ qop: [] }) }));
  assert.deepEqual([old.qop, old.nc, old.cnonce], [undefined, undefined, undefined]);
});

test('AUTH-11 a name, password and realm in UTF-8 are hashed and written as UTF-8', () => {
  const asked = challenge({ realm: toWire('Zürich') });
  const given = parseCredentials(
    answerChallenge({ ...alice, username: 'Žofie', password: 'heslo ř', challenge: asked }),
  );
  assert.equal(given.username, toWire('Žofie'));
  const secret = ha1('MD5', 'Žofie', 'Zürich', 'heslo ř');
  assert(verifyCredentials({ credentials: given, ha1: secret, method: 'INVITE' }));
});

test('AUTH-11 a challenge of an unknown algorithm or quality is not answered', () => {
  for (const asked of [challenge({ algorithm: 'AKAv1-MD5' }), challenge({ qop: ['other'] })]) {
    assert.throws(() => answerChallenge({ ...alice, challenge: asked }), SipParseError);
    assert.equal(pickChallenge([asked]), undefined);
  }
});

test('AUTH-11 T2-06 of several challenges the strongest that can be answered is picked, of equals the first', () => {
  const good = challenge({ algorithm: 'SHA-256' });
  const better = challenge({ algorithm: 'SHA-512-256' });
  const other = challenge({ algorithm: 'none' });
  assert.equal(pickChallenge([other, good, challenge()]), good);
  assert.equal(pickChallenge([challenge(), good, challenge({ algorithm: 'MD5-sess' })]), good);
  assert.equal(pickChallenge([challenge({ algorithm: 'MD5' }), good, better]), better);
  assert.equal(pickChallenge([good, { ...better, qop: ['other'] }]), good);
  const first = challenge();
  assert.equal(pickChallenge([first, challenge({ algorithm: 'MD5' })]), first);
  assert.equal(pickChallenge([challenge({ qop: [] })])?.nonce, 'n1');
  const none: Challenge[] = [];
  assert.equal(pickChallenge(none), undefined);
});

test('AUTH-04 credentials of an unknown algorithm, quality or length of response are wrong', () => {
  const credentials = parseCredentials(answerChallenge({ ...alice, challenge: challenge() }));
  const input = { ha1: ha1('MD5', 'alice', 'tandem', 'se cret'), method: 'INVITE' };
  assert(verifyCredentials({ ...input, credentials }));
  const upper = { ...credentials, response: credentials.response.toUpperCase() };
  assert(verifyCredentials({ ...input, credentials: upper }));
  for (const wrong of [
    { algorithm: 'x' },
    { qop: 'other' },
    { response: '' },
    { response: credentials.response.slice(1) },
    { response: '\xff'.repeat(32) },
    { response: 'ř'.repeat(32) },
    { nc: '00000002' },
    { uri: 'sip:c@y' },
    { nonce: 'n2' },
  ]) {
    assert(!verifyCredentials({ ...input, credentials: { ...credentials, ...wrong } }));
  }
});

test('AUTH-04 a challenge is read whatever its order, case and blanks', () => {
  const read = parseChallenge(
    'DIGEST  REALM = "a, \\"b\\"" ,, qop="Auth, AUTH-INT ,",Nonce="n",STALE=TRUE, algorithm=MD5,x=y,',
  );
  assert.deepEqual(read, {
    realm: 'a, "b"',
    nonce: 'n',
    opaque: undefined,
    algorithm: 'MD5',
    qop: ['auth', 'auth-int'],
    stale: true,
    domain: undefined,
  });
});

test('AUTH-04 what is no challenge or no credentials is refused, another scheme by its own code', () => {
  for (const value of [
    'Digest',
    'Digest realm="a"',
    'Digest nonce="a"',
    'Digest realm="a,nonce=b',
  ]) {
    assert.throws(() => parseChallenge(value), { code: 'SIP_BAD_CHALLENGE' }, value);
  }
  const whole = 'Digest username="u",realm="r",nonce="n",uri="sip:y",response="0"';
  assert.equal(parseCredentials(whole).username, 'u');
  for (const value of [
    ...['username', 'realm', 'nonce', 'uri', 'response'].map((name) => whole.replace(name, 'x')),
    `${whole},qop=auth`,
    `${whole},qop=auth,cnonce="c"`,
    `${whole},qop=auth,cnonce="c",nc=1`,
    `${whole},qop=auth,cnonce="c",nc=0000000g`,
    `${whole},username="other"`,
    `${whole},=x`,
    `${whole},alone`,
  ]) {
    assert.throws(() => parseCredentials(value), { code: 'SIP_BAD_CREDENTIALS' }, value);
  }
  for (const value of ['Basic dTpw', '', 'Digestrealm="a"']) {
    assert.throws(() => parseCredentials(value), { code: 'SIP_UNKNOWN_AUTH_SCHEME' }, value);
  }
});

test('AUTH-04 a challenge is written with what it has, quotes escaped', () => {
  assert.equal(
    formatChallenge(challenge({ realm: 'a"b', algorithm: 'SHA-256', qop: ['auth', 'auth-int'] })),
    'Digest realm="a\\"b",qop="auth,auth-int",nonce="n1",algorithm=SHA-256',
  );
  assert.equal(
    formatChallenge(challenge({ qop: [], stale: true, opaque: 'o', domain: 'sip:y' })),
    'Digest realm="tandem",domain="sip:y",nonce="n1",opaque="o",stale=true',
  );
});
