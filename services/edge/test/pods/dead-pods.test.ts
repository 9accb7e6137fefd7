import assert from 'node:assert/strict';
import test from 'node:test';
import type { AuthenticateRequest } from '@tandem/proto/auth';
import type { AuthenticateReply } from '@tandem/proto/edge-replies';
import { serialize } from '@tandem/sip';
import type { FaultStep } from '../../src/faults.ts';
import { allowed, challenged } from '../support/call-samples.ts';
import { ringTimer } from '../support/call-samples.ts';
import { assertClean, complete } from '../support/pod-calls.ts';
import { PodsBench } from '../support/pods-bench.ts';
import type { SimulatedPod } from '../support/simulated-pod.ts';

/** For how long a carrier may ring before the next one is tried. */
const RINGS_MS = 20_000;
const RINGS_BRIEFLY_MS = 6000;
const ANSWERED = ['answered', 'ended NormalClearing 200 caller'];

/** INVITEs that a carrier has seen with the same branch are the same, byte for byte. */
function assertSameInvites(bench: PodsBench, at = 0): number {
  const invites = bench
    .carrierAt(at)
    .transcript.lines.flatMap(({ direction, message }) =>
      direction === 'received' && message.kind === 'request' && message.method === 'INVITE'
        ? [serialize(message).toString('latin1')]
        : [],
    );
  assert.equal(new Set(invites).size, 1, invites.join('\n'));
  return invites.length;
}

const beforeRinging: readonly FaultStep[] = [
  'after-authenticate',
  'after-claim',
  'after-route',
  'after-write-ahead',
  'after-trying',
  'after-invite',
];
for (const step of beforeRinging) {
  test(`edge.md §5: a pod that dies ${step} costs a moment, not the call`, async () => {
    const bench = await PodsBench.start();
    bench.killAt(step);
    const a = bench.call();
    const b = await bench.incoming();
    b.ring();
    await bench.until(a.provisional(180));
    await complete(bench, a, b);
    assertSameInvites(bench);
    await assertClean(bench, ANSWERED);
  });
}

test('edge.md §5: the INVITE to a target with a path is the same from the pod that goes on with it', async () => {
  const target = {
    uri: 'sip:1002@10.1.1.1:33000;ob',
    transport: 'udp',
    addresses: ['10.0.1.1:5070'],
    flow: '',
    path: ['<sip:proxy.example;lr>'],
  };
  const bench = await PodsBench.start({ carriers: [{ targets: [target] }] });
  bench.killAt('after-invite');
  const a = bench.call();
  const b = await bench.incoming();
  assert.deepEqual(b.invite.headers.getAll('Route'), target.path);
  await bench.settle(3000);
  b.ring();
  await bench.until(a.provisional(180));
  await complete(bench, a, b);
  assert.ok(assertSameInvites(bench) > 1);
  await assertClean(bench, ANSWERED);
});

test('edge.md §5: a pod that dies while routing is slow leaves a stub, from which another asks again', async () => {
  const bench = await PodsBench.start();
  const { route } = bench;
  bench.route = async (request) => {
    bench.route = route;
    await bench.clock.sleep(1500);
    return route(request);
  };
  bench.killAt('after-stub');
  const a = bench.call();
  const b = await bench.incoming();
  await complete(bench, a, b);
  assertSameInvites(bench);
  await assertClean(bench, ANSWERED);
});

test('edge.md §5: a pod that dies with a call that rings: the next message of the callee has it adopted', async () => {
  const bench = await PodsBench.start();
  bench.killAt('after-provisional');
  const { a, b } = await bench.ringing();
  await bench.settle(1600);
  await complete(bench, a, b);
  await assertClean(bench, ANSWERED);
});

