import assert from 'node:assert/strict';
import test from 'node:test';
import { FakeClock } from '@tandem/testing';
import type { PeerAddress } from '../../src/core/network/peer-address.ts';
import { GateLosses } from '../../src/network/gate-losses.ts';

function opened() {
  const clock = new FakeClock();
  const silent = new Set<string>();
  const again: string[] = [];
  const losses = new GateLosses({
    clock,
    isSilent: (gate) => silent.has(gate),
    again: (bytes) => again.push(bytes.toString()),
  });
  const send = (text: string, gate: string, transport: PeerAddress['transport'] = 'tcp') => {
    losses.sent(Buffer.from(text), { address: '192.0.2.1', port: 5060, transport }, gate);
  };
  return { clock, silent, again, losses, send };
}

test('edge.md §3: what was given to a gate that had died is sent again, once, what was given to others is not', () => {
  const { again, clock, send, silent } = opened();
  send('one', 'a');
  send('two', 'b');
  send('three', 'a', 'udp');
  clock.advance(400);
  assert.deepEqual(again, []);
  silent.add('a');
  clock.advance(250);
  assert.deepEqual(again, ['one']);
  clock.advance(1000);
  assert.deepEqual(again, ['one']);
});

test('edge.md §3: what was sent long before a gate fell silent had left', () => {
  const { again, clock, send, silent } = opened();
  send('one', 'a');
  clock.advance(1700);
  send('two', 'a');
  silent.add('a');
  clock.advance(250);
  assert.deepEqual(again, ['two']);
});

test('edge.md §3: nothing is looked for where nothing was sent, or all is closed', () => {
  const { again, clock, losses, send, silent } = opened();
  send('one', 'a');
  losses.close();
  silent.add('a');
  clock.advance(5000);
  assert.deepEqual(again, []);
});
