import assert from 'node:assert/strict';
import test from 'node:test';
import { whatIsAsked, whatWouldDo } from '../../../src/core/call/telling-headers.ts';
import { carrierResponse } from '../../support/messages.ts';

test('OPS-09 a refusal says what would do by the header of its code alone', () => {
  assert.equal(
    whatWouldDo(carrierResponse(420, { Unsupported: '100rel', Allow: 'INVITE' })),
    'Unsupported: 100rel',
  );
  assert.equal(whatWouldDo(carrierResponse(422, { 'Min-SE': '1800' })), 'Min-SE: 1800');
  assert.equal(whatWouldDo(carrierResponse(420, {})), undefined);
  assert.equal(whatWouldDo(carrierResponse(486, { Unsupported: '100rel' })), undefined);
  assert.equal(
    whatWouldDo(carrierResponse(421, { Require: `x${'y'.repeat(500)}` }))?.length,
    'Require: '.length + 200,
  );
});

test('AUTH-11 what a carrier asks for is told by scheme, realm, algorithm and qop, never by its nonce', () => {
  const header =
    'Digest realm="carrier, north", nonce="secret-nonce", algorithm=SHA-512, qop="auth,auth-int"';
  const asked = whatIsAsked(carrierResponse(401, { 'WWW-Authenticate': header }));
  assert.equal(asked, 'Digest, realm carrier, north, algorithm SHA-512, qop auth,auth-int');
  assert.equal(
    whatIsAsked(carrierResponse(407, { 'Proxy-Authenticate': 'NTLM realm="x"' })),
    'NTLM, realm x',
  );
  assert.equal(whatIsAsked(carrierResponse(401, {})), undefined);
});