test('edge.md §5: a callee that keeps silent is taken over by a sweep within 2 s, its ring timer too', async () => {
  const bench = await PodsBench.start({ carriers: [{ timers: ringTimer(RINGS_MS) }] });
  const { a, b } = await bench.ringing();
  const beganMs = bench.clock.now();
  await bench.settle(5000);
  const owner = await bench.ownerOf(b.callId);
  assert.ok(owner !== undefined);
  bench.kill(owner);
  await bench.settle(2500);
  assert.notEqual(await bench.ownerOf(b.callId), undefined);
  assert.equal(assertSameInvites(bench), 2);
  assert.equal((await bench.until(a.final())).status, 408);
  const tookMs = bench.clock.now() - beganMs;
  assert.ok(Math.abs(tookMs - RINGS_MS) < 1000, String(tookMs));
  await bench.until(b.cancelled());
  await assertClean(bench, ['ended GatewayTimeout 408 switch']);
});

test('edge.md §5: ten pods die one after the other while a call rings, and it is answered all the same', async () => {
  const bench = await PodsBench.start();
  const { a, b } = await bench.ringing();
  for (let left = 10; left > 0; left--) {
    const owner = await bench.ownerOf(b.callId);
    if (owner !== undefined) bench.kill(owner);
    await bench.boot();
    await bench.settle(3000);
  }
  await complete(bench, a, b);
  assertSameInvites(bench);
  await assertClean(bench, ANSWERED);
});

for (const step of ['after-write-ahead', 'after-switch'] as const) {
  test(`edge.md §5: a pod that dies between two attempts, ${step}: the adopter goes on with the next`, async () => {
    const bench = await PodsBench.start({ carriers: [{}, {}] });
    const a = bench.call();
    const first = await bench.incoming(0);
    bench.killAt(step);
    first.refuse(503);
    const b = await bench.incoming(1);
    b.ring();
    await complete(bench, a, b);
    assert.equal(bench.invitesAt(0), 1);
    assert.equal(bench.invitesAt(1), 1);
    await assertClean(bench, ANSWERED);
    const [answered] = bench.events;
    assert.deepEqual(
      answered?.attempts.map(({ gateway, code }) => `${gateway} ${String(code)}`),
      ['carrier-a 503', 'carrier-b 200'],
    );
  });
}

for (const step of ['before-cancel', 'after-cancel'] as const) {
  test(`edge.md §5: a pod that dies ${step} of a carrier that rang for too long: it is cancelled, the next is tried`, async () => {
    const carriers = [{ timers: ringTimer(RINGS_BRIEFLY_MS) }, {}];
    const bench = await PodsBench.start({ carriers });
    const a = bench.call();
    const first = await bench.incoming(0);
    bench.killAt(step);
    first.ring();
    await bench.until(first.cancelled());
    const b = await bench.incoming(1);
    await complete(bench, a, b);
    assert.equal(bench.invitesAt(0), 1);
    await assertClean(bench, ANSWERED);
  });
}

for (const step of ['before-answer', 'after-answer', 'after-answer-relay'] as const) {
  test(`edge.md §5: a pod that dies ${step}: the callee repeats its 200, which is stored and told once`, async () => {
    const bench = await PodsBench.start();
    const { a, b } = await bench.ringing();
    bench.killAt(step);
    await complete(bench, a, b);
    await assertClean(bench, ANSWERED);
  });
}

test('edge.md §5: the 200 that another pod makes again is the one that the first has sent', async () => {
  const bench = await PodsBench.start();
  const a = bench.call({ isAckAutomatic: false });
  const b = await bench.incoming();
  bench.killAt('after-answer-relay');
  b.answer();
  await bench.until(a.answered());
  await bench.settle(8000);
  const answers = bench.alice.transcript.lines.flatMap(({ direction, message }) =>
    direction === 'received' && message.kind === 'response' && message.status === 200
      ? [serialize(message).toString('latin1')]
      : [],
  );
  assert.ok(answers.length > 2);
  assert.equal(new Set(answers).size, 1, answers.join('\n'));
  a.acknowledge();
  await bench.until(b.ack());
  const bye = a.bye();
  (await bench.until(b.receive('BYE'))).respond(200);
  await bench.until(bye);
  await assertClean(bench, ANSWERED);
});

