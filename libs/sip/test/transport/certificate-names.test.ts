import assert from 'node:assert/strict';
import test from 'node:test';
import {
  certificateNames,
  joinedNames,
  provesName,
} from '../../src/transport/certificate-names.ts';

test('CALL-02 a certificate is for sip URIs without a user, DNS names and IP addresses (RFC 5922 §7.1)', () => {
  const subjectaltname =
    'URI:sip:Voice.example, URI:sip:alice@user.example, URI:sips:secure.example, URI:https://web.example/, DNS:PBX.example., IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1, email:a@mail.example';
  assert.deepEqual(certificateNames({ subject: { CN: 'cn.example' }, subjectaltname }), [
    'voice.example',
    'pbx.example',
    '192.0.2.1',
    '2001:db8::1',
  ]);
});

test('CALL-02 the common name counts where there is no other name, and where it is one', () => {
  assert.deepEqual(certificateNames({ subject: { CN: 'cn.example' } }), ['cn.example']);
  assert.deepEqual(certificateNames({ subject: { CN: ['a.example', 'b.example'] } }), []);
  assert.deepEqual(certificateNames({ subject: { CN: 'My Company, Ltd' } }), []);
  assert.deepEqual(certificateNames({}), []);
});

test('CALL-02 a comma inside a name makes no second one', () => {
  const subjectaltname = 'DNS:"evil.example, DNS:bank.example", DNS:good.example, DNS:"broken';
  assert.deepEqual(certificateNames({ subjectaltname }), ['good.example']);
});

test('CALL-02 a name is proved in any case and by itself alone, never by a wildcard (RFC 5922 §7.2)', () => {
  const names = ['voice.example', '*.wide.example', '192.0.2.1', '2001:db8::1'];
  assert.equal(provesName(names, 'VOICE.example'), true);
  assert.equal(provesName(names, 'voice.example.'), true);
  assert.equal(provesName(names, 'a.wide.example'), false);
  assert.equal(provesName(names, 'x.voice.example'), false);
  assert.equal(provesName(names, '192.0.2.1'), true);
  assert.equal(provesName(names, '2001:0DB8::0001'), true);
  assert.equal(provesName(names, '192.0.2.1,voice.example'), true);
  assert.equal(provesName(names, 'other.example,voice.example'), false);
  assert.equal(provesName(names, ''), false);
  assert.equal(provesName([], 'voice.example'), false);
});

test('CALL-02 of many names the first few go along with an address', () => {
  assert.equal(joinedNames([]), undefined);
  assert.equal(joinedNames(['a.example', 'b.example']), 'a.example,b.example');
  const many = Array.from({ length: 100 }, (_, at) => `${String(at)}.example`);
  assert.equal(joinedNames(many)?.split(',').length, 8);
  assert.ok((joinedNames(['x'.repeat(300), 'a.example']) ?? '').length <= 255);
});
