import assert from 'node:assert/strict';
import test from 'node:test';
import { from } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import { ForkedCallee } from '@tandem/testing';
import type { OutgoingCall } from '@tandem/testing';
import { isForkTag } from '../../src/core/marks/dialog-tag.ts';
import { prack, prackable, requestIn, tagOf } from '../support/forks.ts';
import { PodsBench } from '../support/pods-bench.ts';
import type { SimulatedPod } from '../support/simulated-pod.ts';

/** A call of several pods that a proxy behind the carrier has taken to two callees. */
interface Forked {
  readonly bench: PodsBench;
  readonly a: OutgoingCall;
  readonly one: ForkedCallee;
  readonly two: ForkedCallee;
}

async function forked(seed = 1): Promise<Forked> {
  const bench = await PodsBench.start({ seed });
  const a = bench.call({ headers: prackable });
  const b = await bench.incoming();
  return {
    bench,
    a,
    one: new ForkedCallee(bench.carrier, b, 'one'),
    two: new ForkedCallee(bench.carrier, b, 'two'),
  };
}

async function progressOf(
  { bench, a }: Forked,
  fork: ForkedCallee,
  rseq: number,
): Promise<SipResponse> {
  fork.reliably(rseq);
  // A message may have to wait for a lease to run out: the callee repeats it.
  const repeated = bench.clock.start(3000, () => fork.reliably(rseq));
  for (;;) {
    const progress = await bench.until(a.provisional(183));
    const isNew = progress.headers.get('RSeq') === String(rseq);
    // What comes before is of another callee, or a repetition.
    if (!isNew || progress.body.toString() !== fork.sdp) continue;
    bench.clock.stop(repeated);
    return progress;
  }
}

async function acknowledge(
  { bench, a }: Forked,
  fork: ForkedCallee,
  response: SipResponse,
): Promise<void> {
  const answer = prack(a, response);
  (await bench.until(fork.receive('PRACK'))).respond(200);
  const ok = await bench.until(answer);
  assert.equal(ok.status, 200);
  assert.equal(tagOf(ok), tagOf(response));
}

async function ownerOf(bench: PodsBench): Promise<SimulatedPod> {
  const [callId = ''] = (await bench.store.list(1)).callIds;
  const owner = await bench.ownerOf(callId);
  assert.ok(owner !== undefined);
  return owner;
}

async function killOwner(bench: PodsBench): Promise<void> {
  bench.kill(await ownerOf(bench));
  await bench.settle(3000);
}

/** One callee after the other is heard, and the one that answers has the dialog that the caller knows it by. */
async function completeIn(call: Forked, fork: ForkedCallee, known: SipResponse): Promise<void> {
  const { bench, a } = call;
  fork.answer();
  const repeated = bench.clock.start(3000, () => fork.answer());
  const answer = await bench.until(a.answered());
  bench.clock.stop(repeated);
  assert.equal(tagOf(answer), tagOf(known));
  await bench.settle(1000);
  assert.ok(fork.received('ACK').length > 0);
  const info = fork.request('INFO');
  const incoming = await bench.until(a.receive('INFO'));
  assert.equal(from(incoming.request).tag, tagOf(known));
  incoming.respond(200);
  assert.equal((await bench.until(info)).status, 200);
  const bye = fork.request('BYE');
  const hungUp = await bench.until(a.receive('BYE'));
  assert.equal(from(hungUp.request).tag, tagOf(known));
  hungUp.respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  await bench.settle();
  assert.deepEqual(bench.told.sort(), ['answered', 'ended NormalClearing 200 callee']);
  assert.equal(bench.pendingCalls, 0);
  assert.equal(await bench.heldLines(), 0);
  await bench.close();
}

test('CALL-06 T2-01 after a pod’s death both early dialogs have the tags, and count on, that they had before', async () => {
  for (const winner of ['one', 'two'] as const) {
    const call = await forked();
    const { bench, one, two } = call;
    const first = await progressOf(call, one, 1);
    await acknowledge(call, one, first);
    const second = await progressOf(call, two, 1);
    await acknowledge(call, two, second);
    assert.notEqual(tagOf(first), tagOf(second));
    await killOwner(bench);
    for (const [fork, known] of [
      [two, second],
      [one, first],
    ] as const) {
      const next = await progressOf(call, fork, 2);
      assert.equal(tagOf(next), tagOf(known));
      assert.equal(next.headers.get('RSeq'), '2');
      await acknowledge(call, fork, next);
    }
    await (winner === 'one' ? completeIn(call, one, first) : completeIn(call, two, second));
  }
});

