import assert from 'node:assert/strict';
import test from 'node:test';
import { cseq, serialize } from '@tandem/sip';
import { provesPassword, sdpBody } from '@tandem/testing';
import type { IncomingCall, IncomingRequest, OutgoingCall } from '@tandem/testing';
import type { FaultStep } from '../../src/faults.ts';
import { PodsBench } from '../support/pods-bench.ts';

const credentials = { username: 'tandem', password: 'carrier-secret' };
const contact = { Contact: '<sip:gw@10.0.1.1:5070>' };

interface AnsweredCall {
  readonly bench: PodsBench;
  readonly a: OutgoingCall;
  readonly b: IncomingCall;
}

async function answered(seed = 1): Promise<AnsweredCall> {
  const bench = await PodsBench.start({ carriers: [credentials], seed });
  const { a, b } = await bench.ringing();
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  return { bench, a, b };
}

/** Challenges what has no credentials yet. @returns the request that has them */
async function provenRequest({ bench, b }: AnsweredCall, method: string): Promise<IncomingRequest> {
  const first = await bench.until(b.receive(method));
  first.challenge({ status: 407 });
  const second = await bench.until(b.receive(method));
  assert.ok(provesPassword(second.request, credentials), serialize(second.request).toString());
  return second;
}

/** All that a carrier has got of a method with one branch is the same, byte for byte. */
function assertSameBytes({ carrier }: PodsBench, method: string): void {
  const byBranch = new Map<string, Set<string>>();
  for (const { direction, message } of carrier.transcript.lines) {
    if (direction !== 'received' || message.kind !== 'request' || message.method !== method)
      continue;
    const branch = /branch=([^;]+)/.exec(message.headers.get('Via') ?? '')?.[1] ?? '';
    const texts = byBranch.get(branch) ?? new Set();
    byBranch.set(branch, texts.add(serialize(message).toString('latin1')));
  }
  for (const texts of byBranch.values()) assert.equal(texts.size, 1, [...texts].join('\n'));
}

async function end(call: AnsweredCall, number: number): Promise<void> {
  const { bench, a } = call;
  const bye = a.bye();
  const last = await provenRequest(call, 'BYE');
  assert.equal(cseq(last.request).number, number);
  last.respond(200);
  const answer = await bench.until(bye);
  assert.equal(answer.status, 200, bench.alice.transcript.toString());
  await bench.settle();
  assert.deepEqual(bench.told, ['answered', 'ended NormalClearing 200 caller', 'noted']);
  assert.equal(await bench.heldLines(), 0);
  assert.equal((await bench.store.outbox()).length, 0);
  assertSameBytes(bench, 'BYE');
  await bench.close();
}

for (let seed = 1; seed <= 8; seed++) {
  test(`AUTH-11 T2-04 whatever pods the packets reach: a hold, an INFO and a BYE are challenged, and carried out (seed ${String(seed)})`, async () => {
    const call = await answered(seed);
    const { bench, a, b } = call;
    const hold = a.reinvite({ sdp: sdpBody({ version: 2, direction: 'sendonly' }) });
    const invite = await provenRequest(call, 'INVITE');
    assert.equal(cseq(invite.request).number, 3);
    invite.respond(200, { sdp: sdpBody({ version: 2 }), headers: contact });
    assert.equal((await bench.until(hold)).headers.get('CSeq'), '2 INVITE');
    await bench.settle(200);
    const info = a.request('INFO');
    const relayed = await bench.until(b.receive('INFO'));
    assert.equal(cseq(relayed.request).number, 4);
    relayed.respond(200);
    assert.equal((await bench.until(info)).headers.get('CSeq'), '3 INFO');
    assertSameBytes(bench, 'INVITE');
    assertSameBytes(bench, 'ACK');
    await end(call, 6);
  });
}

const steps: readonly FaultStep[] = [
  'before-challenge',
  'after-challenge',
  'after-challenge-relay',
];
for (const step of steps) {
  test(`AUTH-11 T2-04 edge.md §5: a pod that dies ${step} costs a moment, not the BYE`, async () => {
    const call = await answered();
    call.bench.killAt(step);
    await end(call, 3);
  });

  test(`AUTH-11 T2-04 edge.md §5: a pod that dies ${step} costs a moment, not the hold`, async () => {
    const call = await answered();
    const { bench, a, b } = call;
    bench.killAt(step);
    const hold = a.reinvite({ sdp: sdpBody({ version: 2, direction: 'sendonly' }) });
    const invite = await provenRequest(call, 'INVITE');
    invite.respond(200, { sdp: sdpBody({ version: 2 }), headers: contact });
    assert.equal((await bench.until(hold)).status, 200);
    await bench.settle(1000);
    const ack = await bench.until(b.ack());
    assert.ok(ack.headers.has('Proxy-Authorization'));
    assertSameBytes(bench, 'INVITE');
    await end(call, 5);
  });
}

test('AUTH-11 edge.md §5: a hold whose pod died after its caller had a 100 is 503, and the next one passes', async () => {
  const call = await answered();
  const { bench, a, b } = call;
  const [first] = bench.pods;
  assert.ok(first);
  bench.prefer = () => (first.isDead ? undefined : first);
  const hold = a.reinvite();
  const invite = await bench.until(b.receive('INVITE'));
  invite.respond(100);
  await bench.settle(100);
  bench.kill(first);
  invite.challenge({ status: 407 });
  const refused = await bench.until(hold);
  assert.equal(refused.status, 503);
  assert.ok(refused.headers.has('Retry-After'));
  await bench.settle(8000);
  const again = a.reinvite();
  const proven = await provenRequest(call, 'INVITE');
  proven.respond(200, { headers: contact });
  assert.equal((await bench.until(again)).status, 200);
  await bench.settle(1000);
  await end(call, 6);
});

test('AUTH-11 edge.md §5: a pod that was started after the challenge knows the numbers', async () => {
  const call = await answered();
  const { bench, a } = call;
  const hold = a.reinvite();
  const invite = await provenRequest(call, 'INVITE');
  invite.respond(200, { headers: contact });
  assert.equal((await bench.until(hold)).status, 200);
  await bench.settle(1000);
  for (const pod of bench.pods.slice()) bench.kill(pod);
  await bench.boot();
  await end(call, 5);
});
