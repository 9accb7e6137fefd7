import assert from 'node:assert/strict';
import test from 'node:test';
import {
  LocalAddresses,
  listenerId,
  nameForGateway,
  nameTowards,
} from '../../../src/core/network/local-addresses.ts';
import { local } from '../../support/messages.ts';

const v4 = { address: '203.0.113.1', port: 5060 };
const v6 = { address: '2001:db8::1', port: 5060 };
const inside = { address: '10.0.0.5', port: 5070, network: '10.0.0.0/8' };
const nearest = { address: '10.1.0.5', port: 5070, network: '10.1.0.0/16' };

function told(addresses: LocalAddresses, address: string, transport?: 'udp' | 'tcp'): string {
  return addresses.towards({ address, port: 5060, transport })?.hostPort ?? 'none';
}

test('CALL-07 T2-33 a peer is told the address of its IP version', () => {
  const addresses = new LocalAddresses([v6, v4]);
  assert.equal(told(addresses, '192.0.2.9'), '203.0.113.1:5060');
  assert.equal(told(addresses, '2001:db8::9'), '[2001:db8::1]:5060');
  const one = new LocalAddresses([v4]);
  assert.equal(told(one, '2001:db8::9'), 'none');
  assert.equal(told(one, '192.0.2.9', 'tcp'), '203.0.113.1:5060');
});

test('CALL-07 a name is told in either IP version, unless its listener has but one', () => {
  const name = { address: 'sip.example.org', port: 5060 };
  assert.equal(told(new LocalAddresses([name]), '2001:db8::9'), 'sip.example.org:5060');
  const bound = new LocalAddresses([{ ...name, bound: { address: '0.0.0.0', port: 5060 } }]);
  assert.equal(told(bound, '2001:db8::9'), 'none');
  assert.equal(told(bound, '192.0.2.9'), 'sip.example.org:5060');
});

test('CALL-07 an address of one transport is not told over another', () => {
  const addresses = new LocalAddresses([
    { ...v4, transport: 'udp' },
    { ...v4, port: 5070, transport: 'tcp' },
  ]);
  assert.equal(told(addresses, '192.0.2.9'), '203.0.113.1:5060');
  assert.equal(told(addresses, '192.0.2.9', 'tcp'), '203.0.113.1:5070');
  assert.equal(told(new LocalAddresses([{ ...v4, transport: 'udp' }]), '192.0.2.9', 'tcp'), 'none');
});

test('CALL-07 peers of a network are told its address, the most specific one', () => {
  const addresses = new LocalAddresses([
    v4,
    inside,
    nearest,
    { ...inside, port: 1, transport: 'tcp' },
  ]);
  assert.equal(told(addresses, '10.2.0.1'), '10.0.0.5:5070');
  assert.equal(told(addresses, '10.1.9.1'), '10.1.0.5:5070');
  assert.equal(told(addresses, '11.0.0.1'), '203.0.113.1:5060');
  // Asked again, as of what is remembered.
  assert.equal(told(addresses, '10.1.9.1'), '10.1.0.5:5070');
});

test('CALL-07 what a peer was heard by, or is set for it, counts before its network', () => {
  const addresses = new LocalAddresses([v4, inside, v6]);
  const peer = { address: '10.2.0.1', port: 5060, listener: listenerId('203.0.113.1:5060') };
  assert.equal(addresses.towards(peer)?.hostPort, '203.0.113.1:5060');
  const unknown = { ...peer, listener: listenerId('198.51.100.1:5060') };
  assert.equal(addresses.towards(unknown)?.hostPort, '10.0.0.5:5070');
  const other = { ...peer, listener: listenerId('[2001:db8::1]:5060') };
  assert.equal(addresses.towards(other)?.hostPort, '10.0.0.5:5070');
});

test('CALL-07 T2-33 a gateway that no address fits is not called, nor one that is the switch', () => {
  const here = { ...local, addresses: new LocalAddresses([v4, inside]) };
  const at = (address: string, port = 5070, more = {}) => {
    const name = nameForGateway(here, { address, port, ...more });
    return typeof name === 'string' ? name : name.hostPort;
  };
  assert.equal(at('192.0.2.9'), '203.0.113.1:5060');
  assert.equal(at('2001:db8::9'), 'no-listener');
  assert.equal(at('203.0.113.1', 5060), 'own-address');
  assert.equal(at('203.0.113.1', 5061), '203.0.113.1:5060');
  assert.equal(at('10.0.0.5'), 'own-address');
  assert.equal(at('192.0.2.9', 5070, { listener: listenerId('10.0.0.5:5070') }), '10.0.0.5:5070');
  // One that is set and is not there is not made good by another.
  assert.equal(at('192.0.2.9', 5070, { listener: listenerId('10.0.0.6:5070') }), 'no-listener');
});

test('CALL-07 where there is but one address everybody is told it', () => {
  assert.equal(nameTowards(local, { address: '2001:db8::9', port: 1 }), local);
  assert.equal(nameForGateway(local, { address: '192.0.2.9', port: 1 }), local);
  const here = { ...local, addresses: new LocalAddresses([v4]) };
  assert.equal(nameTowards(here, { address: '2001:db8::9', port: 1 }), here);
});
