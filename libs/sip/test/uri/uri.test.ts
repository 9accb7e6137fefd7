import assert from 'node:assert/strict';
import test from 'node:test';
import {
  bareHost,
  escapeUser,
  formatHostPort,
  formatUri,
  Params,
  parseHostPort,
  parseUri,
  SipParseError,
  unescapeUri,
  userOf,
} from '../../src/index.ts';
import { isIpv6 } from '../../src/uri/ipv6.ts';

test('CALL-02 a SIP URI falls into its parts', () => {
  const uri = parseUri('sips:al%69ce:se=cret@h.example:5061;transport=TLS;lr?Subject=x&a=');
  assert.deepEqual(
    [uri.scheme, uri.user, uri.password, uri.host, uri.port],
    ['sips', 'al%69ce', 'se=cret', 'h.example', 5061],
  );
  assert.deepEqual(
    [...uri.params],
    [
      ['transport', 'TLS'],
      ['lr', true],
    ],
  );
  assert.deepEqual(
    [...uri.headers],
    [
      ['Subject', 'x'],
      ['a', ''],
    ],
  );
});

test('CALL-02 a SIP URI needs no user, port, parameters or headers', () => {
  const uri = parseUri('SIP:192.0.2.1');
  assert.deepEqual(
    [uri.scheme, uri.user, uri.password, uri.host, uri.port, uri.params.size, uri.headers.size],
    ['sip', undefined, undefined, '192.0.2.1', undefined, 0, 0],
  );
  assert.equal(parseUri('sip:h?a=b;c').headers.get('a'), 'b;c');
});

test('ROUTE-01 a tel URI is a number with parameters', () => {
  const uri = parseUri('tel:+44-20-7946;phone-context=example.com');
  assert.deepEqual([uri.scheme, uri.user, uri.host], ['tel', '+44-20-7946', '']);
  assert.equal(uri.params.get('phone-context'), 'example.com');
  assert.equal(formatUri(uri), 'tel:+44-20-7946;phone-context=example.com');
  assert.equal(formatUri(parseUri('tel:911')), 'tel:911');
  assert.equal(formatUri({ scheme: 'tel', host: '' }), 'tel:');
});

test('CALL-02 of a URI of another scheme the scheme is read, and the rest kept', () => {
  const uri = parseUri('URN:service:sos;x');
  assert.deepEqual([uri.scheme, uri.opaque], ['urn', 'service:sos;x']);
  assert.equal(formatUri(uri), 'urn:service:sos;x');
});

test('CALL-02 what is no URI is refused', () => {
  for (const text of [
    ...[
      '',
      'h',
      ':h',
      '1a:h',
      'a b:h',
      'sip:',
      'sip:@h',
      'sip::pw@h',
      'sip:u@',
      'sip:u@h:',
      'sip:u@h:x',
    ],
    ...[
      'sip:u@h:65536',
      'sip:u@h:-1',
      'sip:u@h h',
      'sip:u@h>',
      '<sip:u@h',
      'sip:u@"h"',
      'sip:a@b@c',
    ],
    ...[
      'sip:u@[::1',
      'sip:u@[::1]x',
      'sip:u@[::1]5060',
      'sip:u@[::1]:',
      'sip:u@[h]',
      'sip:u@::1',
      'tel:',
    ],
    ...['sip:u@h\x7f', 'sip:u@hö', 'sip:u@h;=x', 'sip:u@h/x'],
  ]) {
    assert.throws(() => parseUri(text), SipParseError, text);
  }
});

test('CALL-02 a URI is written from the parts that are given', () => {
  assert.equal(formatUri({ host: 'h' }), 'sip:h');
  assert.equal(
    formatUri({
      scheme: 'sips',
      user: 'u',
      password: 'p',
      host: '2001:db8::1',
      port: 0,
      params: new Params([['lr', true]]),
      headers: new Params([
        ['a', '1'],
        ['b', '2'],
      ]),
    }),
    'sips:u:p@[2001:db8::1]:0;lr?a=1&b=2',
  );
});

