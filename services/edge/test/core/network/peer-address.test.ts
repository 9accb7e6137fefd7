import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  formatPeerAddress,
  hostOf,
  ipLiteral,
  parsePeerAddress,
} from '../../../src/core/network/peer-address.ts';

test('CALL-02 addresses of both families are read, the port is 5060 where there is none', () => {
  const cases: [string, { address: string; port: number }][] = [
    ['192.0.2.1:5062', { address: '192.0.2.1', port: 5062 }],
    ['192.0.2.1', { address: '192.0.2.1', port: 5060 }],
    ['[2001:db8::1]:5070', { address: '2001:db8::1', port: 5070 }],
    ['[2001:db8::1]', { address: '2001:db8::1', port: 5060 }],
    ['[::ffff:192.0.2.1]:5060', { address: '192.0.2.1', port: 5060 }],
  ];
  for (const [text, expected] of cases) assert.deepEqual(parsePeerAddress(text), expected);
});

test('CALL-10 names, wrong ports and half brackets are no addresses', () => {
  for (const text of [
    '',
    'gw.example',
    'gw.example:5060',
    '192.0.2.1:0',
    '192.0.2.1:65536',
    '192.0.2.1:x',
    '[2001:db8::1',
    '300.0.0.1:5060',
  ]) {
    assert.equal(parsePeerAddress(text), undefined);
  }
});

test('CALL-02 an address that is written is read back', () => {
  const address = fc.oneof(fc.ipV4(), fc.ipV6());
  fc.assert(
    fc.property(address, fc.integer({ min: 1, max: 65_535 }), (each, port) => {
      const read = parsePeerAddress(formatPeerAddress({ address: each, port }));
      assert.deepEqual(read, { address: ipLiteral(each), port });
    }),
  );
});

test('CALL-02 a host is bracketed where it is IPv6, and a name is no IP literal', () => {
  assert.equal(hostOf({ address: '2001:db8::1', port: 1 }), '[2001:db8::1]');
  assert.equal(hostOf({ address: '192.0.2.1', port: 1 }), '192.0.2.1');
  assert.equal(ipLiteral('[2001:db8::1]'), '2001:db8::1');
  assert.equal(ipLiteral('gw.example'), undefined);
});
