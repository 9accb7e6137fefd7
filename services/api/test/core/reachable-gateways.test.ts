import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configurationSchema, type Mistake } from '@tandem/config';
import { checkReach } from '../../src/core/reachable-gateways.ts';
import type { AdvertisedAddress } from '../../src/core/reachable-gateways.ts';

function told(address: string, more: Partial<AdvertisedAddress> = {}): AdvertisedAddress {
  return { transport: '', network: '', address, ...more };
}

function check(gateway: Record<string, unknown>, advertised: readonly AdvertisedAddress[]) {
  const routingGateways = [{ name: 'a', prefixes: ['44'], ...gateway }];
  const { mistakes, warnings } = checkReach(
    configurationSchema.parse({ routingGateways }),
    advertised,
  );
  const text = ({ path, message }: Mistake): string => `${path}: ${message}`;
  return { mistakes: mistakes.map(text).join('\n'), warnings: warnings.map(text).join('\n') };
}

const v4 = told('203.0.113.1:5060');
const v6 = told('[2001:db8::1]:5060');
const well = { mistakes: '', warnings: '' };

test('CALL-07 T2-33 a gateway of an IP version that no edge listens for is a mistake', () => {
  const gateway = { addresses: ['198.51.100.7', '[2001:db8::7]:5060'] };
  assert.deepEqual(check(gateway, [v4, v6]), well);
  assert.match(
    check(gateway, [v4]).mistakes,
    /^routingGateways\[0\]\.addresses\[1\]: "\[2001:db8::7\]:5060" is reached by IPv6 over udp, which no edge listens for: known are 203\.0\.113\.1:5060; change it/,
  );
  assert.deepEqual(check(gateway, [told('sip.example.org:5060')]), well);
});

test('CALL-07 a gateway over a transport that no edge listens for is a mistake', () => {
  const gateway = { addresses: ['198.51.100.7'], transport: 'tcp' };
  const udp = told('203.0.113.1:5060', { transport: 'udp' });
  assert.match(check(gateway, [udp]).mistakes, /is reached by IPv4 over tcp, which no edge/);
  assert.deepEqual(check(gateway, [udp, { ...udp, transport: 'tcp' }]), well);
});

test('CALL-07 a gateway at the switch’s own address is a loop', () => {
  const gateway = { addresses: ['203.0.113.1'] };
  assert.match(
    check(gateway, [v4]).mistakes,
    /"203\.0\.113\.1:5060" is an address of this switch: calls to it would come back/,
  );
  assert.deepEqual(check({ addresses: ['203.0.113.1:5070'] }, [v4]), well);
});

test('CALL-07 a local address must be one of the switch, over the gateway’s transport', () => {
  const gateway = { addresses: ['198.51.100.7'], localAddress: '203.0.113.1' };
  assert.deepEqual(check(gateway, [v4]), well);
  assert.match(
    check({ ...gateway, localAddress: '203.0.113.9:5060' }, [v4, v6]).mistakes,
    /localAddress: "203\.0\.113\.9:5060" is no address of this switch over udp: write one of 203\.0\.113\.1:5060, \[2001:db8::1\]:5060, or auto/,
  );
  const tcp = told('203.0.113.1:5060', { transport: 'tcp' });
  assert.match(check(gateway, [tcp, told('203.0.113.2:5060')]).mistakes, /over udp: write one of/);
});

test('CALL-07 a public gateway that would be told a private address is a warning', () => {
  const gateway = { addresses: ['198.51.100.7'] };
  const inside = told('10.0.0.5:5060');
  const { mistakes, warnings } = check(gateway, [inside]);
  assert.equal(mistakes, '');
  assert.match(warnings, /"198\.51\.100\.7:5060" is public and would be told 10\.0\.0\.5:5060/);
  assert.deepEqual(check(gateway, [inside, v4]), well);
  assert.deepEqual(check({ addresses: ['10.0.0.9'] }, [inside]), well);
  assert.match(
    check({ ...gateway, localAddress: '10.0.0.5' }, [inside, v4]).warnings,
    /10\.0\.0\.5/,
  );
});

test('CALL-02 a name is not held against listeners: its addresses may change', () => {
  assert.deepEqual(check({ addresses: ['carrier.example'] }, [v6]), well);
});

test('CALL-07 a gateway is reached from the listener that it names, or is a mistake: each kind of listener', () => {
  const kinds = {
    'udp by IPv4': told('203.0.113.1:5060', { transport: 'udp' }),
    'tcp by IPv4': told('203.0.113.1:5060', { transport: 'tcp' }),
    'udp by IPv6': told('[2001:db8::1]:5060', { transport: 'udp' }),
    'tcp by IPv6': told('[2001:db8::1]:5060', { transport: 'tcp' }),
    'any by IPv4, of a network': told('203.0.113.2:5060', { network: '198.51.100.0/24' }),
    'any by IPv6, of a network': told('[2001:db8::2]:5060', { network: '2001:db8:7::/48' }),
    'udp by a name': told('sip.example.org:5060', { transport: 'udp' }),
    'tcp by a name': told('sip.example.org:5060', { transport: 'tcp' }),
  };
  const all = Object.values(kinds);
  const gateways = {
    IPv4: '198.51.100.7',
    IPv6: '[2001:db8:7::7]:5060',
  };
  for (const [kind, { address }] of Object.entries(kinds)) {
    const transport = kind.startsWith('tcp') ? 'tcp' : 'udp';
    for (const [version, place] of Object.entries(gateways)) {
      const gateway = { addresses: [place], transport, localAddress: address };
      const isReached = kind.includes(version) || kind.includes('a name');
      const { mistakes } = check(gateway, all);
      if (isReached) assert.equal(mistakes, '', `${kind} to ${version}`);
      else assert.match(mistakes, /addresses\[0\]: .* does not speak/, `${kind} to ${version}`);
    }
    // The same, where it listens for nothing but the other transport.
    const others = all.filter((each) => each.transport !== transport && each.transport !== '');
    const foreign = { addresses: ['198.51.100.7'], transport, localAddress: address };
    const isAny = kind.startsWith('any');
    assert.match(
      check(foreign, isAny ? others : others.filter((each) => each.address === address)).mistakes,
      /localAddress: .* is no address of this switch over/,
      kind,
    );
  }
  // One of several addresses.
  assert.match(
    check({ addresses: ['198.51.100.7', '[2001:db8::7]'], localAddress: '203.0.113.1' }, [v4, v6])
      .mistakes,
    /^routingGateways\[0\]\.addresses\[1\]: "\[2001:db8::7\]:5060" is reached by IPv6, which the socket behind localAddress "203\.0\.113\.1" does not speak: change one of them, or write auto$/,
  );
});
