import assert from 'node:assert/strict';
import test from 'node:test';
import type { DialogTerms } from '@tandem/proto/routing';
import { serialize } from '@tandem/sip';
import type { IncomingCall, OutgoingCall, ScriptedPeer } from '@tandem/testing';
import type { FaultStep } from '../../src/faults.ts';
import { PodsBench } from '../support/pods-bench.ts';
import type { SimulatedPod } from '../support/simulated-pod.ts';

const LONGEST_S = 120;
const PROBE_MS = 300_000;
const dialog: DialogTerms = {
  sessionIntervalSeconds: 600,
  probeIntervalSeconds: PROBE_MS / 1000,
  relaysRefer: false,
  contact: 'user',
  identityA: 0,
  identityB: 0,
};
/** From the death of a pod until another has what it had in hand, and a round of the sweep. */
const TAKEN_OVER_MS = 2500;

interface AnsweredCall {
  readonly bench: PodsBench;
  readonly a: OutgoingCall;
  readonly b: IncomingCall;
}

/** A call that was just answered. */
async function answered({ isLimited }: { readonly isLimited: boolean }): Promise<AnsweredCall> {
  const bench = await PodsBench.start({ carriers: [{ dialog }] });
  const { route } = bench;
  bench.route = async (request) => {
    const response = await route(request);
    if (isLimited && response.outcome?.$case === 'routed') {
      response.outcome.value.maxDurationSeconds = LONGEST_S;
    }
    return response;
  };
  const { a, b } = await bench.ringing();
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  return { bench, a, b };
}

/** What a peer has got of a method, as text. */
function received(peer: ScriptedPeer, method: string): string[] {
  return peer.transcript.lines.flatMap(({ direction, message }) =>
    direction === 'received' && message.kind === 'request' && message.method === method
      ? [serialize(message).toString('latin1')]
      : [],
  );
}

/** Both ends are hung up with one BYE each, whoever sent it how often. */
async function assertHungUp({ bench, a, b }: AnsweredCall): Promise<void> {
  for (const bye of [await bench.until(a.receive('BYE')), await bench.until(b.receive('BYE'))]) {
    assert.match(bye.request.headers.get('CSeq') ?? '', /^1073741824 BYE$/);
    bye.respond(200);
  }
  await bench.settle();
  for (const peer of [bench.alice, bench.carrier]) {
    const byes = received(peer, 'BYE');
    assert.equal(new Set(byes).size, 1, byes.join('\n'));
    assert.equal(peer.transcript.count('sent', 481), 0);
  }
}

/** Nothing is left: one event of each kind, no line, nothing due. */
async function assertOver(bench: PodsBench, reason: string): Promise<void> {
  assert.deepEqual(bench.told.filter((event) => event !== 'interim').sort(), [
    'answered',
    `ended ${reason} 200 switch`,
  ]);
  assert.equal(await bench.heldLines(), 0);
  assert.equal((await bench.store.outbox()).length, 0);
  const before = received(bench.alice, 'BYE').length;
  await bench.settle(120_000);
  assert.equal(received(bench.alice, 'BYE').length, before);
  await bench.close();
}

const steps: readonly FaultStep[] = [
  'before-end',
  'after-end',
  'after-end-relay',
  'after-end-publish',
];
for (const step of steps) {
  test(`edge.md §5: a pod that dies ${step} of a call at its longest duration: another hangs up on both ends, with the same bytes`, async () => {
    const call = await answered({ isLimited: true });
    const { bench } = call;
    bench.killAt(step);
    await bench.settle(LONGEST_S * 1000 + 500 + TAKEN_OVER_MS);
    assert.equal(bench.pods.filter(({ isDead }) => isDead).length, 1);
    assert.ok(received(bench.alice, 'BYE').length > 0 && received(bench.carrier, 'BYE').length > 0);
    await assertHungUp(call);
    await assertOver(bench, 'DurationLimit');
  });
}

test('edge.md §5: a pod that dies with BYEs that nobody has answered yet: another repeats them', async () => {
  const call = await answered({ isLimited: true });
  const { bench } = call;
  let sender: SimulatedPod | undefined;
  bench.at('after-end-publish', (pod) => {
    sender = pod;
  });
  await bench.settle(LONGEST_S * 1000 + 3000);
  assert.ok(sender !== undefined);
  bench.kill(sender);
  const before = received(bench.carrier, 'BYE').length;
  await bench.settle(TAKEN_OVER_MS);
  assert.ok(received(bench.carrier, 'BYE').length > before);
  await assertHungUp(call);
  await assertOver(bench, 'DurationLimit');
});

test('edge.md §5: a pod that is shut down with BYEs under way leaves them to another', async () => {
  const call = await answered({ isLimited: true });
  const { bench } = call;
  let sender: SimulatedPod | undefined;
  bench.at('after-end-publish', (pod) => {
    sender = pod;
  });
  await bench.settle(LONGEST_S * 1000 + 1000);
  assert.ok(sender !== undefined);
  await bench.until(sender.drain());
  sender.server.close();
  await bench.settle(500);
  await sender.registry.leave();
  sender.kill();
  const before = received(bench.carrier, 'BYE').length;
  await bench.settle(TAKEN_OVER_MS);
  assert.ok(received(bench.carrier, 'BYE').length > before);
  await assertHungUp(call);
  await assertOver(bench, 'DurationLimit');
});