test('CALL-02 escapes are resolved once, and what is none stays', () => {
  assert.equal(unescapeUri('plain'), 'plain');
  assert.equal(unescapeUri('%2541%zz%4'), '%41%zz%4');
  assert.equal(escapeUser('a@b:c %ä'), 'a%40b%3Ac%20%25%E4');
});

test('CALL-02 a host and port is a name, an IPv4 address or an IPv6 reference', () => {
  assert.deepEqual(parseHostPort('h_1.example : 5060'), { host: 'h_1.example', port: 5060 });
  assert.deepEqual(parseHostPort('[::1] : 5060'), { host: '[::1]', port: 5060 });
  assert.deepEqual(parseHostPort('[::1]'), { host: '[::1]', port: undefined });
  for (const text of [
    '',
    ' ',
    ':5060',
    'h:',
    'h:x',
    'h:5060x',
    '[::1',
    '[]',
    '[]:5060',
    'a,b',
    '::1',
  ]) {
    assert.equal(parseHostPort(text), undefined, text);
  }
  assert.equal(bareHost('[::1]'), '::1');
  assert.equal(bareHost('h'), 'h');
  assert.equal(formatHostPort('::1', 5060), '[::1]:5060');
  assert.equal(formatHostPort('[::1]'), '[::1]');
});

test('CALL-02 an IPv6 address is told from what only looks like one', () => {
  for (const text of [
    ...['::', '::1', '1::', '1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7::', '::2:3:4:5:6:7:8', 'fe80::ABCD'],
    ...['::ffff:192.0.2.1', '1:2:3:4:5:6:192.0.2.1', '2001:db8:::192.0.2.1', '64:ff9b::1.2.3.4'],
  ]) {
    assert(isIpv6(text), text);
  }
  for (const text of [
    ...[
      '',
      ':',
      ':::',
      '1',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
      '1::2::3',
      '12345::',
      'g::',
      '1:::2',
    ],
    ...[
      '::192.0.2',
      '::192.0.2.256',
      '::1.2.3.4:5',
      '1:2:3:4:5:6:7:1.2.3.4',
      '::1.2.3.0004',
      '::1%eth0',
    ],
    ...['1:2:3:4:5:6:7:8::', '1:', ':1', '::1:'],
  ]) {
    assert(!isIpv6(text), text);
  }
});

test('edge.md §8: a URI that was read a moment ago is not read again, and a refused one is refused again', () => {
  const text = 'sip:shared@192.0.2.7:5070';
  const uri = parseUri(text);
  assert.equal(parseUri(Buffer.from(text).toString()), uri);
  for (let i = 0; i < 1000; i++) parseUri(`sip:${String(i)}@192.0.2.7`);
  assert.notEqual(parseUri(text), uri);
  assert.deepEqual(parseUri(text), uri);
  assert.throws(() => parseUri('sip:@192.0.2.7'), SipParseError);
  assert.throws(() => parseUri('sip:@192.0.2.7'), SipParseError);
});

test('CALL-12 whom a URI names is its user part or telephone number, with the parameters of that', () => {
  const cases: Readonly<Record<string, string>> = {
    'sip:%31001@office.example;user=phone': '%31001',
    'sip:77;npdi;phone-context=+44@h;user=phone': '77;npdi;phone-context=+44',
    'sip:77@h;phone-context=+44;user=phone': '77;phone-context=+44',
    'sip:77@h;phone-context': '77;phone-context=',
    'sips:77:secret@h': '77',
    'tel:77;phone-context=+44': '77;phone-context=+44',
    'tel:+44-20': '+44-20',
    'sip:office.example:5060': '',
    'urn:service:sos': '',
    '<<<': '',
  };
  for (const [uri, user] of Object.entries(cases)) assert.equal(userOf(uri), user, uri);
});
