import assert from 'node:assert/strict';
import test from 'node:test';
import { assertClean, complete } from '../support/pod-calls.ts';
import { PodsBench } from '../support/pods-bench.ts';

const INVITE_MS = 10_000;

/** Kills whoever has the call, every two seconds. */
async function killOwners(bench: PodsBench, callId: () => string, times: number): Promise<void> {
  for (let left = times; left > 0; left -= 1) {
    await bench.settle(2000);
    const owner = await bench.ownerOf(callId());
    if (owner !== undefined) bench.kill(owner);
    await bench.boot();
  }
}

test('CALL-03 DENY-14 edge.md §5: a silent gateway is not waited for longer, however many pods die meanwhile', async () => {
  const bench = await PodsBench.start({ carriers: [{}, {}] });
  const a = bench.call();
  const silent = await bench.incoming();
  const beganMs = bench.clock.now();
  await killOwners(bench, () => silent.callId, 4);
  const b = await bench.until(bench.carrierAt(1).receiveCall());
  const tookMs = bench.clock.now() - beganMs;
  assert.ok(tookMs >= INVITE_MS && tookMs < INVITE_MS + 2500, `${String(tookMs)} ms`);
  b.ring();
  await complete(bench, a, b);
  await assertClean(bench, ['answered', 'ended NormalClearing 200 caller']);
});

test('CALL-03 edge.md §5: a pod that takes a call over at the last moment gives the gateway two seconds to answer it', async () => {
  const bench = await PodsBench.start({ carriers: [{}, {}] });
  const a = bench.call();
  const late = await bench.incoming();
  await bench.settle(INVITE_MS - 700);
  const owner = await bench.ownerOf(late.callId);
  assert.ok(owner !== undefined);
  bench.kill(owner);
  // Until a sweep finds it, and then half of what is given.
  await bench.settle(3000);
  late.ring();
  await bench.until(a.provisional(180));
  await complete(bench, a, late);
  await assertClean(bench, ['answered', 'ended NormalClearing 200 caller']);
});
