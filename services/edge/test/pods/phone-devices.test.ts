import assert from 'node:assert/strict';
import test from 'node:test';
import { to } from '@tandem/sip';
import type { IncomingCall, OutgoingCall } from '@tandem/testing';
import type { FaultStep } from '../../src/faults.ts';
import { calledDevices, devicesOf } from '../support/phone-devices.ts';
import { PodsBench } from '../support/pods-bench.ts';
import type { PodsBenchOptions } from '../support/pods-bench.ts';

// A phone is registered from three devices; any pod gets any packet.

interface Ringing {
  readonly bench: PodsBench;
  readonly a: OutgoingCall;
  readonly desk: IncomingCall;
  readonly mobile: IncomingCall;
  readonly soft: IncomingCall;
  /** What the caller sees of each. */
  readonly tags: ReadonlyMap<IncomingCall, string | undefined>;
}

async function ringing(options: PodsBenchOptions = {}): Promise<Ringing> {
  const bench = await PodsBench.start({ ...devicesOf(), ...options });
  const a = bench.call();
  const [desk, mobile, soft] = await calledDevices(bench);
  assert.ok(desk !== undefined && mobile !== undefined && soft !== undefined);
  const tags = new Map<IncomingCall, string | undefined>();
  for (const device of [desk, mobile, soft]) {
    device.ring();
    tags.set(device, to(await bench.until(a.provisional(180))).tag);
  }
  assert.equal(new Set(tags.values()).size, 3);
  return { bench, a, desk, mobile, soft, tags };
}

/** Both are in the call; then the caller ends it, and nothing is left of it. */
async function assertCall(
  { bench, a }: Pick<Ringing, 'bench' | 'a'>,
  device: IncomingCall,
): Promise<void> {
  await bench.until(a.answered());
  const bye = a.bye();
  (await bench.until(device.receive('BYE'))).respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  await assertClean(bench, ['answered', 'ended NormalClearing 200 caller']);
}

async function assertClean(bench: PodsBench, told: readonly string[]): Promise<void> {
  await bench.settle();
  assert.deepEqual(bench.told.sort(), [...told].sort());
  assert.equal((await bench.store.outbox()).length, 0);
  assert.equal(bench.pendingCalls, 0);
  assert.equal(await bench.heldLines(), 0);
  assert.deepEqual(
    [0, 1, 2].map((at) => bench.invitesAt(at)),
    [1, 1, 1],
  );
  await bench.close();
}

async function killOwner(bench: PodsBench): Promise<void> {
  const [callId = ''] = (await bench.store.list(1)).callIds;
  const owner = await bench.ownerOf(callId);
  assert.ok(owner !== undefined);
  bench.kill(owner);
}

test('REG-03 all devices ring at once; the first to answer has the call, the others are told that it was answered elsewhere', async () => {
  const call = await ringing();
  const { bench, desk, mobile, soft } = call;
  mobile.answer();
  const cancels = [await bench.until(desk.cancelled()), await bench.until(soft.cancelled())];
  assert.equal(cancels.length, 2);
  await assertCall(call, mobile);
  const event = bench.events.findLast(({ type }) => type === 'ended');
  assert.deepEqual(
    event?.attempts.map(({ gateway, address, code, text }) => [gateway, address, code, text]),
    [
      ['phone 1002', '10.0.1.1:5070', 487, 'answered on another branch'],
      ['phone 1002', '10.0.1.3:5070', 487, 'answered on another branch'],
      ['phone 1002', '10.0.1.2:5070', 200, ''],
    ],
  );
  assert.equal(event.b?.peerAddress, '10.0.1.2:5070');
  const told = bench.network.sent.filter(({ bytes }) =>
    /^CANCEL[^]*Reason: SIP;cause=200;text="Call completed elsewhere"/.test(bytes.toString()),
  );
  assert.deepEqual(
    told.map(({ to: { address } }) => address),
    ['10.0.1.1', '10.0.1.3'],
  );
});

