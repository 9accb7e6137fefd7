import assert from 'node:assert/strict';
import test from 'node:test';
import { silentLogger } from '@tandem/service';
import { FakeClock } from '@tandem/testing';
import { MemoryPods } from '../../src/adapters/memory-pod-registry.ts';
import { leftToOthers } from '../../src/pods/left-to-others.ts';

/** A pod that begins beside others, in another process than theirs. */
function beginning(): {
  readonly clock: FakeClock;
  readonly others: MemoryPods;
  readonly state: { isReady: boolean; isStopping: boolean; isOver: boolean };
  readonly begin: () => void;
} {
  const clock = new FakeClock();
  const others = new MemoryPods(clock);
  const state = { isReady: false, isStopping: false, isOver: false };
  return {
    clock,
    others,
    state,
    begin: () => {
      void leftToOthers({
        pods: others.registry(),
        areServicesReady: () => state.isReady,
        isStopping: () => state.isStopping,
        clock,
        logger: silentLogger(),
      }).then(() => {
        state.isOver = true;
      });
    },
  };
}

const worker = { name: 'pod-1', role: 'worker', address: '10.0.0.1:7100' } as const;

test('CALL-01 OPS-06 a call pod without a configuration leaves calls to others that take them, until it has one', async () => {
  const { clock, others, state, begin } = beginning();
  await others.registry().join(worker);
  begin();
  await clock.advanceSettled(60_000);
  assert.equal(state.isOver, false);
  state.isReady = true;
  await clock.advanceSettled(300);
  assert.equal(state.isOver, true);
  assert.equal(clock.pending, 0);
});

test('CALL-01 OPS-06 where nobody else takes calls it does: alone, beside fronts, and beside one that drains', async () => {
  for (const role of [undefined, 'front', 'worker'] as const) {
    const { clock, others, state, begin } = beginning();
    if (role !== undefined) {
      const other = others.registry();
      await other.join({ ...worker, role });
      if (role === 'worker') await other.drain();
    }
    begin();
    await clock.advanceSettled(0);
    assert.equal(state.isOver, true, role);
  }
});

test('OPS-06 a pod that is stopped meanwhile waits no longer', async () => {
  const { clock, others, state, begin } = beginning();
  await others.registry().join(worker);
  begin();
  await clock.advanceSettled(1000);
  state.isStopping = true;
  await clock.advanceSettled(300);
  assert.equal(state.isOver, true);
});
