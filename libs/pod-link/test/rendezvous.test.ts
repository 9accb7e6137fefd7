import assert from 'node:assert/strict';
import test from 'node:test';
import { chooseWorker, rendezvous } from '../src/index.ts';
import type { WorkerPod } from '../src/index.ts';

const worker = (slot: number, changes: Partial<WorkerPod> = {}): WorkerPod => ({
  role: 'worker',
  slot,
  isDraining: false,
  ...changes,
});
const callIds = Array.from({ length: 3000 }, (_, at) => `${String(at)}-17@192.0.2.1`);

test('edge.md §3: Call-IDs of one trunk are spread evenly over the workers', () => {
  const pods = [0, 1, 2].map((slot) => worker(slot));
  const shares = [0, 0, 0];
  for (const callId of callIds) {
    const slot = chooseWorker(callId, pods)?.slot ?? -1;
    shares[slot] = (shares[slot] ?? 0) + 1;
  }
  for (const share of shares) assert.ok(share > 850 && share < 1150, String(shares));
});

test('edge.md §3: a worker that goes moves its own calls only, in whatever order pods are named', () => {
  const pods = [worker(0), worker(5), worker(200)];
  const left = [worker(200), worker(0)];
  for (const callId of callIds) {
    const before = chooseWorker(callId, pods)?.slot;
    const after = chooseWorker(callId, left)?.slot;
    if (before !== 5) assert.equal(after, before);
  }
});

test('edge.md §3: fronts and draining pods get no new calls', () => {
  const pods = [worker(0, { role: 'front' }), worker(1, { isDraining: true }), worker(2)];
  for (const callId of callIds) {
    assert.equal(chooseWorker(callId, pods)?.slot, 2);
  }
  assert.equal(chooseWorker('a', pods.slice(0, 2)), undefined);
});

test('edge.md §3: what is fit is for the caller to say', () => {
  const pods = [worker(0), worker(1)];
  assert.equal(rendezvous('192.0.2.1:5060', pods, ({ slot }) => slot === 1)?.slot, 1);
  const none: WorkerPod[] = [];
  assert.equal(rendezvous('192.0.2.1:5060', none), undefined);
});