for (const step of [
  'before-end',
  'after-end',
  'before-cancel',
  'after-cancel',
  'after-end-relay',
] as const) {
  test(`edge.md §5: a pod that dies ${step} of a cancelled call: 487 once, and the carrier does not ring on`, async () => {
    const bench = await PodsBench.start();
    const { a, b } = await bench.ringing();
    bench.killAt(step);
    const cancelled = a.cancel();
    assert.equal((await bench.until(cancelled)).status, 200);
    assert.equal((await bench.until(a.final())).status, 487);
    await bench.until(b.cancelled());
    await assertClean(bench, ['ended CallerCancelled 487 caller']);
  });
}

for (const step of ['before-end', 'after-end', 'after-end-relay'] as const) {
  test(`edge.md §5: a pod that dies ${step} of a call that is refused: its caller hears why, once`, async () => {
    const bench = await PodsBench.start();
    const { a, b } = await bench.ringing();
    bench.killAt(step);
    b.refuse(486);
    const final = await bench.until(a.final());
    assert.equal(final.status, 486);
    await assertClean(bench, ['ended Rejected 486 callee']);
  });
}

test('edge.md §5: a pod that dies after the end of a call that auth refuses: the INVITE again gets the same answer', async () => {
  const bench = await PodsBench.start();
  bench.route = () => Promise.reject(new Error('away'));
  bench.killAt('after-end');
  const a = bench.call();
  assert.equal((await bench.until(a.final())).status, 503);
  await assertClean(bench, ['ended ServiceUnavailable 503 switch']);
});

test('edge.md §5: an early dialog is left with BYE, whose pod dies before the end: another cancels', async () => {
  const bench = await PodsBench.start();
  const { a, b } = await bench.ringing();
  bench.killAt('before-end');
  const bye = a.bye();
  assert.equal((await bench.until(bye)).status, 200);
  assert.equal((await bench.until(a.final())).status, 487);
  await bench.until(b.cancelled());
  await assertClean(bench, ['ended CallerCancelled 487 caller']);
});

test('edge.md §5: a paused pod that wakes finds its call adopted, and says not a word more', async () => {
  const bench = await PodsBench.start();
  const { a, b } = await bench.ringing();
  const owner = await bench.ownerOf(b.callId);
  assert.ok(owner !== undefined);
  bench.pause(owner);
  await bench.settle(4000);
  const adopter = await bench.ownerOf(b.callId);
  assert.notEqual(adopter, owner);
  bench.resume(owner);
  await bench.settle(1000);
  assert.equal(owner.server.pendingCalls, 0);
  await complete(bench, a, b);
  assertSameInvites(bench);
  await assertClean(bench, ANSWERED);
});

test('edge.md §5: a pod that is paused at its ring timer does not cancel what another goes on with', async () => {
  const bench = await PodsBench.start({ carriers: [{ timers: ringTimer(RINGS_BRIEFLY_MS) }] });
  const { a, b } = await bench.ringing();
  const owner = await bench.ownerOf(b.callId);
  assert.ok(owner !== undefined);
  bench.pause(owner);
  await bench.settle(5000);
  b.answer();
  await bench.until(a.answered());
  await bench.settle(3000);
  bench.resume(owner);
  await bench.settle(2000);
  assert.equal(bench.carrier.transcript.count('received', 'CANCEL'), 0);
  const bye = a.bye();
  (await bench.until(b.receive('BYE'))).respond(200);
  await bench.until(bye);
  await assertClean(bench, ANSWERED);
});

for (const step of ['after-write-ahead', 'after-invite'] as const) {
  test(`DENY-17 edge.md §5: a pod that pauses ${step} and dies as it wakes leaves its lease to run out: a CANCEL ends the call`, async () => {
    const bench = await PodsBench.start({ seed: 0, carriers: [{}, {}] });
    bench.killAt('after-provisional');
    let sleeper: SimulatedPod | undefined;
    bench.at(step, (pod) => {
      sleeper = pod;
      bench.pause(pod);
      bench.clock.start(700, () => {
        bench.resume(pod);
      });
    });
    const { a, b } = await bench.ringing();
    assert.equal(sleeper?.isDead, true);
    assert.equal((await bench.until(a.cancel())).status, 200);
    assert.equal((await bench.until(a.final())).status, 487);
    await bench.until(b.cancelled());
    assert.equal(bench.members.isAlive(sleeper.owner), false);
    await assertClean(bench, ['ended CallerCancelled 487 caller']);
  });
}

