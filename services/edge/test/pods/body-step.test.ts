import assert from 'node:assert/strict';
import test from 'node:test';
import { serialize } from '@tandem/sip';
import type { SipRequest } from '@tandem/sip';
import type { FaultStep } from '../../src/faults.ts';
import { MediaRelay, RELAY, receivedBy } from '../support/media-relay.ts';
import { assertClean, hangUp } from '../support/pod-calls.ts';
import { PodsBench } from '../support/pods-bench.ts';

async function anchoring(): Promise<{ bench: PodsBench; relay: MediaRelay }> {
  let relay: MediaRelay | undefined;
  const bench = await PodsBench.start({ bodyStep: (clock) => (relay = new MediaRelay(clock)) });
  assert.ok(relay !== undefined);
  return { bench, relay };
}

function invitesOf(bench: PodsBench): SipRequest[] {
  return bench.carrier.transcript.lines.flatMap(({ direction, message }) =>
    direction === 'received' && message.kind === 'request' && message.method === 'INVITE'
      ? [message]
      : [],
  );
}

/** The step gives another port each time: what is the same to the byte has been asked for once. */
function assertSameInvites(bench: PodsBench): void {
  const invites = invitesOf(bench);
  assert.ok(invites.every(({ body }) => body.includes(RELAY)));
  assert.equal(new Set(invites.map((each) => serialize(each).toString('latin1'))).size, 1);
}

const ANSWERED = ['answered', 'ended NormalClearing 200 caller'];
const afterStep: readonly FaultStep[] = ['after-write-ahead', 'after-trying', 'after-invite'];
for (const step of afterStep) {
  test(`edge.md §5: a pod that dies ${step}: the INVITE has the body that the step gave, from whichever pod`, async () => {
    const { bench } = await anchoring();
    bench.killAt(step);
    const a = bench.call();
    const b = await bench.incoming();
    await bench.settle(3000);
    b.ring();
    b.answer();
    await bench.until(a.answered());
    await bench.until(b.ack());
    assertSameInvites(bench);
    await hangUp(bench, a, b);
    await assertClean(bench, ANSWERED);
  });
}

test('edge.md §5: a pod that dies while the step is asked costs a moment, not the call', async () => {
  const { bench, relay } = await anchoring();
  relay.delays.push(100);
  const a = bench.call();
  while (relay.asked.length === 0) await bench.settle(5);
  const [owner] = bench.pods.filter((pod) => pod.server.pendingCalls > 0);
  assert.ok(owner !== undefined);
  bench.kill(owner);
  const b = await bench.incoming();
  assert.equal(relay.asked.length, 2);
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  assertSameInvites(bench);
  await hangUp(bench, a, b);
  await assertClean(bench, ANSWERED);
});

test('edge.md §5: a pod that dies after a stub, while the step is asked, leaves the branch to one that asks it again', async () => {
  const { bench, relay } = await anchoring();
  relay.delays.push(10_000);
  const a = bench.call();
  await bench.settle(400);
  assert.deepEqual(receivedBy(bench.alice), ['100']);
  const [owner] = bench.pods.filter((pod) => pod.server.pendingCalls > 0);
  assert.ok(owner !== undefined);
  bench.kill(owner);
  const b = await bench.incoming();
  assert.equal(relay.asked.length, 2);
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  assertSameInvites(bench);
  await hangUp(bench, a, b);
  await assertClean(bench, ANSWERED);
});

for (const step of ['after-answer', 'after-answer-relay'] as const) {
  test(`edge.md §5: a pod that dies ${step}: the answer goes through the step on the pod that makes it again`, async () => {
    const { bench } = await anchoring();
    bench.killAt(step);
    const a = bench.call();
    const b = await bench.incoming();
    b.answer();
    await bench.until(a.answered());
    await bench.until(b.ack());
    const answers = receivedBy(bench.alice).filter((each) => each.startsWith('200'));
    assert.deepEqual(new Set(answers), new Set(['200 anchored']));
    await hangUp(bench, a, b);
    await assertClean(bench, ANSWERED);
  });
}

test('edge.md §5: a pod that is paused while a response waits for its body says nothing once the call is another pod’s', async () => {
  const { bench, relay } = await anchoring();
  const a = bench.call();
  const b = await bench.incoming();
  relay.delays.push(2000);
  b.progress();
  await bench.settle(100);
  const [owner] = bench.pods.filter((pod) => pod.server.pendingCalls > 0);
  assert.ok(owner !== undefined);
  bench.pause(owner);
  await bench.settle(2500);
  b.ring();
  await bench.until(a.provisional(180));
  bench.resume(owner);
  await bench.settle(500);
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  const heard = receivedBy(bench.alice);
  assert.equal(heard.at(-1), '200 anchored');
  assert.ok(!heard.includes('183 as sent'));
  assertSameInvites(bench);
  await hangUp(bench, a, b);
  await assertClean(bench, ANSWERED);
});
