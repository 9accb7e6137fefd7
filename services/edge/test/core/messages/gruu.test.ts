import assert from 'node:assert/strict';
import test from 'node:test';
import { SipRequest } from '@tandem/sip';
import { Sealer } from '../../../src/core/marks/seal.ts';
import {
  deviceNamed,
  openGruu,
  publicGruu,
  temporaryGruu,
} from '../../../src/core/messages/gruu.ts';

const key = Buffer.alloc(32, 1);
const sealer = new Sealer([key]);
const device = {
  addressOfRecord: 'sip:10%2D01@office.example:5062',
  contact: 'sip:1001@192.0.2.7',
  instance: '<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>',
  session: 0xfedcba98,
  cseq: 3,
};

function opened(uri: string, by = sealer): string {
  const request = new SipRequest('INVITE', uri);
  openGruu(request, by);
  return request.uri;
}

test('RFC 5627 §3.1.1 a public GRUU is the address of record, and names the device', () => {
  const gruu = publicGruu(device);
  assert.equal(gruu, 'sip:10%2D01@office.example:5062;gr=urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF'); // prettier-ignore
  assert.equal(opened(gruu), gruu);
  assert.deepEqual(deviceNamed(gruu), {
    instance: 'urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF',
    session: 0,
  });
  const odd = publicGruu({ ...device, instance: 'a b;c' });
  assert.equal(odd, 'sip:10%2D01@office.example:5062;gr=a%20b%3Bc');
  assert.deepEqual(deviceNamed(odd), { instance: 'a b;c', session: 0 });
});

test('RFC 5630 §5.2.1 the GRUUs of a sips Contact are sips URIs, those of a sip Contact sip URIs, whatever To says', () => {
  const secure = { ...device, contact: 'sips:1001@192.0.2.7' };
  assert.match(publicGruu(secure), /^sips:10%2D01@/);
  assert.match(temporaryGruu(secure, sealer), /^sips:/);
  assert.match(opened(temporaryGruu(secure, sealer)), /^sips:10%2D01@/);
  const addressOfRecord = 'sips:1001@office.example';
  assert.match(publicGruu({ ...device, addressOfRecord }), /^sip:1001@/);
});

test('RFC 5627 §3.1.2 a temporary GRUU tells nothing; whoever has the key reads phone, device and session', () => {
  const gruu = temporaryGruu(device, sealer);
  assert.match(gruu, /^sip:[\w-]+@office\.example:5062;gr$/);
  const uri = opened(gruu, new Sealer([Buffer.alloc(32, 2), key]));
  assert.match(uri, /^sip:10%2D01@office\.example:5062;/);
  const { instance, session } = device;
  assert.deepEqual(deviceNamed(uri), { instance, session });
});

test('RFC 5627 §3.1.2 what was sealed once is opened by every later version (ADR 22)', () => {
  const recorded =
    '9Ic5tEntmUovMo_HAIDlmHZJUxCcSqlZbfJ96y8ZWskBvBtrZkTNO_tigJjK4VdwC1ZribhrPkwPvAwXcsac0738uJK3LrcV_xex1EaiybNq8g';
  assert.equal(temporaryGruu(device, sealer), `sip:${recorded}@office.example:5062;gr`);
});

test('RFC 5627 §5.4 one that is none of ours stays as it is, and names nobody', () => {
  for (const gruu of [
    temporaryGruu(device, new Sealer([Buffer.alloc(32, 2)])),
    `sip:${sealer.seal('token', Buffer.alloc(20))}@office.example;gr`,
    // Of a later version, and cut off.
    `sip:${sealer.seal('gruu', Buffer.of(0x82, 0, 0, 0, 1))}@office.example;gr`,
    `sip:${sealer.seal('gruu', Buffer.of(0x81, 0))}@office.example;gr`,
    'sip:office.example;gr',
  ]) {
    assert.equal(opened(gruu), gruu);
    assert.deepEqual(deviceNamed(gruu), { instance: '', session: 1 });
  }
});

test('RFC 5627 what has no gr is no GRUU, and a session that is none is nobody’s', () => {
  for (const uri of ['sip:1001@office.example', 'tel:+441632960123']) {
    assert.equal(opened(uri), uri);
    assert.equal(deviceNamed(uri), undefined);
  }
  assert.deepEqual(deviceNamed('sip:1@a;gr=urn:1;gr-session=x'), { instance: '', session: 1 });
});
