import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signCall, signedAtMs, signedNumber } from '../src/index.ts';
import { NOON, X5U, carrier, claims } from './signed-calls.ts';

test('CALL-12 a signature has the canonical form of RFC 8225 §9 and RFC 8588 §4', async () => {
  const identity = await signCall(claims, { key: carrier.key, x5u: X5U });
  const [token = '', ...params] = identity.split(';');
  const [header = '', payload = ''] = token
    .split('.')
    .map((part) => Buffer.from(part, 'base64url').toString());
  assert.equal(header, `{"alg":"ES256","ppt":"shaken","typ":"passport","x5u":"${X5U}"}`);
  assert.equal(
    payload,
    `{"attest":"A","dest":{"tn":["442079460000"]},"iat":${String(NOON / 1000)},"orig":{"tn":"441632960123"},"origid":"${claims.origid}"}`,
  );
  assert.deepEqual(params, [`info=<${X5U}>`, 'alg=ES256', 'ppt=shaken']);
  assert.equal(signedAtMs(identity), NOON);
});

test('CALL-12 when it was signed is not known of what is no signature', () => {
  for (const text of ['', 'x', 'a.b.c;info=<https://x>']) assert.equal(signedAtMs(text), undefined);
});

test('CALL-12 numbers are signed as digits (RFC 8224 §8.3)', () => {
  assert.equal(signedNumber('+441632960123'), '441632960123');
  assert.equal(signedNumber('*100#'), '*100#');
  assert.equal(signedNumber('alice'), undefined);
  assert.equal(signedNumber(''), undefined);
});
