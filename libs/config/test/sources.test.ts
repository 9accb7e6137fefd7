import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mistakesOf, rightDocument, trunk } from './configurations.ts';

function withTrunks(...mappingGateways: readonly unknown[]): string[] {
  return mistakesOf(rightDocument({ mappingGateways }));
}

test('AUTH-01 address blocks of two mapping gateways must not overlap', () => {
  assert.deepEqual(withTrunks(trunk('a', '10.0.0.0/8'), trunk('b', '10.1.0.0/16')), [
    'mappingGateways[1].authentication.addresses[0]: "10.1.0.0/16" overlaps "10.0.0.0/8" at mappingGateways[0].authentication.addresses[0]: an address must lead to one mapping gateway',
  ]);
});

test('AUTH-01 an overlap is found whatever lies between', () => {
  const mistakes = withTrunks(
    trunk('a', '10.0.0.0/8'),
    trunk('b', '10.0.0.1', '192.0.2.0/24', '2001:db8::/32'),
    trunk('c', '10.255.0.0/16', '2001:db8:1::/48'),
  );
  assert.equal(mistakes.length, 3);
});

test('AUTH-01 neighbours and other versions of IP do not overlap', () => {
  const trunks = [
    trunk('a', '10.0.0.0/25', '10.0.0.128/25'),
    trunk('b', '10.0.1.0/24', '::/96'),
    trunk('c', '2001:db8::1', '2001:db8::2'),
  ];
  assert.deepEqual(withTrunks(...trunks), []);
});

test('AUTH-01 an IPv4-mapped IPv6 address is the IPv4 address', () => {
  const mistakes = withTrunks(trunk('a', '10.0.0.1'), trunk('b', '::ffff:10.0.0.1'));
  assert.equal(mistakes.length, 1);
});

test('AUTH-01 the same address and port twice is refused, another port is not', () => {
  const socket = (name: string, ...addresses: readonly string[]) => ({
    name,
    account: 'demo',
    authentication: { mode: 'ip-port', addresses },
  });
  assert.deepEqual(withTrunks(socket('a', '127.0.0.2:5062'), socket('b', '127.0.0.2:5063')), []);
  assert.equal(withTrunks(socket('a', '127.0.0.2:5062'), socket('b', '127.0.0.2:5062')).length, 1);
  assert.equal(withTrunks(socket('a', '[::1]:5062'), socket('b', '[0:0::1]:5062')).length, 1);
  assert.match(withTrunks(socket('a', '127.0.0.2'))[0] ?? '', /has no port: write 127.0.0.2:5060/);
});

test('AUTH-01 an unknown mode and keys of another mode are refused', () => {
  const gateway = (authentication: unknown) => ({ name: 'a', account: 'demo', authentication });
  assert.deepEqual(withTrunks(gateway({ mode: 'ipp', addresses: [] })), [
    'mappingGateways[0].authentication.mode: must be ip, ip-port or password',
  ]);
  assert.match(
    withTrunks(gateway({ mode: 'ip', addresses: ['10.0.0.1'], realm: 'x' })).join(),
    /authentication.realm: does not go with this mode: remove it/,
  );
});

test('AUTH-05 a mapping gateway with the username of a phone is refused', () => {
  const authentication = { mode: 'password', username: '1001', password: 'x' };
  assert.deepEqual(withTrunks({ name: 'a', account: 'demo', authentication }), [
    'mappingGateways[0].authentication.username: "1001" is there already, at phones[0].username',
  ]);
});

test('ROUTE-01 two usernames that are dialled alike are refused', () => {
  const authentication = { mode: 'password', username: '+10-01', password: 'x' };
  assert.deepEqual(withTrunks({ name: 'a', account: 'demo', authentication }), [
    'mappingGateways[0].authentication.username: "+10-01" is there already, at phones[0].username',
  ]);
});

test('DENY-01 a mapping gateway of a vendor account is refused', () => {
  const gateway = { ...trunk('a', '10.0.0.1'), account: 'vendor-x' };
  assert.deepEqual(withTrunks(gateway), [
    'mappingGateways[0].account: names account "vendor-x", which is no customer account',
  ]);
});