test('CALL-06 T2-01 a pod that dies between two callees has left the first its tag: the second gets another one', async () => {
  for (const seed of [1, 2, 3]) {
    const call = await forked(seed);
    const { bench, one, two } = call;
    const first = await progressOf(call, one, 1);
    await acknowledge(call, one, first);
    await killOwner(bench);
    const second = await progressOf(call, two, 1);
    assert.notEqual(tagOf(second), tagOf(first));
    assert.ok(isForkTag(tagOf(second)));
    await acknowledge(call, two, second);
    await completeIn(call, one, first);
  }
});

test('CALL-06 where a callee rang without being counted and its pod died, one that is counted has a dialog of its own', async () => {
  const call = await forked();
  const { bench, a, one, two } = call;
  one.ring();
  const first = await bench.until(a.provisional(180));
  await killOwner(bench);
  const second = await progressOf(call, two, 1);
  assert.notEqual(tagOf(second), tagOf(first));
  await acknowledge(call, two, second);
  await completeIn(call, two, second);
});

test('CALL-06 the pod that dies as it stores a second dialog, or has passed its response on, leaves it the same tag', async () => {
  for (const step of ['after-write-ahead', 'after-provisional'] as const) {
    const call = await forked();
    const { bench, one, two } = call;
    const first = await progressOf(call, one, 1);
    await acknowledge(call, one, first);
    bench.killAt(step);
    const second = await progressOf(call, two, 1);
    assert.notEqual(tagOf(second), tagOf(first));
    await bench.settle(3000);
    await acknowledge(call, two, second);
    const next = await progressOf(call, two, 2);
    assert.equal(tagOf(next), tagOf(second));
    await acknowledge(call, two, next);
    await completeIn(call, two, second);
  }
});

test('CALL-06 of two callees that answer after their call was adopted the first has it, the other is hung up', async () => {
  const call = await forked();
  const { bench, a, one, two } = call;
  const first = await progressOf(call, one, 1);
  await acknowledge(call, one, first);
  const second = await progressOf(call, two, 1);
  await acknowledge(call, two, second);
  await killOwner(bench);
  two.answer();
  const repeated = bench.clock.start(2000, () => two.answer());
  const answer = await bench.until(a.answered());
  bench.clock.stop(repeated);
  assert.equal(tagOf(answer), tagOf(second));
  await killOwner(bench).catch(() => undefined);
  one.answer();
  (await bench.until(one.receive('BYE'))).respond(200);
  assert.ok(one.received('ACK').length > 0);
  assert.equal(bench.told.filter((text) => text.startsWith('ended')).length, 0);
  // The caller's in the dialog that has lost ends nothing either.
  const late = requestIn(a, first, 'BYE');
  (await bench.until(one.receive('BYE'))).respond(481);
  assert.equal((await bench.until(late)).status, 481);
  assert.equal(bench.told.filter((text) => text.startsWith('ended')).length, 0);
  const bye = requestIn(a, answer, 'BYE');
  (await bench.until(two.receive('BYE'))).respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  await bench.settle();
  assert.deepEqual(bench.told.sort(), ['answered', 'ended NormalClearing 200 caller']);
  await bench.close();
});

test('CALL-06 a 2xx that no pod has passed on has the tag of its callee, whoever makes it', async () => {
  for (const step of ['after-answer', 'before-answer', 'after-answer-relay'] as const) {
    const call = await forked();
    const { bench, a, one, two } = call;
    const first = await progressOf(call, one, 1);
    await acknowledge(call, one, first);
    const second = await progressOf(call, two, 1);
    await acknowledge(call, two, second);
    bench.killAt(step);
    two.answer();
    for (const ms of [500, 1500, 3500, 7500]) bench.clock.start(ms, () => two.answer());
    assert.equal(tagOf(await bench.until(a.answered())), tagOf(second), step);
    await bench.settle(10_000);
    const bye = a.bye();
    (await bench.until(two.receive('BYE'))).respond(200);
    assert.equal((await bench.until(bye)).status, 200);
    await bench.settle();
    assert.deepEqual(bench.told.sort(), ['answered', 'ended NormalClearing 200 caller']);
    await bench.close();
  }
});

test('CALL-06 BYE in one of several early dialogs reaches the pod of the call, whichever pod gets it', async () => {
  for (const seed of [1, 2, 3, 4]) {
    const call = await forked(seed);
    const { bench, a, one, two } = call;
    const first = await progressOf(call, one, 1);
    await acknowledge(call, one, first);
    const second = await progressOf(call, two, 1);
    await acknowledge(call, two, second);
    const bye = requestIn(a, first, 'BYE');
    (await bench.until(one.receive('BYE'))).respond(200);
    assert.equal((await bench.until(bye)).status, 200);
    assert.equal(bench.carrier.transcript.count('received', 'CANCEL'), 0);
    await completeIn(call, two, second);
  }
});
