import assert from 'node:assert/strict';
import test from 'node:test';
import { FakeClock } from '@tandem/testing';
import { MemoryPods, soloPodRegistry } from '../../src/adapters/memory-pod-registry.ts';

const podOf = (at: number) => ({
  name: `edge-${String(at)}`,
  role: 'both' as const,
  address: `10.0.0.${String(at)}:5060`,
});

test('CALL-06 the one pod of an embedded switch has slot 0 and its epoch in 24 bits', async () => {
  const pod = soloPodRegistry(0x1_23_45_67);
  assert.deepEqual(await pod.join(podOf(1)), { slot: 0, epoch: 0x23_45_67 });
  assert.deepEqual(
    pod.pods().map(({ name }) => name),
    ['edge-1'],
  );
  await pod.leave();
  assert.deepEqual(pod.pods(), []);
});

test('edge.md §3: several pods in one process see each other, and a killed one until its lease ends', async () => {
  const clock = new FakeClock();
  const pods = new MemoryPods(clock, 77);
  const [first, second] = [pods.registry(), pods.registry()];
  assert.deepEqual(await first.join(podOf(1)), { slot: 0, epoch: 77 });
  assert.deepEqual(await second.join(podOf(2)), { slot: 1, epoch: 78 });
  assert.equal(second.pods().length, 2);
  await second.drain();
  assert.equal(pods.isDraining('1.78'), true);
  assert.equal(first.pods()[1]?.isDraining, true);
  pods.lapse('0.77');
  clock.advance(1499);
  assert.equal(pods.isAlive('0.77'), true);
  clock.advance(1);
  assert.equal(pods.isAlive('0.77'), false);
  assert.equal(second.pods().length, 1);
  const third = pods.registry();
  assert.deepEqual(await third.join(podOf(3)), { slot: 0, epoch: 79 });
});

test('edge.md §5: a paused pod goes on under its place where that is free, else under a new one, and is told', async () => {
  const clock = new FakeClock();
  const pods = new MemoryPods(clock, 1);
  const paused = pods.registry();
  await paused.join(podOf(1));
  const places: unknown[] = [];
  paused.onLost((place) => places.push(place));
  pods.lapse('0.1');
  clock.advance(2000);
  pods.revive('0.1');
  assert.equal(pods.isAlive('0.1'), true);
  assert.deepEqual(places.splice(0), [{ slot: 0, epoch: 1 }]);
  pods.lapse('0.1');
  clock.advance(2000);
  await pods.registry().join(podOf(2));
  pods.revive('0.1');
  assert.deepEqual(places, [{ slot: 1, epoch: 3 }]);
  assert.equal(pods.isAlive('1.3'), true);
  await paused.leave();
  assert.equal(pods.isAlive('1.3'), false);
});

test('edge.md §4.7: a pod that wakes before its lease has run out is told nothing, and one that is gone gets none by dying again', async () => {
  const clock = new FakeClock();
  const pods = new MemoryPods(clock, 1);
  const paused = pods.registry();
  await paused.join(podOf(1));
  const places: unknown[] = [];
  paused.onLost((place) => places.push(place));
  pods.lapse('0.1');
  clock.advance(700);
  pods.revive('0.1');
  assert.deepEqual(places, []);
  clock.advance(2000);
  assert.equal(pods.isAlive('0.1'), true);
  pods.lapse('0.1');
  clock.advance(1000);
  pods.lapse('0.1');
  clock.advance(500);
  assert.equal(pods.isAlive('0.1'), false);
  pods.lapse('0.1');
  assert.equal(pods.isAlive('0.1'), false);
});