test('REG-03 busy at one waits for the others; a 603 ends the call for all', async () => {
  const { bench, a, desk, mobile, soft } = await ringing();
  desk.refuse(486);
  await bench.settle(2000);
  assert.deepEqual(bench.told, []);
  soft.refuse(603);
  assert.equal((await bench.until(a.final())).status, 603);
  await bench.until(mobile.cancelled());
  await assertClean(bench, ['ended Rejected 603 callee']);
});

test('REG-03 edge.md §5: a pod dies while three devices ring: another one takes the answer of any, and cancels the others', async () => {
  for (const winner of ['desk', 'mobile', 'soft'] as const) {
    const call = await ringing({ seed: winner.length });
    const { bench } = call;
    await killOwner(bench);
    await bench.settle(3000);
    call[winner].answer();
    const others = [call.desk, call.mobile, call.soft].filter((each) => each !== call[winner]);
    for (const other of others) await bench.until(other.cancelled());
    await assertCall(call, call[winner]);
  }
});

test('REG-03 edge.md §5: a pod dies while three devices ring: the caller’s CANCEL reaches them all by another one', async () => {
  const { bench, a, desk, mobile, soft } = await ringing();
  await killOwner(bench);
  const cancelled = a.cancel();
  assert.equal((await bench.until(a.final())).status, 487);
  await bench.until(cancelled);
  for (const device of [desk, mobile, soft]) await bench.until(device.cancelled());
  await assertClean(bench, ['ended CallerCancelled 487 caller']);
});

for (const step of [
  'before-answer',
  'after-answer',
  'after-answer-relay',
  'before-cancel',
] as const) {
  test(`REG-03 edge.md §5: a pod that dies ${step} leaves no device ringing`, async () => {
    const call = await ringing();
    const { bench, desk, mobile, soft } = call;
    bench.killAt(step satisfies FaultStep);
    mobile.answer();
    await bench.until(desk.cancelled());
    await bench.until(soft.cancelled());
    await assertCall(call, mobile);
  });
}

test('REG-03 edge.md §5: of two that answer while their pod dies one has the call, the other gets ACK and BYE', async () => {
  const { bench, a, desk, mobile, soft } = await ringing();
  bench.killAt('after-answer');
  desk.answer();
  soft.answer();
  await bench.until(a.answered());
  await bench.until(mobile.cancelled());
  await bench.settle(10_000);
  const winner = bench.events.find(({ type }) => type === 'answered')?.b?.peerAddress;
  const [kept, other, at] = winner === '10.0.1.1:5070' ? [desk, soft, 2] : [soft, desk, 0];
  (await bench.until(other.receive('BYE'))).respond(200);
  assert.ok(bench.carrierAt(at).transcript.count('received', 'ACK') > 0);
  const bye = a.bye();
  (await bench.until(kept.receive('BYE'))).respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  await assertClean(bench, ['answered', 'ended NormalClearing 200 caller']);
});

test('REG-03 each device speaks in its own early dialog, though its Contact has a reference alone', async () => {
  const { bench, desk, mobile, soft, tags } = await ringing({
    ...devicesOf([0, 0, 0], { tokens: 'stored' }),
    pods: 1,
  });
  for (const device of [mobile, desk, soft]) {
    const before = bench.network.sent.length;
    device.request('INFO').catch(() => undefined);
    await bench.settle(100);
    const info = bench.network.sent
      .slice(before)
      .map(({ bytes }) => bytes.toString())
      .find((text) => text.startsWith('INFO sip:1001@10.0.0.2'));
    assert.equal(/^From: .*;tag=(.*)\r$/m.exec(info ?? '')?.[1], tags.get(device));
  }
  await bench.close();
});

test('REG-03 the next rank rings once the first has failed, on whatever pod', async () => {
  const bench = await PodsBench.start(devicesOf([0, 1, 1]));
  const a = bench.call();
  const desk = await bench.incoming(0);
  desk.ring();
  await bench.until(a.provisional(180));
  assert.equal(bench.invitesAt(1), 0);
  await killOwner(bench);
  desk.refuse(486);
  const mobile = await bench.incoming(1);
  const soft = await bench.incoming(2);
  soft.answer();
  await bench.until(soft.ack());
  mobile.ring();
  await bench.until(mobile.cancelled());
  await assertCall({ bench, a }, soft);
});
