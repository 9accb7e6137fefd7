import assert from 'node:assert/strict';
import test from 'node:test';
import { silentLogger } from '@tandem/service';
import { serialize } from '@tandem/sip';
import { sdpBody } from '@tandem/testing';
import type { FaultStep } from '../../src/faults.ts';
import { LeftMedia } from '../../src/left-media.ts';
import { RelayRounds } from '../../src/relay-rounds.ts';
import { assertClean, complete, hangUp } from '../support/pod-calls.ts';
import { PodsBench } from '../support/pods-bench.ts';
import type { PodsBenchOptions } from '../support/pods-bench.ts';
import { RELAYS, SimulatedRelays, anchoredPlan, relayIn } from '../support/simulated-relays.ts';

async function anchoring(
  carriers: PodsBenchOptions['carriers'] = [{ media: anchoredPlan() }],
): Promise<{ bench: PodsBench; relays: SimulatedRelays }> {
  let relays: SimulatedRelays | undefined;
  const bench = await PodsBench.start({
    carriers,
    relays: (clock) => (relays = new SimulatedRelays(clock)),
  });
  assert.ok(relays !== undefined);
  return { bench, relays };
}

const ANSWERED = ['answered', 'ended NormalClearing 200 caller'];
const steps: readonly FaultStep[] = [
  'after-write-ahead',
  'after-trying',
  'after-invite',
  'after-provisional',
  'after-answer',
  'after-answer-relay',
  'before-end',
  'after-end',
  'after-end-relay',
];

for (const step of steps) {
  test(`CALL-06 CALL-08 a pod that dies ${step} leaves the media where it is, and none at the relay after the end`, async () => {
    const { bench, relays } = await anchoring();
    bench.killAt(step);
    const a = bench.call();
    const b = await bench.incoming();
    b.ring();
    await bench.until(a.provisional(180));
    b.answer();
    const answer = await bench.until(a.answered());
    await bench.until(b.ack());
    const relay = relayIn(b.invite);
    assert.notEqual(relay, '');
    assert.equal(relayIn(answer), relay);
    const invites = bench.carrier.transcript.lines.flatMap(({ direction, message }) =>
      direction === 'received' && message.kind === 'request' && message.method === 'INVITE'
        ? [serialize(message).toString('latin1')]
        : [],
    );
    assert.equal(new Set(invites).size, 1);
    const held = b.reinvite({ sdp: sdpBody({ port: 40_002, version: 2 }) });
    const incoming = await bench.until(a.receive('INVITE'));
    assert.equal(relayIn(incoming.request), relay);
    incoming.respond(200, {
      sdp: sdpBody({ version: 2 }),
      headers: { Contact: '<sip:1001@10.0.0.2:5062>' },
    });
    assert.equal(relayIn(await bench.until(held)), relay);
    await bench.until(a.ack());
    await hangUp(bench, a, b);
    await assertClean(bench, ANSWERED);
    assert.deepEqual(
      RELAYS.flatMap((host) => relays.calls(host)),
      [],
    );
    const offers = relays.asked.filter(({ command }) => command.command === 'offer');
    assert.equal(new Set(offers.map(({ command }) => command['call-id'])).size, 1);
  });
}

test('CALL-06 CALL-08 the figures of a call whose pod died with its end stored are asked for by whoever gets the BYE again', async () => {
  const { bench } = await anchoring();
  bench.killAt('after-end');
  const { a, b } = await bench.ringing();
  await complete(bench, a, b);
  await assertClean(bench, ANSWERED);
  const ended = bench.events.filter(({ type }) => type === 'ended');
  assert.deepEqual(
    ended.map(({ media }) => media?.a?.packets),
    [500],
  );
});

test('CALL-06 CALL-08 what a pod has anchored for the next gateway and died before it was stored is found at the relay after the end', async () => {
  const { bench, relays } = await anchoring([{ media: anchoredPlan() }, { media: anchoredPlan() }]);
  // That of the second attempt.
  bench.killAt('after-anchor', 1);
  const a = bench.call();
  const b = await bench.incoming();
  b.ring();
  await bench.until(a.provisional(180));
  b.refuse(500);
  for (let left = 20; left > 0 && !bench.pods.some(({ isDead }) => isDead); left--) {
    await bench.settle(5);
  }
  assert.ok(bench.pods.some(({ isDead }) => isDead));
  await bench.until(a.cancel());
  assert.equal((await bench.until(a.final())).status, 487);
  await bench.settle(2000);
  const callsAt = (): string[] => RELAYS.flatMap((host) => relays.calls(host));
  assert.match(callsAt().join(), /^[^,]+-2$/);
  const { clock, store } = bench;
  const parts = { media: relays.media, clock, logger: silentLogger() };
  const looks = [new LeftMedia({ ...parts, store })];
  const rounds = new RelayRounds({ ...parts, looks, pods: () => [], own: () => 0 });
  rounds.start();
  await bench.settle(30_000);
  assert.deepEqual(callsAt(), []);
  await rounds.stop();
  await bench.close();
});

for (const step of ['after-end', 'after-end-relay'] as const) {
  test(`CALL-06 CALL-08 a pod that dies ${step} of a call that a carrier has refused leaves nothing at the relay`, async () => {
    const { bench, relays } = await anchoring();
    bench.killAt(step);
    const a = bench.call();
    const b = await bench.incoming();
    b.refuse(486);
    assert.equal((await bench.until(a.final())).status, 486);
    await bench.settle();
    assert.deepEqual(
      RELAYS.flatMap((host) => relays.calls(host)),
      [],
    );
    await bench.close();
  });
}

test('CALL-08 an adopter of a cancelled call has its media forgotten too', async () => {
  const { bench, relays } = await anchoring();
  const { a, b } = await bench.ringing();
  const [owner] = bench.pods.filter((pod) => pod.server.pendingCalls > 0);
  assert.ok(owner !== undefined);
  bench.kill(owner);
  await bench.until(a.cancel());
  assert.equal((await bench.until(a.final())).status, 487);
  await bench.until(b.cancelled());
  await assertClean(bench, ['ended CallerCancelled 487 caller']);
  assert.deepEqual(
    RELAYS.flatMap((host) => relays.calls(host)),
    [],
  );
});
