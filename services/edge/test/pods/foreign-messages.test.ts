import assert from 'node:assert/strict';
import test from 'node:test';
import { serialize } from '@tandem/sip';
import { EDGE, PodsBench } from '../support/pods-bench.ts';

/** Counts how often a step of the store is taken from now on. */
function counted(bench: PodsBench, name: 'adopt' | 'findClaim'): () => number {
  let count = 0;
  const step = bench.store[name].bind(bench.store) as (...given: string[]) => Promise<unknown>;
  Object.assign(bench.store, {
    [name]: (...given: string[]) => {
      count += 1;
      return step(...given);
    },
  });
  return () => count;
}

test('edge.md §3: a response whose branch is forged is dropped, and costs the store nothing', async () => {
  const bench = await PodsBench.start();
  const { a, b } = await bench.ringing();
  const asked = counted(bench, 'adopt');
  const answer = serialize(b.ring()).toString('latin1');
  const forged = answer.replace(
    /branch=z9hG4bK(.{20})(.)/,
    (_, head: string, next: string) => `branch=z9hG4bK${head}${next === 'A' ? 'B' : 'A'}`,
  );
  assert.notEqual(forged, answer);
  for (let left = 20; left > 0; left--) bench.carrier.sendRaw(forged, EDGE);
  await bench.settle(500);
  assert.equal(asked(), 0);
  assert.equal((await bench.until(a.cancel())).status, 200);
  await bench.settle();
  await bench.close();
});

test('edge.md §3: a response with our MAC, of a call that another living pod has, goes there unread; no other does', async () => {
  const bench = await PodsBench.start();
  const { a, b } = await bench.ringing();
  const owner = await bench.ownerOf(b.callId);
  const other = bench.pods.find((pod) => pod !== owner);
  assert.ok(other !== undefined && owner !== undefined);
  const ringing = serialize(b.ring()).toString('latin1');
  const isPassedOn = (pod: typeof owner, text: string): boolean =>
    pod.server.passOn(Buffer.from(text, 'latin1'), EDGE);
  assert.equal(isPassedOn(other, ringing), true);
  assert.equal(isPassedOn(owner, ringing), false);
  assert.equal(isPassedOn(other, ringing.replace('SIP/2.0 180', 'SIP/3.0 180')), false);
  assert.equal(isPassedOn(other, ringing.replace('branch=z9hG4bKA', 'branch=z9hG4bKB')), false);
  bench.kill(owner);
  await bench.settle(1600);
  assert.equal(isPassedOn(other, ringing), false);
  assert.equal((await bench.until(a.cancel())).status, 200);
  await bench.settle();
  await bench.close();
});

test('edge.md §6.3: a pod that gets the slot of a dead one owns none of its calls until it adopts them', async () => {
  const bench = await PodsBench.start({ pods: 1 });
  const { a, b } = await bench.ringing();
  const [old] = bench.pods;
  assert.ok(old !== undefined);
  const { owner } = old;
  bench.kill(old);
  await bench.settle(1600);
  const next = await bench.boot();
  const [slot] = owner.split('.');
  assert.equal(next.owner.split('.')[0], slot);
  assert.notEqual(next.owner, owner);
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  const bye = b.bye();
  (await bench.until(a.receive('BYE'))).respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  await bench.settle();
  assert.deepEqual(bench.told, ['answered', 'ended NormalClearing 200 callee']);
  await bench.close();
});

test('edge.md §6.2: a message goes to the owner that the store names while that lives, whoever is thought dead', async () => {
  const bench = await PodsBench.start();
  const { a, b } = await bench.ringing();
  const owner = await bench.ownerOf(b.callId);
  const other = bench.pods.find((pod) => pod !== owner);
  assert.ok(other !== undefined && owner !== undefined);
  // Another pod's view of the pods is behind by up to 400 ms: it does not know the owner yet.
  const pods = other.registry.pods.bind(other.registry);
  Object.assign(other.registry, {
    pods: () => pods().filter((pod) => pod.name !== owner.name),
  });
  bench.prefer = () => other;
  b.answer();
  await bench.settle(3000);
  assert.equal(await bench.ownerOf(b.callId), owner);
  Object.assign(other.registry, { pods });
  await bench.until(a.answered());
  await bench.settle(2000);
  assert.equal(bench.told.length, 1);
  await bench.close();
});

