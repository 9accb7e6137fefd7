import assert from 'node:assert/strict';
import test from 'node:test';
import type { Candidate } from '@tandem/proto/routing';
import { CallRecord } from '@tandem/proto/edge';
import type { IncomingCall, OutgoingCall } from '@tandem/testing';
import { startRound } from '../../src/core/call/branches.ts';
import { callRecord } from '../../src/core/call/call-record.ts';
import { newCall } from '../../src/core/call/call-state.ts';
import { adoptedCall } from '../../src/core/call/recovery.ts';
import { formatMark } from '../../src/core/marks/call-mark.ts';
import { sealer } from '../support/messages.ts';
import { surroundings } from '../support/machine-call.ts';
import { PodsBench } from '../support/pods-bench.ts';
import type { SimulatedPod } from '../support/simulated-pod.ts';

// Routing makes one branch at a time. What becomes of several shows in a call whose record has them: the pod that wrote it
// dies before it has sent their INVITEs, and another one goes on.

interface ForkedCall {
  readonly bench: PodsBench;
  readonly a: OutgoingCall;
  /** What each carrier has got. */
  readonly branches: readonly IncomingCall[];
}

/** A call that a pod goes on with on two branches at once. */
async function forked(): Promise<ForkedCall> {
  const bench = await PodsBench.start({ pods: 2, carriers: [{}, {}] });
  const [first] = bench.pods;
  assert.ok(first !== undefined);
  bench.prefer = () => (first.isDead ? undefined : first);
  bench.route = () => new Promise(() => undefined);
  const a = bench.call();
  await bench.settle(300);
  const [stored = ''] = (await bench.store.list(1)).callIds;
  const stub = (await bench.store.get(stored))?.record;
  assert.ok(stub !== undefined);
  const { callId, record } = forkedRecord(stub, bench.candidates, first);
  const { owner } = first;
  assert.ok(await bench.store.writeAhead({ callId, owner, record, lines: [] }));
  bench.kill(first);
  const branches = [await bench.incoming(0), await bench.incoming(1)];
  return { bench, a, branches };
}

function forkedRecord(
  stub: Buffer,
  candidates: readonly Candidate[],
  pod: SimulatedPod,
): { readonly callId: string; readonly record: Buffer } {
  const routed = adoptedCall(CallRecord.decode(stub), { sealer, isEnded: false });
  assert.ok(routed !== undefined);
  const { callId, invite, source, startedMs, toTag } = routed;
  const call = newCall({ callId, invite, source, startedMs });
  Object.assign(call, { toTag, isTryingSent: true, candidates, nextCandidate: candidates.length });
  const { slot, epoch } = pod.server.place;
  const mark = (_: string, sequence: number): string =>
    formatMark(sealer, { slot, epoch, callId, sequence });
  startRound(call, candidates, { ...surroundings(startedMs), mark });
  const facts = { traceParent: '', sealer, owner: pod.owner };
  return { callId, record: callRecord(call, facts) };
}

async function assertClean(bench: PodsBench, told: readonly string[]): Promise<void> {
  await bench.settle();
  assert.deepEqual(bench.told.sort(), [...told].sort());
  assert.equal((await bench.store.outbox()).length, 0);
  assert.equal(bench.pendingCalls, 0);
  await bench.close();
}

test('CALL-02 of two carriers that ring at once the first to answer has the call, the other is cancelled', async () => {
  const { bench, a, branches } = await forked();
  const [first, second] = branches;
  assert.ok(first !== undefined && second !== undefined);
  first.ring();
  second.ring();
  await bench.until(a.provisional(180));
  second.answer();
  await bench.until(a.answered());
  await bench.until(second.ack());
  await bench.until(first.cancelled());
  await bench.settle(1000);
  // 487, and its ACK: nothing of it is repeated.
  assert.equal(bench.carrierAt(0).transcript.count('received', 'ACK'), 1);
  const bye = a.bye();
  (await bench.until(second.receive('BYE'))).respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  const answered = bench.events.find(({ type }) => type === 'answered');
  assert.equal(answered?.b?.peerAddress, '10.0.1.2:5070');
  await assertClean(bench, ['answered', 'ended NormalClearing 200 caller']);
});

test('CALL-02 of two that answer at once one is hung up, with ACK and BYE', async () => {
  const { bench, a, branches } = await forked();
  for (const branch of branches) branch.answer();
  await bench.until(a.answered());
  const [first, second] = branches;
  assert.ok(first !== undefined && second !== undefined);
  await bench.until(first.ack());
  await bench.until(second.ack());
  const winner = bench.events.find(({ type }) => type === 'answered')?.b?.peerAddress;
  const [kept, other] = winner === '10.0.1.1:5070' ? [first, second] : [second, first];
  (await bench.until(other.receive('BYE'))).respond(200);
  await bench.settle(2000);
  const byes = [0, 1].map((at) => bench.carrierAt(at).transcript.count('received', 'BYE'));
  assert.deepEqual(byes.sort(), [0, 1]);
  const bye = a.bye();
  (await bench.until(kept.receive('BYE'))).respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  await assertClean(bench, ['answered', 'ended NormalClearing 200 caller']);
});

test('DENY-18 of two that refuse the caller hears the better refusal, once both have', async () => {
  const { bench, a, branches } = await forked();
  branches[0]?.refuse(486);
  await bench.settle(1000);
  assert.equal(bench.told.length, 0);
  branches[1]?.refuse(503);
  assert.equal((await bench.until(a.final())).status, 486);
  await assertClean(bench, ['ended Rejected 486 callee']);
});

test('edge.md §5: a pod that dies with two branches ringing leaves both to another one, which repeats nothing', async () => {
  const { bench, a, branches } = await forked();
  const [first, second] = branches;
  assert.ok(first !== undefined && second !== undefined);
  first.ring();
  second.ring();
  await bench.until(a.provisional(180));
  await bench.boot();
  const owner = bench.pods.find((pod) => pod.server.pendingCalls > 0);
  assert.ok(owner !== undefined);
  bench.prefer = undefined;
  bench.kill(owner);
  await bench.settle(4000);
  const cancelled = a.cancel();
  assert.equal((await bench.until(a.final())).status, 487);
  await bench.until(cancelled);
  await bench.until(first.cancelled());
  await bench.until(second.cancelled());
  assert.deepEqual([bench.invitesAt(0), bench.invitesAt(1)], [1, 1]);
  await assertClean(bench, ['ended CallerCancelled 487 caller']);
});
