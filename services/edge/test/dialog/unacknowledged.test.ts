import assert from 'node:assert/strict';
import test from 'node:test';
import type { IncomingCall, OutgoingCall } from '@tandem/testing';
import { PodsBench } from '../support/pods-bench.ts';

/** 64 × T1, and a round of the sweep. */
const OVER_MS = 32_600;

interface Unacknowledged {
  readonly bench: PodsBench;
  readonly a: OutgoingCall;
  readonly b: IncomingCall;
  readonly answeredMs: number;
}

/** A call whose answer the caller has got and has not acknowledged. */
async function unacknowledged(seed = 1): Promise<Unacknowledged> {
  const bench = await PodsBench.start({ seed });
  const a = bench.call({ isAckAutomatic: false });
  const b = await bench.incoming();
  b.ring();
  await bench.until(a.provisional(180));
  b.answer();
  await bench.until(a.answered());
  return { bench, a, b, answeredMs: bench.clock.now() };
}

async function until(bench: PodsBench, momentMs: number): Promise<void> {
  await bench.settle(momentMs - bench.clock.now());
}

/** Both ends get their BYE, and accept it. */
async function assertHungUp({ bench, a, b }: Unacknowledged): Promise<void> {
  for (const bye of [await bench.until(a.receive('BYE')), await bench.until(b.receive('BYE'))]) {
    assert.match(bye.request.headers.get('Reason') ?? '', /^SIP;cause=408;text="no ACK"$/);
    bye.respond(200);
  }
  await bench.settle(1000);
  assert.deepEqual(bench.told, ['answered', 'ended NoAck 200 switch']);
  assert.equal(await bench.heldLines(), 0);
  assert.equal((await bench.store.outbox()).length, 0);
}

for (const seed of [1, 2, 3, 4]) {
  test(`CALL-02 T2-29 an answer that nobody acknowledges: BYE to both after 64 × T1, packets to any pod (${String(seed)})`, async () => {
    const call = await unacknowledged(seed);
    const { bench, answeredMs } = call;
    await until(bench, answeredMs + 31_500);
    assert.equal(bench.alice.transcript.count('received', 'BYE'), 0);
    await until(bench, answeredMs + OVER_MS);
    await assertHungUp(call);
    const ended = bench.events.find(({ type }) => type === 'ended');
    assert.ok(ended !== undefined);
    // The callee was there until then, and its carrier has counted.
    assert.deepEqual([ended.chargedToAlive, ended.aliveMs], [true, ended.endedMs]);
    await bench.close();
  });
}

test('CALL-05 T2-29 a callee that has gone, too: charged to the answer', async () => {
  const { bench, a, b, answeredMs } = await unacknowledged();
  await until(bench, answeredMs + OVER_MS);
  (await bench.until(a.receive('BYE'))).respond(481);
  (await bench.until(b.receive('BYE'))).respond(481);
  await bench.settle(1000);
  const ended = bench.events.find(({ type }) => type === 'ended');
  assert.ok(ended?.chargedToAlive === true);
  assert.ok(Math.abs(ended.aliveMs - answeredMs) < 1000);
  assert.ok(ended.endedMs >= answeredMs + 31_000);
  await bench.close();
});

for (const atMs of [2000, 5000, 9000, 20_000, 31_600]) {
  test(`CALL-02 T2-29 the pod of a call without ACK dies ${String(atMs)} ms after the answer: another ends it`, async () => {
    const call = await unacknowledged();
    const { bench, b, answeredMs } = call;
    const owner = await bench.ownerOf(b.callId);
    assert.ok(owner !== undefined);
    await until(bench, answeredMs + atMs);
    bench.kill(owner);
    await until(bench, answeredMs + OVER_MS + 3000);
    await assertHungUp(call);
    await bench.close();
  });
}

test('CALL-02 T2-29 all pods are gone after 10 s, others start: the call without ACK is ended', async () => {
  const call = await unacknowledged();
  const { bench, answeredMs } = call;
  await until(bench, answeredMs + 10_000);
  for (const pod of bench.pods) bench.kill(pod);
  await bench.boot();
  await until(bench, answeredMs + OVER_MS + 3000);
  await assertHungUp(call);
  await bench.close();
});

for (const atMs of [100, 3600, 4000, 7600, 15_000, 31_000]) {
  for (const seed of [1, 2]) {
    test(`CALL-02 T2-29 the ACK comes ${String(atMs)} ms after the answer, by any pod: the call goes on (${String(seed)})`, async () => {
      const { bench, a, b, answeredMs } = await unacknowledged(seed);
      await until(bench, answeredMs + atMs);
      a.acknowledge();
      await bench.until(b.ack());
      await until(bench, answeredMs + 90_000);
      assert.equal(bench.alice.transcript.count('received', 'BYE'), 0);
      assert.deepEqual(bench.told, ['answered']);
      const bye = a.bye();
      (await bench.until(b.receive('BYE'))).respond(200);
      await bench.until(bye);
      await bench.settle(1000);
      assert.deepEqual(bench.told, ['answered', 'ended NormalClearing 200 caller']);
      await bench.close();
    });
  }
}

test('CALL-02 T2-29 an ACK that is lost behind the switch: the caller has acknowledged, and the call is the callee’s to end', async () => {
  const { bench, a, b, answeredMs } = await unacknowledged();
  // What the caller repeats for each repeated answer does not get through.
  b.acceptAck = () => undefined;
  a.acknowledge();
  await until(bench, answeredMs + OVER_MS + 1000);
  assert.equal(bench.alice.transcript.count('received', 'BYE'), 0);
  const bye = b.bye();
  (await bench.until(a.receive('BYE'))).respond(200);
  await bench.until(bye);
  await bench.settle(1000);
  assert.deepEqual(bench.told, ['answered', 'ended NormalClearing 200 callee']);
  await bench.close();
});

test('CALL-02 T2-29 a callee that hangs up for want of an ACK ends the call itself', async () => {
  const { bench, a, b, answeredMs } = await unacknowledged();
  await until(bench, answeredMs + 31_900);
  const bye = b.bye();
  (await bench.until(a.receive('BYE'))).respond(200);
  await bench.until(bye);
  await bench.settle(5000);
  assert.deepEqual(bench.told, ['answered', 'ended NormalClearing 200 callee']);
  await bench.close();
});
