import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { maskSecrets } from '../../src/index.ts';

/** What a secret may look like: nothing that divides, and nothing that a message has anyway. */
const secret = fc
  .array(fc.constantFrom(...Array.from('ABCDEFGHJKLMNPQRSTUVWYZ23456789+/=')), {
    minLength: 12,
    maxLength: 64,
  })
  .map((letters) => `Zq${letters.join('')}`);
const hexSecret = fc
  .array(fc.constantFrom(...Array.from('0123456789abcdef')), { minLength: 32, maxLength: 64 })
  .map((letters) => letters.join(''));
const name = (text: string) =>
  fc.array(fc.boolean(), { minLength: text.length, maxLength: text.length }).map((upper) =>
    Array.from(text)
      .map((letter, at) => (upper[at] === true ? letter.toUpperCase() : letter))
      .join(''),
  );
const space = fc.constantFrom('', ' ', '\t', '\r\n ', '  ');

const header = fc.constantFrom('authorization', 'proxy-authorization').chain(name);
const digest = fc
  .record({
    header,
    response: hexSecret,
    field: name('response'),
    before: space,
    after: space,
    quoted: fc.boolean(),
    first: fc.boolean(),
  })
  .map(({ after, before, field, first, header: title, quoted, response }) => {
    const answer = `${field}${before}=${after}${quoted ? `"${response}"` : response}`;
    const rest =
      'username="1001", realm="tandem", nonce="n0nce", uri="sip:44@192.0.2.1", algorithm=MD5';
    const value = first ? `${answer}, ${rest}` : `${rest},${answer}`;
    return {
      line: `${title}${before.replace('\r\n', '')}: Digest ${value}\r\n`,
      secrets: [response],
    };
  });
const otherScheme = fc
  .record({ header, scheme: fc.constantFrom('Basic', 'Bearer', 'basic', 'AKA'), secret })
  .map(({ header: title, scheme, secret: token }) => ({
    line: `${title}: ${scheme} ${token}\r\n`,
    secrets: [token],
  }));
const broken = fc
  .record({ header, secret: hexSecret })
  .map(({ header: title, secret: response }) => ({
    line: `${title}: Digest username="10"01, realm="x, response="${response}\r\n`,
    secrets: [response],
  }));
const info = fc
  .record({ title: name('authentication-info'), secret: hexSecret })
  .map(({ secret: rspauth, title }) => ({
    line: `${title}: nextnonce="abc", rspauth="${rspauth}"\r\n`,
    secrets: [rspauth],
  }));
const inUri = fc
  .record({ secret: hexSecret, password: secret.map((text) => text.replaceAll(/[/+=]/g, 'A')) })
  .map(({ password, secret: response }) => ({
    line: `Refer-To: <sip:1001:${password}@192.0.2.1?Proxy-Authorization=Digest%20response%3D%22${response}%22>\r\n`,
    secrets: [response, password],
  }));
const identity = fc.record({ secret, isShort: fc.boolean() }).map(({ isShort, secret: text }) => {
  const signature = text.replaceAll(/[/+=]/g, '_');
  const head = isShort ? '..' : 'eyJhbGciOiJFUzI1NiJ9.eyJhdHRlc3QiOiJBIn0.';
  return {
    line: `Identity: ${head}${signature};info=<https://example.com/c>\r\n`,
    secrets: [signature],
  };
});
const sdp = fc
  .record({ key: secret, pwd: secret, clear: secret, mikey: secret })
  .map(({ clear, key, mikey, pwd }) => ({
    line: `v=0\r\nk=clear:${clear}\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key}|2^20|1:4 KDR=1\r\na=ice-pwd:${pwd}\r\na=key-mgmt:mikey ${mikey}\r\n`,
    secrets: [key, pwd, clear, mikey],
  }));

const part = fc.oneof(digest, otherScheme, broken, info, inUri, identity, sdp);
const plain =
  'INVITE sip:442079460000@192.0.2.1 SIP/2.0\r\nCall-ID: 1@x\r\nWWW-Authenticate: Digest realm="tandem", nonce="n0nce"\r\n';

test('OPS-09 no secret survives in a message, wherever it stands and however it is written', () => {
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
      const bytes = Buffer.from(`${plain}${parts.map(({ line }) => line).join('')}\r\n`);
      const { length } = bytes;
      maskSecrets(bytes);
      const text = bytes.toString('latin1');
      assert.equal(bytes.length, length);
      assert.ok(text.startsWith(plain), text);
      for (const each of parts.flatMap(({ secrets }) => secrets)) {
        assert.ok(!text.includes(each), `${each} in ${text}`);
        // Nor most of it.
        assert.ok(!text.includes(each.slice(4, -2)), `much of ${each} in ${text}`);
      }
    }),
    { numRuns: 500 },
  );
});

test('OPS-09 what tells why credentials were wrong stays readable, and all else of a message as it was', () => {
  const response = '0123456789abcdef0123456789abcdef';
  const message = (answer: string): string =>
    `REGISTER sip:tandem SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK-1\r\nAuthorization: Digest username="1001",realm="tandem",nonce="abc",uri="sip:tandem",response="${answer}",algorithm=MD5,qop=auth,nc=00000001,cnonce="x1"\r\nContent-Length: 0\r\n\r\n`;
  const bytes = Buffer.from(message(response));
  maskSecrets(bytes);
  assert.equal(bytes.toString(), message('x'.repeat(32)));
});

test('OPS-09 nothing is masked beyond the end of a message that is cut off', () => {
  const cut = Buffer.from('REGISTER sip:tandem SIP/2.0\r\nAuthorization: Digest username="10');
  const next = Buffer.from('OPTIONS sip:tandem SIP/2.0\r\nSubject: left as it is\r\n\r\n');
  const both = Buffer.concat([cut, next]);
  maskSecrets(both, [cut.length, both.length]);
  assert.equal(both.subarray(cut.length).toString(), next.toString());
  assert.ok(both.toString().startsWith('REGISTER sip:tandem SIP/2.0\r\nAuthorization: Digest '));
});

test('OPS-09 what a stranger repeats a thousand times is looked through once', () => {
  // Quadratic in any of them, this would take minutes.
  for (const said of [
    'eyJ',
    'eyJ-',
    'sip:a:',
    '\na=crypto:',
    'a=crypto:',
    'authorization:',
    'Authorization: Digest ',
    'a',
    '-',
    'inline:',
    'identity:',
    '\nk=',
    ' ',
    '\r\n ',
    '"',
    'a="',
  ]) {
    const bytes = Buffer.from(
      `SIP/2.0 200 OK\r\nAuthorization: Digest ${said.repeat(1_000_000 / said.length)}`,
    );
    maskSecrets(bytes);
    assert.ok(bytes.toString().startsWith('SIP/2.0 200 OK\r\nAuthorization: Digest '));
  }
});
