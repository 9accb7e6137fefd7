import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LivingPods } from '../../../src/core/pods/living-pods.ts';
import type { Pod } from '../../../src/ports.ts';

const podOf = (slot: number, epoch = 1, at = slot, role: Pod['role'] = 'front'): Pod => ({
  name: `edge-${String(at)}`,
  slot,
  epoch,
  role,
  address: `10.0.0.${String(at)}:5060`,
  isDraining: false,
  figures: undefined,
});
const [one, two, three] = [podOf(1), podOf(2), podOf(3)];

/** Pods that have seen one another until `ms`. */
function known(ms = 0): LivingPods {
  const pods = new LivingPods({ awayMs: 800, returnMs: 1500 });
  pods.heard([three, one, two], ms);
  return pods;
}

test('edge.md §3: who no longer renews is gone with the next word of the registry', () => {
  const pods = known();
  assert.deepEqual(pods.all, [one, two, three]);
  pods.heard([one, three], 400);
  assert.deepEqual(pods.all, [one, three]);
});

test('edge.md §5: the first that is back after Redis was away takes the fronts it knew for alive until they had the time to come back', () => {
  for (const [hadLapsed, backMs] of [
    [false, 1200],
    [true, 400],
  ] as const) {
    const pods = known();
    pods.heard([one], backMs, hadLapsed);
    assert.deepEqual(pods.all, [one, two, three]);
    pods.heard([one, two], backMs + 400);
    assert.deepEqual(pods.all, [one, two, three]);
    // Its lease was seen once more: now it is gone like any other.
    pods.heard([one], backMs + 800);
    assert.deepEqual(pods.all, [one, three]);
    pods.heard([one], backMs + 1500);
    assert.deepEqual(pods.all, [one]);
  }
});

test('edge.md §5: only fronts are waited for: calls are not handed to a pod that may be dead', () => {
  const [front, worker, both] = [podOf(1), podOf(2, 1, 2, 'worker'), podOf(3, 1, 3, 'both')];
  const pods = new LivingPods({ awayMs: 800, returnMs: 1500 });
  pods.heard([front, worker, both], 0);
  pods.heard([], 1200);
  assert.deepEqual(pods.all, [front]);
});

test('edge.md §5: a pod whose slot or address another one has meanwhile is not waited for', () => {
  const pods = known();
  const inItsSlot = podOf(2, 2, 7);
  const atItsAddress = podOf(4, 2, 3);
  pods.heard([one, inItsSlot, atItsAddress], 4000);
  assert.deepEqual(pods.all, [one, inItsSlot, atItsAddress]);
});

test('edge.md §5: a registry that is slow for long keeps no dead pod alive', () => {
  const pods = known();
  for (const ms of [900, 1800]) pods.heard([one, two], ms);
  assert.deepEqual(pods.all, [one, two, three]);
  pods.heard([one, two], 2700);
  assert.deepEqual(pods.all, [one, two]);
});
