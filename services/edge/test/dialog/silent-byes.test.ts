import assert from 'node:assert/strict';
import test from 'node:test';
import { serialize } from '@tandem/sip';
import type { IncomingCall, OutgoingCall, ScriptedPeer } from '@tandem/testing';
import type { FaultStep } from '../../src/faults.ts';
import { EDGE, PodsBench } from '../support/pods-bench.ts';
import type { SimulatedPod } from '../support/simulated-pod.ts';

/** A BYE of the switch's own. */
const OWN = '1073741824 BYE';
/** Nothing has answered the relayed one for so long, and a sweep has looked. */
const SILENCE_MS = 4500;
/** From the death of a pod until another has what it had in hand, and a round of the sweep. */
const TAKEN_OVER_MS = 2500;
/** RFC 3261 §17.1.2.2: at once, then after 0.5, 1.5, 3.5 and each further 4 s until Timer F. */
const TIMES_SENT = 11;

interface AnsweredCall {
  readonly bench: PodsBench;
  readonly a: OutgoingCall;
  readonly b: IncomingCall;
}

async function answered(): Promise<AnsweredCall> {
  const bench = await PodsBench.start();
  const { a, b } = await bench.ringing();
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  return { bench, a, b };
}

/** Hangs up with one datagram, and never again. */
function byeOnce(peer: ScriptedPeer, { dialog }: OutgoingCall | IncomingCall): void {
  const { local } = peer;
  peer.sendRaw(serialize(dialog.request('BYE', local, 'z9hG4bKonce')), EDGE);
}

/** CSeq of all BYEs that a peer has got. */
function byes(peer: ScriptedPeer): string[] {
  return peer.transcript.lines.flatMap(({ direction, message }) =>
    direction === 'received' && message.kind === 'request' && message.method === 'BYE'
      ? [message.headers.get('CSeq') ?? '']
      : [],
  );
}

const ownByes = (peer: ScriptedPeer): number => byes(peer).filter((cseq) => cseq === OWN).length;

/** One end was told, and nothing is left or due. */
async function assertOver({ bench }: AnsweredCall, by: 'caller' | 'callee'): Promise<void> {
  const before = [bench.alice, bench.carrier].map((peer) => byes(peer).length);
  await bench.settle(180_000);
  assert.deepEqual(
    [bench.alice, bench.carrier].map((peer) => byes(peer).length),
    before,
  );
  assert.deepEqual(bench.told, ['answered', `ended NormalClearing 200 ${by}`]);
  assert.equal(await bench.heldLines(), 0);
  assert.equal((await bench.store.outbox()).length, 0);
  await bench.close();
}

test('CALL-06 edge.md §4.3: a carrier that drops the one BYE of a caller gets that of the switch until Timer F; the caller gets none', async () => {
  const call = await answered();
  const { bench, a } = call;
  byeOnce(bench.alice, a);
  await bench.settle(SILENCE_MS);
  assert.deepEqual(byes(bench.carrier), ['2 BYE', OWN]);
  await bench.settle(40_000);
  assert.equal(ownByes(bench.carrier), TIMES_SENT);
  assert.deepEqual(byes(bench.alice), []);
  await assertOver(call, 'caller');
});

test('CALL-06 edge.md §4.3: a caller that drops the one BYE of a callee gets that of the switch, and its answer ends it', async () => {
  const call = await answered();
  const { bench, a, b } = call;
  byeOnce(bench.carrier, b);
  await bench.until(a.receive('BYE'));
  const own = await bench.until(a.receive('BYE'));
  assert.equal(own.request.headers.get('CSeq'), OWN);
  assert.match(own.request.headers.get('Reason') ?? '', /^Q\.850;cause=16;/);
  own.respond(200);
  await bench.settle(1000);
  assert.deepEqual(byes(bench.carrier), []);
  await assertOver(call, 'callee');
});

test('CALL-06 edge.md §4.3: a BYE that is answered is followed by none, through whichever pods both pass', async () => {
  const call = await answered();
  const { bench, a, b } = call;
  byeOnce(bench.alice, a);
  (await bench.until(b.receive('BYE'))).respond(200);
  await bench.settle(10_000);
  assert.deepEqual(byes(bench.carrier), ['2 BYE']);
  await assertOver(call, 'caller');
});

for (const step of ['after-end', 'before-request-relay', 'after-request-relay'] as FaultStep[]) {
  test(`CALL-06 edge.md §5: a pod that dies ${step} of a BYE that nobody repeats: another hangs up on the carrier`, async () => {
    const call = await answered();
    const { bench, a, b } = call;
    bench.killAt(step);
    byeOnce(bench.alice, a);
    await bench.settle(SILENCE_MS);
    assert.equal(bench.pods.filter(({ isDead }) => isDead).length, 1);
    assert.equal(ownByes(bench.carrier), 1);
    if (step === 'after-request-relay') await bench.until(b.receive('BYE'));
    (await bench.until(b.receive('BYE'))).respond(200);
    await assertOver(call, 'caller');
  });
}

test('CALL-06 edge.md §5: the pod that hangs up on a silent carrier dies: another does it again, in full', async () => {
  const call = await answered();
  const { bench, a } = call;
  const takers: string[] = [];
  const { store } = bench;
  const takeDue = store.takeDue.bind(store);
  store.takeDue = async (owner, ...rest) => {
    const due = await takeDue(owner, ...rest);
    if (due.some(({ why }) => why === 'bye')) takers.push(owner);
    return due;
  };
  byeOnce(bench.alice, a);
  await bench.settle(SILENCE_MS);
  const sender: SimulatedPod | undefined = bench.pods.find(({ owner }) => owner === takers[0]);
  assert.ok(sender !== undefined);
  bench.kill(sender);
  const before = ownByes(bench.carrier);
  await bench.settle(TAKEN_OVER_MS + 40_000);
  assert.equal(takers.length, 2);
  assert.equal(ownByes(bench.carrier), before + TIMES_SENT);
  assert.deepEqual(byes(bench.alice), []);
  await assertOver(call, 'caller');
});