test('BILL-03 edge.md §4.2: a BYE waits for a pod that slept while it stored the answer: the callee gets it, and the call ends once', async () => {
  const bench = await PodsBench.start();
  const { a, b } = await bench.ringing();
  let sleeper: SimulatedPod | undefined;
  bench.at('before-answer', (pod) => {
    sleeper = pod;
    bench.pause(pod);
    bench.clock.start(4000, () => {
      bench.resume(pod);
    });
  });
  b.answer();
  // Another pod passes on what the carrier repeats.
  await bench.until(a.answered());
  await bench.until(b.ack());
  assert.equal(sleeper?.isUp, false);
  bench.prefer = () => sleeper;
  const bye = a.bye();
  (await bench.until(b.receive('BYE'))).respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  await assertClean(bench, ANSWERED);
});

test('edge.md §5: all pods die at once while a call rings, others start 5 s later and it goes on', async () => {
  const bench = await PodsBench.start();
  const { a, b } = await bench.ringing();
  for (const pod of bench.pods) bench.kill(pod);
  await bench.settle(5000);
  for (let left = 3; left > 0; left--) await bench.boot();
  await bench.settle(3000);
  await complete(bench, a, b);
  assertSameInvites(bench);
  await assertClean(bench, ANSWERED);
});

test('edge.md §5: a carrier that challenged is not challenged again by the adopter: the same credentials, the same INVITE', async () => {
  const carriers = [{ username: 'tandem', password: 'secret' }];
  const bench = await PodsBench.start({ carriers });
  const a = bench.call();
  const first = await bench.incoming();
  // It has sent the INVITE with credentials.
  bench.killAt('after-invite');
  first.challenge();
  const b = await bench.incoming();
  await bench.settle(3000);
  assert.ok(b.proves({ username: 'tandem', password: 'secret' }));
  await complete(bench, a, b);
  assert.equal(bench.invitesAt(), 2);
  await assertClean(bench, ANSWERED);
});

test('edge.md §5: a 2xx of another fork after the answering pod died is acknowledged and hung up', async () => {
  const bench = await PodsBench.start();
  const { a, b } = await bench.ringing();
  bench.killAt('after-answer-relay');
  const answer = b.answer();
  await bench.until(a.answered());
  const fork = serialize(answer)
    .toString('latin1')
    .replace(/(\r\nTo: [^\r]*;tag=)[^\r;]+/, '$1otherfork');
  await bench.settle(2000);
  bench.carrier.sendRaw(fork, { address: '10.0.0.1', port: 5060 });
  await bench.settle(2000);
  const byes = bench.carrier.transcript.lines.filter(
    ({ direction, message }) =>
      direction === 'received' &&
      message.kind === 'request' &&
      message.method === 'BYE' &&
      (message.headers.get('To') ?? '').includes('otherfork'),
  );
  assert.ok(byes.length > 0, bench.carrier.transcript.toString());
  const bye = a.bye();
  (await bench.until(b.receive('BYE'))).respond(200);
  await bench.until(bye);
  await bench.settle();
  assert.deepEqual(bench.told.sort(), ANSWERED);
  await bench.close();
});