test('edge.md §5: all pods die after the end of a call, others start 10 s later: both ends get their BYE', async () => {
  const call = await answered({ isLimited: true });
  const { bench } = call;
  bench.at('after-end', () => {
    for (const pod of bench.pods) bench.kill(pod);
    bench.clock.start(10_000, () => void bench.boot());
  });
  await bench.settle(LONGEST_S * 1000 + 5000);
  assert.deepEqual(received(bench.alice, 'BYE'), []);
  await bench.settle(10_000);
  await assertHungUp(call);
  await assertOver(bench, 'DurationLimit');
});

test('edge.md §5: a pod that sleeps between end and BYE, and wakes when another has done it, tells nothing else', async () => {
  const call = await answered({ isLimited: true });
  const { bench } = call;
  bench.at('after-end', (pod) => {
    bench.pause(pod);
    bench.clock.start(6000, () => {
      bench.resume(pod);
    });
  });
  await bench.settle(LONGEST_S * 1000 + 1000);
  await assertHungUp(call);
  await assertOver(bench, 'DurationLimit');
});

test('edge.md §3: the answers to BYEs of the switch that reach other pods are heard by the one that sent them', async () => {
  const call = await answered({ isLimited: true });
  const { bench } = call;
  let sender: SimulatedPod | undefined;
  bench.at('after-end-publish', (pod) => {
    sender = pod;
  });
  bench.prefer = () => bench.pods.find((pod) => pod !== sender);
  await bench.settle(LONGEST_S * 1000 + 1000);
  await assertHungUp(call);
  // At once and after T1, while nobody has answered yet; not once more after the answer.
  assert.ok(received(bench.alice, 'BYE').length <= 2);
  assert.ok(received(bench.carrier, 'BYE').length <= 2);
  await assertOver(bench, 'DurationLimit');
});

test('CALL-05 a pod that dies while it asks both ends: another asks them within seconds, and the call goes on', async () => {
  const { bench, a, b } = await answered({ isLimited: false });
  const askers: string[] = [];
  const { store } = bench;
  const takeDue = store.takeDue.bind(store);
  store.takeDue = async (owner, ...rest) => {
    const due = await takeDue(owner, ...rest);
    if (due.some(({ why }) => why === 'probe')) askers.push(owner);
    return due;
  };
  await bench.settle(PROBE_MS + 1000);
  assert.equal(askers.length, 1);
  const asker = bench.pods.find(({ owner }) => owner === askers[0]);
  assert.ok(asker !== undefined);
  bench.kill(asker);
  // What the dead pod asked is answered in vain.
  for (const end of [a, b]) (await bench.until(end.receive('OPTIONS'))).respond(200);
  await bench.settle(TAKEN_OVER_MS);
  assert.equal(askers.length, 2);
  for (const end of [a, b]) (await bench.until(end.receive('OPTIONS'))).respond(200);
  await bench.settle(60_000);
  assert.equal(askers.length, 2);
  const bye = a.bye();
  (await bench.until(b.receive('BYE'))).respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  await bench.settle();
  assert.ok(!bench.told.some((event) => event.includes('switch')));
  await bench.close();
});

/** A call whose caller has session timers, and refreshes nothing. */
async function unrefreshed(): Promise<AnsweredCall> {
  const bench = await PodsBench.start({ carriers: [{ dialog }] });
  const a = bench.call({ headers: { Supported: 'timer' } });
  const b = await bench.incoming();
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  return { bench, a, b };
}

for (const step of ['before-end', 'after-end', 'after-end-relay', 'after-end-publish'] as const) {
  test(`CALL-05 T2-27 a pod that dies ${step} of an expired session: its end is told once, to when the callee was there`, async () => {
    const call = await unrefreshed();
    const { bench } = call;
    bench.killAt(step);
    await bench.settle(600_000 + 500 + TAKEN_OVER_MS);
    await assertHungUp(call);
    const [ended, ...others] = bench.events.filter(({ type }) => type === 'ended');
    assert.ok(ended?.chargedToAlive === true);
    assert.equal(ended.aliveMs, ended.endedMs);
    // Told again by a sweep, where the pod died before it took the event out of the outbox.
    for (const other of others) assert.deepEqual(other, ended);
    await assertOver(bench, 'SessionExpired');
  });
}

test('CALL-05 T2-27 all pods die after the end of an expired session, others start 70 s later: its end goes as it is', async () => {
  const call = await unrefreshed();
  const { bench } = call;
  const answeredMs = bench.clock.now();
  bench.at('after-end', () => {
    for (const pod of bench.pods) bench.kill(pod);
    bench.clock.start(70_000, () => void bench.boot());
  });
  await bench.settle(600_000 + 5000);
  await bench.settle(72_000);
  await assertHungUp(call);
  const [ended] = bench.events.filter(({ type }) => type === 'ended');
  assert.ok(ended?.chargedToAlive === true);
  assert.ok(Math.abs(ended.aliveMs - answeredMs) < 1000);
  assert.ok(ended.endedMs >= answeredMs + 600_000);
  await assertOver(bench, 'SessionExpired');
});
