import assert from 'node:assert/strict';
import test from 'node:test';
import { FakeClock } from '@tandem/testing';
import { MemoryPods } from '../../src/adapters/memory-pod-registry.ts';
import { HandedMessages } from '../../src/pods/handed-messages.ts';

async function setUp() {
  const clock = new FakeClock();
  const members = new MemoryPods(clock);
  const registry = members.registry();
  const place = await registry.join({ name: 'edge-1', role: 'both', address: 'link-1' });
  const returned: string[] = [];
  const handed = new HandedMessages<string>({
    clock,
    pods: registry,
    onReturned: (parcel) => {
      returned.push(parcel);
    },
  });
  const owner = `${String(place.slot)}.${String(place.epoch)}`;
  return { clock, members, registry, place, returned, handed, owner };
}

test('edge.md §3: what a dead pod was handed comes back once its lease has run out, in its order', async () => {
  const { clock, members, place, returned, handed, owner } = await setUp();
  handed.add('200', place);
  members.lapse(owner);
  clock.advance(1000);
  handed.add('200 again', place);
  assert.deepEqual(returned, []);
  clock.advance(700);
  assert.deepEqual(returned, ['200', '200 again']);
  clock.advance(10_000);
  assert.equal(returned.length, 2);
});

test('edge.md §3: what a living pod was handed is forgotten, and no timer runs on', async () => {
  const { clock, members, place, returned, handed, owner } = await setUp();
  handed.add('180', place);
  clock.advance(3000);
  assert.equal(clock.pending, 0);
  members.lapse(owner);
  clock.advance(3000);
  assert.deepEqual(returned, []);
});

test('edge.md §5: what a pod was handed that drains is forgotten: it deals with it before it leaves', async () => {
  const { clock, registry, place, returned, handed } = await setUp();
  handed.add('200', place);
  await registry.drain();
  clock.advance(200);
  await registry.leave();
  clock.advance(3000);
  assert.deepEqual(returned, []);
});

test('edge.md §5: nothing comes back to a pod that has closed', async () => {
  const { clock, members, place, returned, handed, owner } = await setUp();
  handed.add('200', place);
  members.lapse(owner);
  handed.close();
  clock.advance(3000);
  assert.deepEqual(returned, []);
  assert.equal(clock.pending, 0);
});
