import assert from 'node:assert/strict';
import test from 'node:test';
import { formatFlowAddress, parseFlowAddress } from '../../../src/core/network/flow-address.ts';
import { isSamePlace, ownerName, ownerPlace, podAt } from '../../../src/core/marks/owner.ts';

test('edge.md §3: a peer keeps its transport and the connection by which it was heard', () => {
  const tcp = {
    address: '2001:db8::1',
    port: 5060,
    transport: 'tcp',
    flow: { gate: '10.0.0.3:7000', connection: 17 },
  } as const;
  const text = formatFlowAddress(tcp);
  assert.equal(text, '[2001:db8::1]:5060;tcp;10.0.0.3:7000;17');
  assert.deepEqual(parseFlowAddress(text), tcp);
  const gate = {
    address: '192.0.2.1',
    port: 5060,
    transport: 'udp',
    flow: { gate: 'front:1', connection: 0 },
  } as const;
  assert.deepEqual(parseFlowAddress(formatFlowAddress(gate)), gate);
});

test('edge.md §3: a peer over UDP without a gate is written as its address', () => {
  assert.equal(formatFlowAddress({ address: '192.0.2.1', port: 5062 }), '192.0.2.1:5062');
  assert.deepEqual(parseFlowAddress('192.0.2.1:5062'), { address: '192.0.2.1', port: 5062 });
  assert.equal(parseFlowAddress('nowhere'), undefined);
});

test('edge.md §3: an owner is a slot and a boot epoch, and another boot is another owner', () => {
  const place = { slot: 3, epoch: 77 };
  assert.deepEqual(ownerPlace(ownerName(place)), place);
  const pods = [
    { slot: 3, epoch: 78, name: 'b' },
    { ...place, name: 'a' },
  ];
  assert.equal(podAt(pods, place)?.name, 'a');
  assert.equal(podAt(pods, { slot: 3, epoch: 76 }), undefined);
  assert.equal(isSamePlace(place, { slot: 3, epoch: 78 }), false);
});

test('CALL-07 a peer that another listener heard keeps that listener', () => {
  const tcp = {
    address: '192.0.2.1',
    port: 5060,
    transport: 'tcp',
    flow: { gate: '10.0.0.3:7000', connection: 17 },
    listener: 4_000_000_000,
  } as const;
  assert.equal(formatFlowAddress(tcp), '192.0.2.1:5060;tcp;10.0.0.3:7000;17;4000000000');
  assert.deepEqual(parseFlowAddress(formatFlowAddress(tcp)), tcp);
  const udp = { address: '192.0.2.1', port: 5062, listener: 7 };
  assert.deepEqual(parseFlowAddress(formatFlowAddress(udp)), {
    ...udp,
    transport: 'udp',
    flow: { gate: '', connection: 0 },
  });
});

test('CALL-02 a peer over TLS keeps the names of its certificate, and that none are asked for', () => {
  const tls = {
    address: '192.0.2.1',
    port: 5061,
    transport: 'tls',
    flow: { gate: '10.0.0.3:7000', connection: 17 },
  } as const;
  for (const certificate of ['a.example,b.example', '']) {
    const peer = { ...tls, certificate };
    assert.equal(formatFlowAddress(peer), `192.0.2.1:5061;tls;10.0.0.3:7000;17;;${certificate}`);
    assert.deepEqual(parseFlowAddress(formatFlowAddress(peer)), peer);
    const heard = { ...peer, listener: 9 };
    assert.deepEqual(parseFlowAddress(formatFlowAddress(heard)), heard);
  }
  assert.deepEqual(parseFlowAddress(formatFlowAddress(tls)), tls);
});
