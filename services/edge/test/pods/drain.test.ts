import assert from 'node:assert/strict';
import test from 'node:test';
import { ringTimer } from '../support/call-samples.ts';
import { PodsBench } from '../support/pods-bench.ts';
import type { SimulatedPod } from '../support/simulated-pod.ts';

/** For how long a carrier may ring. */
const RINGS_MS = 20_000;

/** Drains a pod and takes it away, as SIGTERM does. @returns how long that took, ms */
async function drained(bench: PodsBench, pod: SimulatedPod): Promise<number> {
  const beganMs = bench.clock.now();
  await bench.until(pod.drain());
  const tookMs = bench.clock.now() - beganMs;
  await pod.registry.leave();
  pod.kill();
  return tookMs;
}

async function ownerOf(bench: PodsBench, callId: string): Promise<SimulatedPod> {
  const owner = await bench.ownerOf(callId);
  assert.ok(owner !== undefined);
  return owner;
}

test('edge.md §5: a pod that drains hands its ringing call over, and nobody sees a message twice', async () => {
  const bench = await PodsBench.start();
  const { a, b } = await bench.ringing();
  const old = await ownerOf(bench, b.callId);
  const tookMs = await drained(bench, old);
  assert.ok(tookMs < 3000, String(tookMs));
  assert.notEqual(await ownerOf(bench, b.callId), old);
  assert.equal(bench.carrier.transcript.count('received', 'INVITE'), 1);
  assert.equal(bench.alice.transcript.count('received', 180), 1);
  assert.equal(bench.alice.transcript.count('received', 100), 1);
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  assert.equal(bench.carrier.transcript.count('sent', 200), 1);
  const bye = a.bye();
  (await bench.until(b.receive('BYE'))).respond(200);
  await bench.until(bye);
  await bench.settle();
  assert.deepEqual(bench.told, ['answered', 'ended NormalClearing 200 caller']);
  assert.equal(await bench.heldLines(), 0);
  await bench.close();
});

test('edge.md §5: the ring timer of a call that was handed over ends when it would have', async () => {
  const bench = await PodsBench.start({ carriers: [{ timers: ringTimer(RINGS_MS) }] });
  const a = bench.call();
  const b = await bench.incoming();
  await bench.settle(3000);
  b.ring();
  await bench.until(a.provisional(180));
  const rangMs = bench.clock.now();
  await bench.settle(5000);
  await drained(bench, await ownerOf(bench, b.callId));
  assert.equal((await bench.until(a.final())).status, 408);
  assert.ok(Math.abs(bench.clock.now() - rangMs - RINGS_MS) < 100);
  await bench.close();
});

test('edge.md §5: while a pod drains its new calls are begun by another', async () => {
  const bench = await PodsBench.start();
  const [first] = bench.pods;
  assert.ok(first !== undefined);
  bench.prefer = () => (first.isDead ? undefined : first);
  const leaving = drained(bench, first);
  await bench.settle(100);
  const a = bench.call();
  const b = await bench.incoming();
  b.ring();
  await bench.until(a.provisional(180));
  assert.equal(first.server.pendingCalls, 0);
  await bench.until(leaving);
  b.answer();
  await bench.until(a.answered());
  assert.equal(bench.alice.transcript.count('received', 503), 0);
  await bench.close();
});

test('edge.md §5: the only pod refuses new calls while it drains, and lets those that ring come to an end', async () => {
  const bench = await PodsBench.start({ pods: 1 });
  const [only] = bench.pods;
  assert.ok(only !== undefined);
  const { a, b } = await bench.ringing();
  const leaving = drained(bench, only);
  await bench.settle(100);
  const refused = await bench.until(bench.call().final());
  assert.equal(refused.status, 503);
  assert.ok(Number(refused.headers.get('Retry-After')) > 0);
  b.answer();
  await bench.until(a.answered());
  await bench.until(leaving);
  await bench.close();
});

test('edge.md §5: a call that is in routing when its pod drains reaches its record first, and goes over then', async () => {
  const bench = await PodsBench.start();
  const { route } = bench;
  bench.route = async (request) => {
    await bench.clock.sleep(1000);
    return route(request);
  };
  const a = bench.call();
  await bench.settle(300);
  const old = bench.pods.find((pod) => pod.server.pendingCalls > 0);
  assert.ok(old !== undefined);
  const leaving = drained(bench, old);
  const b = await bench.incoming();
  b.ring();
  await bench.until(a.provisional(180));
  assert.ok((await bench.until(leaving)) < 4000);
  b.answer();
  await bench.until(a.answered());
  assert.equal(bench.carrier.transcript.count('received', 'INVITE'), 1);
  await bench.close();
});

test('edge.md §5: what comes for a call while it is handed over goes after it: a 200, a CANCEL', async () => {
  for (const what of ['answer', 'cancel'] as const) {
    const bench = await PodsBench.start();
    const { a, b } = await bench.ringing();
    const old = await ownerOf(bench, b.callId);
    bench.prefer = () => (old.isDead ? undefined : old);
    const leaving = drained(bench, old);
    await bench.clock.advanceSettled(4);
    if (what === 'answer') {
      b.answer();
      await bench.until(a.answered());
      assert.equal(bench.carrier.transcript.count('sent', 200), 1);
    } else {
      assert.equal((await bench.until(a.cancel())).status, 200);
      assert.equal((await bench.until(a.final())).status, 487);
      assert.equal(bench.alice.transcript.count('sent', 'CANCEL'), 1);
    }
    await bench.until(leaving);
    await bench.close();
  }
});

test('edge.md §5: pods are replaced one by one under calls, and not one message is repeated', async () => {
  const bench = await PodsBench.start();
  const calls = [];
  for (let at = 0; at < 12; at++) {
    calls.push(await bench.ringing());
    if (at % 4 !== 3) continue;
    const old = bench.pods.find((pod) => !pod.isDead);
    assert.ok(old !== undefined);
    await bench.boot();
    await drained(bench, old);
  }
  for (const { a, b } of calls) {
    b.answer();
    await bench.until(a.answered());
    await bench.until(b.ack());
    const bye = a.bye();
    (await bench.until(b.receive('BYE'))).respond(200);
    await bench.until(bye);
  }
  assert.equal(bench.carrier.transcript.count('received', 'INVITE'), 12);
  assert.equal(bench.carrier.transcript.count('sent', 200), 24);
  assert.equal(bench.alice.transcript.count('received', 180), 12);
  await bench.settle();
  assert.equal(bench.told.length, 24);
  assert.equal(await bench.heldLines(), 0);
  await bench.close();
});
