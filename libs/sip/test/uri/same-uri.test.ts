import assert from 'node:assert/strict';
import test from 'node:test';
import { isSameUri } from '../../src/index.ts';

const same: readonly (readonly [string, string])[] = [
  ['sip:%61lice@atlanta.com;transport=TCP', 'sip:alice@AtLanTa.CoM;Transport=tcp'],
  ['sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5'],
  ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;newparam=5'],
  ['sip:a@b.com?subject=x&priority=y', 'sip:a@b.com?priority=y&subject=x'],
  ['sip:a@[2001:db8::1]:5060;lr', 'sip:a@[2001:DB8::1]:5060;lr'],
  ['tel:+123', 'tel:+123'],
];

const different: readonly (readonly [string, string])[] = [
  ['SIP:ALICE@AtLanTa.CoM;Transport=udp', 'sip:alice@AtLanTa.CoM;Transport=UDP'],
  ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060'],
  ['sip:bob@biloxi.com', 'sip:bob@biloxi.com;transport=udp'],
  ['sip:bob@biloxi.com:6000;transport=tcp', 'sip:bob@biloxi.com'],
  ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;security=off'],
  ['sip:carol@chicago.com', 'sip:carol@chicago.com?Subject=next%20meeting'],
  ['sip:bob@phone21.boxesbybob.com', 'sip:bob@192.0.2.4'],
  ['sip:a@b.com', 'sips:a@b.com'],
  ['sip:a%40b@c.com', 'sip:a@b@c.com'],
  ['sip:a:secret@c.com', 'sip:a@c.com'],
  ['tel:+123', 'tel:+124'],
  ['no uri', 'sip:a@b.com'],
];

test('REG-01 URIs are compared as RFC 3261 §19.1.4 says, either way round', () => {
  for (const [one, other] of same) {
    assert.equal(isSameUri(one, other), true, `${one} ${other}`);
    assert.equal(isSameUri(other, one), true, `${other} ${one}`);
  }
  for (const [one, other] of different) {
    assert.equal(isSameUri(one, other), false, `${one} ${other}`);
    assert.equal(isSameUri(other, one), false, `${other} ${one}`);
  }
});