test('edge.md §5: a claim that was taken over keeps its call id, one pod sends the INVITE, and who wakes up says nothing', async () => {
  const bench = await PodsBench.start();
  let claimer: SimulatedPod | undefined;
  bench.at('after-claim', (pod) => {
    claimer = pod;
    bench.pause(pod);
  });
  const { a, b } = await bench.ringing();
  await bench.settle(1000);
  assert.ok(claimer !== undefined);
  bench.resume(claimer);
  await bench.settle(1000);
  // What reaches the sleeper comes late, so the INVITE may be repeated until then; not afterwards.
  const invites = assertSameInvites(bench);
  await bench.settle(4000);
  assert.equal(assertSameInvites(bench), invites);
  assert.equal((await bench.until(a.cancel())).status, 200);
  assert.equal((await bench.until(a.final())).status, 487);
  await bench.until(b.cancelled());
  await assertClean(bench, ['ended CallerCancelled 487 caller']);
});

/** Auth answers all but the first, whose answer does not come; the pod that asked is paused. */
function firstUnanswered(
  bench: PodsBench,
  then: (request: AuthenticateRequest) => AuthenticateReply,
): () => SimulatedPod {
  let asker: SimulatedPod | undefined;
  bench.authenticate = (request) => {
    if (asker !== undefined) return Promise.resolve(then(request));
    asker = bench.running;
    if (asker !== undefined) bench.pause(asker);
    return new Promise((_, reject) => {
      bench.clock.start(4000, () => {
        reject(new Error('deadline exceeded'));
      });
    });
  };
  return () => {
    assert.ok(asker !== undefined);
    return asker;
  };
}

test('edge.md §5: a pod that was paused while auth was asked does not refuse what another has served', async () => {
  const bench = await PodsBench.start();
  const asker = firstUnanswered(bench, () => allowed());
  const { a, b } = await bench.ringing();
  await bench.settle(5000);
  bench.resume(asker());
  await bench.settle(1000);
  await complete(bench, a, b);
  assert.equal(bench.alice.transcript.count('received', 503), 0);
  await assertClean(bench, ANSWERED);
});

test('edge.md §5: a pod that was paused while auth was asked does not refuse what another has challenged', async () => {
  const bench = await PodsBench.start();
  const asker = firstUnanswered(bench, () => challenged());
  const a = bench.call();
  assert.equal((await bench.until(a.final())).status, 407);
  await bench.settle(5000);
  bench.resume(asker());
  await bench.settle(5000);
  assert.equal(bench.alice.transcript.count('received', 503), 0);
  await assertClean(bench, []);
});

test('edge.md §5: a pod that was paused past the deadline of auth, and has its lease again, records no 503 beside a challenge', async () => {
  const bench = await PodsBench.start();
  const asker = firstUnanswered(bench, () => challenged());
  const a = bench.call();
  assert.equal((await bench.until(a.final())).status, 407);
  await bench.settle(5000);
  bench.members.revive(asker().owner);
  bench.resume(asker());
  await bench.settle(5000);
  assert.equal(bench.alice.transcript.count('received', 503), 0);
  await assertClean(bench, []);
});

test('DENY-19 auth is away from one pod alone: the INVITE that it cannot decide is served by another', async () => {
  const bench = await PodsBench.start();
  let isFirst = true;
  bench.authenticate = () => {
    if (!isFirst) return Promise.resolve(allowed());
    isFirst = false;
    return new Promise((_, reject) => {
      bench.clock.start(4000, () => {
        reject(new Error('deadline exceeded'));
      });
    });
  };
  const { a, b } = await bench.ringing();
  await bench.settle(5000);
  await complete(bench, a, b);
  await assertClean(bench, ANSWERED);
});

test('edge.md §5: a pod that starts again at once has the calls of its former self, and hands itself nothing', async () => {
  const bench = await PodsBench.start();
  const { a, b } = await bench.ringing();
  const old = await bench.ownerOf(b.callId);
  assert.ok(old !== undefined);
  bench.kill(old);
  const next = await bench.boot(old.name);
  bench.prefer = () => next;
  b.answer();
  await bench.settle(700);
  await bench.until(a.answered());
  await bench.until(b.ack());
  const bye = a.bye();
  (await bench.until(b.receive('BYE'))).respond(200);
  await bench.until(bye);
  await assertClean(bench, ANSWERED);
});