test('edge.md §3: what was handed to a pod that had died is taken back: a 2xx need not be repeated', async () => {
  const bench = await PodsBench.start();
  const { a, b } = await bench.ringing();
  const owner = await bench.ownerOf(b.callId);
  const other = bench.pods.find((pod) => pod !== owner);
  assert.ok(other !== undefined && owner !== undefined);
  bench.kill(owner);
  bench.prefer = () => other;
  const ringing = serialize(b.ring()).toString('latin1');
  // Once only, unlike any callee's.
  bench.carrier.sendRaw(ringing.replace('180 Ringing', '200 OK'), EDGE);
  await bench.until(a.answered());
  assert.deepEqual(bench.told, ['answered']);
  assert.equal(bench.invitesAt(), 1);
  await bench.close();
});

test('edge.md §3: what was handed to a pod that drains is not taken back: it deals with it before it goes', async () => {
  const bench = await PodsBench.start();
  const { a, b } = await bench.ringing();
  const owner = await bench.ownerOf(b.callId);
  const other = bench.pods.find((pod) => pod !== owner);
  assert.ok(other !== undefined && owner !== undefined);
  bench.prefer = () => other;
  const asked = counted(bench, 'adopt');
  b.answer();
  await bench.until(a.answered());
  await owner.registry.drain();
  await bench.settle(200);
  await owner.registry.leave();
  bench.kill(owner);
  await bench.settle(3000);
  assert.equal(asked(), 0);
  await bench.close();
});

test('RFC 6026 §8.7: an INVITE that is repeated after its call was answered, and even over, gets nothing from any pod', async () => {
  const bench = await PodsBench.start();
  const { a, b } = await bench.ringing();
  const repeatEverywhere = async (): Promise<void> => {
    for (const pod of bench.pods) {
      bench.prefer = () => pod;
      bench.alice.sendRaw(serialize(a.invite), EDGE);
      await bench.settle(300);
    }
    bench.prefer = undefined;
  };
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  await repeatEverywhere();
  const bye = a.bye();
  (await bench.until(b.receive('BYE'))).respond(200);
  await bench.until(bye);
  await repeatEverywhere();
  // The pod that answered it has forgotten it, the store has not.
  await bench.settle(35_000);
  await repeatEverywhere();
  await bench.settle(40_000);
  await repeatEverywhere();
  assert.equal(bench.alice.transcript.count('received', 503), 0);
  assert.equal(bench.invitesAt(), 1);
  assert.deepEqual(bench.told, ['answered', 'ended NormalClearing 200 caller']);
  await bench.close();
});

test('RFC 3261 §9.1: a CANCEL from another address than the INVITE’s is refused on any pod', async () => {
  const bench = await PodsBench.start();
  const { a, b } = await bench.ringing();
  const stranger = bench.peer('9', { address: '10.0.0.9', port: 5060 });
  const cancel = serialize(a.invite)
    .toString('latin1')
    .replace(/^INVITE/, 'CANCEL')
    .replace(/CSeq: (\d+) INVITE/, 'CSeq: $1 CANCEL')
    .replace(/Content-Length: \d+\r\n\r\n[^]*$/, 'Content-Length: 0\r\n\r\n');
  for (let left = 6; left > 0; left--) stranger.sendRaw(cancel, EDGE);
  await bench.settle(500);
  assert.equal(bench.pendingCalls, 1);
  b.answer();
  await bench.until(a.answered());
  await stranger.close();
  await bench.close();
});

test('edge.md §3: a repeated INVITE, its CANCEL and the ACK of its refusal find their call from any pod', async () => {
  const bench = await PodsBench.start();
  for (let round = 0; round < 6; round++) {
    const { a, b } = await bench.ringing();
    bench.alice.sendRaw(serialize(a.invite), EDGE);
    assert.equal((await bench.until(a.cancel())).status, 200);
    assert.equal((await bench.until(a.final())).status, 487);
    await bench.until(b.cancelled());
    await bench.settle(2000);
  }
  assert.equal(bench.invitesAt(), 6);
  // Each 487 once, and its ACK has ended the repetitions.
  assert.equal(bench.alice.transcript.count('received', 487), 6);
  await bench.settle();
  await bench.close();
});
