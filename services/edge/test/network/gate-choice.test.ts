import assert from 'node:assert/strict';
import test from 'node:test';
import type { PeerAddress } from '../../src/core/network/peer-address.ts';
import type { Pod } from '../../src/ports.ts';
import { chooseGate, otherAddresses } from '../../src/network/gate-choice.ts';
import type { GateView } from '../../src/network/gate-choice.ts';

const own = '10.0.0.1:7000';

function pod(role: Pod['role'], slot: number, address = `10.0.0.${String(slot)}:7000`): Pod {
  return { name: `pod-${String(slot)}`, slot, epoch: 1, role, address, isDraining: false };
}

function view(changes: Partial<GateView> = {}): GateView {
  return { own, isGate: false, fronts: [], pods: [], isSilent: () => false, ...changes };
}

function peer(gate?: string): PeerAddress {
  const address = { address: '192.0.2.7', port: 5060 };
  return gate === undefined ? address : { ...address, flow: { gate, connection: 3 } };
}

const fronts = [pod('front', 2), pod('front', 3), pod('worker', 1), pod('worker', 4)];

test('edge.md §3: a message leaves by the gate by which its peer was heard', () => {
  assert.equal(chooseGate(peer(own), view({ isGate: true, pods: fronts })), '');
  assert.equal(chooseGate(peer(''), view({ isGate: true })), '');
  assert.equal(chooseGate(peer('10.0.0.3:7000'), view({ pods: fronts })), '10.0.0.3:7000');
  const both = [pod('both', 1), pod('both', 2)];
  const gates = view({ isGate: true, pods: both });
  assert.equal(chooseGate(peer('10.0.0.2:7000'), gates), '10.0.0.2:7000');
});

test('edge.md §3: a gate that is gone, or is silent, is replaced by one that lives', () => {
  const live = ['10.0.0.2:7000', '10.0.0.3:7000'];
  assert.ok(live.includes(chooseGate(peer('10.0.0.9:7000'), view({ pods: fronts })) ?? ''));
  const isSilent = (address: string): boolean => address === '10.0.0.2:7000';
  assert.equal(
    chooseGate(peer('10.0.0.2:7000'), view({ pods: fronts, isSilent })),
    '10.0.0.3:7000',
  );
  const all = view({ pods: fronts, isSilent: () => true });
  assert.ok(live.includes(chooseGate(peer('10.0.0.2:7000'), all) ?? ''));
});

test('edge.md §3: the gate of a connection is waited for, that of a UDP peer is not', () => {
  const isSilent = (_address: string, silentMs = 350): boolean => silentMs < 700;
  const gates = view({ pods: fronts, isSilent });
  const heard = peer('10.0.0.2:7000');
  const chosen = [0, 1, 2, 3, 4].map((host) => {
    return chooseGate({ ...heard, address: `192.0.2.${String(host)}` }, gates);
  });
  assert.ok(chosen.includes('10.0.0.3:7000'));
  assert.equal(chooseGate({ ...heard, transport: 'tcp' }, gates), '10.0.0.2:7000');
});

test('edge.md §3: a worker that has the gate of a peer for a worker does not send to it', () => {
  assert.notEqual(chooseGate(peer('10.0.0.4:7000'), view({ pods: fronts })), '10.0.0.4:7000');
});

test('edge.md §3: what was not heard leaves by own sockets, by the same front for the same peer otherwise', () => {
  assert.equal(chooseGate(peer(), view({ isGate: true, pods: fronts })), '');
  const first = chooseGate(peer(), view({ pods: fronts }));
  assert.equal(chooseGate(peer(), view({ pods: fronts.toReversed() })), first);
  assert.equal(chooseGate(peer(), view({ pods: [pod('worker', 1)] })), undefined);
});

test('edge.md §3: fronts that are named go before own sockets, one that is silent only where all are', () => {
  const named = ['10.0.1.1:7100', '10.0.1.2:7100'];
  const chosen = chooseGate(peer(), view({ isGate: true, fronts: named })) ?? '';
  assert.ok(named.includes(chosen));
  const other = named.find((address) => address !== chosen);
  const isSilent = (address: string): boolean => address === chosen;
  assert.equal(chooseGate(peer(), view({ fronts: named, isSilent })), other);
  assert.equal(chooseGate(peer(), view({ fronts: named, isSilent: () => true })), chosen);
  assert.equal(chooseGate(peer(chosen), view({ fronts: named })), chosen);
  assert.equal(chooseGate(peer(own), view({ isGate: true, fronts: named })), '');
});

test('edge.md §3: all other pods and fronts are watched, those without a link are not', () => {
  const pods = [pod('both', 1), pod('both', 2), pod('both', 3, '')];
  assert.deepEqual(otherAddresses(view({ pods, fronts: ['10.0.1.1:7100'] })), [
    '10.0.1.1:7100',
    '10.0.0.2:7000',
  ]);
});
