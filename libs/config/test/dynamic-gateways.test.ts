import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkConfiguration, dynamicGateways, parseConfiguration } from '../src/index.ts';
import { mistakesOf, rightDocument } from './configurations.ts';

const calling = {
  name: 'office',
  account: 'demo',
  authentication: { mode: 'password', password: 'p' },
  registration: {},
};
const called = { name: 'office', type: 'dynamic', prefixes: ['4930'] };

function withGateways(mapping: readonly object[], routing: readonly object[]): string[] {
  return mistakesOf(rightDocument({ mappingGateways: mapping, routingGateways: routing }));
}

test('REG-10 the example of dynamic gateways is right', () => {
  const file = join(import.meta.dirname, '../../../examples/dynamic-gateway.yaml');
  const result = parseConfiguration(readFileSync(file, 'utf8'), 'yaml');
  assert.equal(result.kind, 'valid', JSON.stringify(result));
  const names = dynamicGateways(result.configuration).map(({ name }) => name);
  assert.deepEqual(names, ['office-pbx', 'gsm-1']);
});

test('REG-10 ROUTE-02 a dynamic gateway is one that calls in, one that is called, or both by one name and one password', () => {
  assert.deepEqual(withGateways([calling], [called]), []);
  assert.deepEqual(withGateways([calling], []), []);
  assert.deepEqual(withGateways([], [{ ...called, password: 'p' }]), []);
  const own = { ...calling.authentication, username: 'office' };
  assert.deepEqual(withGateways([{ ...calling, authentication: own }], [called]), []);
});

test('ROUTE-02 a static gateway has an address; a dynamic one has none, and nothing else that says where it is', () => {
  const missing =
    'routingGateways[0].addresses: is missing: a static gateway has at least one address; one that registers here is of type: dynamic';
  assert.deepEqual(withGateways([], [{ name: 'a', prefixes: ['44'] }]), [missing]);
  assert.deepEqual(withGateways([], [{ name: 'a', prefixes: ['44'], addresses: [] }]), [missing]);
  const placed = {
    ...called,
    password: 'p',
    addresses: ['192.0.2.1'],
    transport: 'tls',
    localAddress: '192.0.2.9:5060',
    certificate: {},
    username: 'x',
    registration: {},
  };
  assert.deepEqual(
    withGateways([], [placed])
      .filter((mistake) => mistake.includes('has no place'))
      .map((mistake) => mistake.split(':')[0]),
    ['addresses', 'transport', 'localAddress', 'certificate', 'username', 'registration'].map(
      (key) => `routingGateways[0].${key}`,
    ),
  );
  assert.deepEqual(withGateways([], [{ ...called, password: 'p', transport: 'auto' }]), []);
});

test('REG-10 a dynamic gateway has a password in one place, and registers with its name as user name', () => {
  const [missing = ''] = withGateways([], [called]);
  assert.match(missing, /^routingGateways\[0\]\.password: is missing: a dynamic gateway registers/);
  const [twice = ''] = withGateways([calling], [{ ...called, password: 'p' }]);
  assert.match(
    twice,
    /^routingGateways\[0\]\.password: is set at mappingGateways\[0\]\.authentication\.password, too/,
  );
  const other = { ...calling, authentication: { ...calling.authentication, username: 'x' } };
  const [named = ''] = withGateways([other], []);
  assert.match(named, /^mappingGateways\[0\]\.authentication\.username: is "x", but/);
  const trunk = { ...calling, authentication: { mode: 'ip', addresses: ['192.0.2.1'] } };
  assert.deepEqual(withGateways([trunk], []), [
    'mappingGateways[0].registration: has no effect without authentication.mode: password',
  ]);
});

test('REG-10 nobody else has the user name of a dynamic gateway, and its range of expiries has something in it', () => {
  const named = (name: string) => ({ ...called, name, password: 'p' });
  assert.deepEqual(withGateways([], [named('1001')]), [
    'routingGateways[0].name: "1001" is there already, at phones[0].username',
  ]);
  const phone = { ...calling, name: '1001' };
  assert.deepEqual(withGateways([phone], []), [
    'mappingGateways[0].authentication.username: "1001" is there already, at phones[0].username',
  ]);
  const registration = { minExpires: 600, maxExpires: 300 };
  const [range = ''] = withGateways([{ ...calling, registration }], []);
  assert.match(range, /^mappingGateways\[0\]\.registration: the shortest time, 600 s/);
});

test('REG-10 mapping and routing gateways of one name are one dynamic gateway; who pays is its mapping side', () => {
  const gsm = { ...called, name: 'gsm', password: 'p', account: 'vendor-x' };
  const result = checkConfiguration(
    rightDocument({ mappingGateways: [calling], routingGateways: [called, gsm] }),
  );
  assert.equal(result.kind, 'valid');
  assert.deepEqual(
    dynamicGateways(result.configuration).map(({ account, mapping, name, routing }) => [
      name,
      account,
      mapping?.name,
      routing?.name,
    ]),
    [
      ['office', 'demo', 'office', 'office'],
      ['gsm', 'vendor-x', undefined, 'gsm'],
    ],
  );
});
