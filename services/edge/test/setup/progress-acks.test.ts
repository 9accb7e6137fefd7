import assert from 'node:assert/strict';
import test from 'node:test';
import { cseq } from '@tandem/sip';
import type { IncomingCall, IncomingRequest } from '@tandem/testing';
import { EdgeBench } from '../support/edge-bench.ts';
import { PodsBench } from '../support/pods-bench.ts';

/** A provisional response that a carrier wants acknowledged, though its INVITE does not support it. */
function reliably(b: IncomingCall, rseq: number): void {
  b.progress(undefined, { headers: { Require: '100rel', RSeq: String(rseq) } });
}

/** What the carrier is told of which response, in which number of its dialog. */
function said({ request }: IncomingRequest): string {
  return `${request.headers.get('RAck') ?? ''} in ${String(cseq(request).number)}`;
}

test('CALL-02 the switch acknowledges what a carrier wants acknowledged though the caller cannot; the caller is counted on behind', async () => {
  const bench = new EdgeBench();
  const a = bench.call();
  const b = await bench.incoming();
  reliably(b, 7);
  assert.equal((await bench.until(a.provisional(183))).headers.has('RSeq'), false);
  const first = await bench.until(b.receive('PRACK'));
  assert.equal(said(first), '7 1 INVITE in 2');
  // Repeated before it has its PRACK, and one that comes too early: nothing more is said.
  reliably(b, 7);
  reliably(b, 9);
  first.respond(200);
  reliably(b, 8);
  const second = await bench.until(b.receive('PRACK'));
  assert.equal(said(second), '8 1 INVITE in 3');
  second.respond(200);
  b.answer();
  await bench.until(a.answered());
  assert.equal(cseq(await bench.until(b.ack())).number, 1);
  const bye = a.bye();
  const last = await bench.until(b.receive('BYE'));
  assert.equal(cseq(last.request).number, 4);
  last.respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  await bench.settle();
  assert.equal(bench.carrier.transcript.count('received', 'PRACK'), 2);
  await bench.close();
});

test('CALL-02 a PRACK is repeated until it is answered, after ringing that nobody counts as well', async () => {
  const bench = new EdgeBench();
  const a = bench.call();
  const b = await bench.incoming();
  b.ring();
  await bench.until(a.provisional(180));
  reliably(b, 1);
  const prack = await bench.until(b.receive('PRACK'));
  await bench.settle(1600);
  assert.equal(bench.carrier.transcript.count('received', 'PRACK'), 3);
  prack.respond(200);
  await bench.settle(10_000);
  assert.equal(bench.carrier.transcript.count('received', 'PRACK'), 3);
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  const bye = a.bye();
  const last = await bench.until(b.receive('BYE'));
  assert.equal(cseq(last.request).number, 3);
  last.respond(200);
  await bench.until(bye);
  await bench.close();
});

test('RFC 3262 §5: an offer in a reliable response is the caller’s to answer: the switch says nothing', async () => {
  const bench = new EdgeBench();
  const a = bench.call({ sdp: null });
  const b = await bench.incoming();
  reliably(b, 1);
  await bench.until(a.provisional(183));
  await bench.settle(1000);
  assert.equal(bench.carrier.transcript.count('received', 'PRACK'), 0);
  await bench.close();
});

test('CALL-06 while the store is away no provisional response is acknowledged; its repetition is', async () => {
  const bench = new EdgeBench();
  const a = bench.call();
  const b = await bench.incoming();
  bench.breakStore('number');
  reliably(b, 1);
  await bench.until(a.provisional(183));
  await bench.settle(100);
  bench.breakStore();
  assert.equal(bench.carrier.transcript.count('received', 'PRACK'), 0);
  reliably(b, 1);
  (await bench.until(b.receive('PRACK'))).respond(200);
  await bench.close();
});

for (const isAcknowledged of [false, true]) {
  const when = isAcknowledged ? 'after the PRACK' : 'before the PRACK';
  test(`CALL-06 a pod that dies ${when} of the switch: the call is answered, and ended by its caller`, async () => {
    const bench = await PodsBench.start();
    if (!isAcknowledged) bench.killAt('after-provisional');
    const a = bench.call();
    const b = await bench.incoming();
    const owner = await bench.ownerOf(b.invite.headers.get('Call-ID') ?? '');
    assert.ok(owner !== undefined);
    reliably(b, 1);
    await bench.until(a.provisional(183));
    if (!isAcknowledged) {
      await bench.settle(500);
      // Its PRACK has not come.
      reliably(b, 1);
    }
    const prack = await bench.until(b.receive('PRACK'));
    prack.respond(200);
    if (isAcknowledged) bench.kill(owner);
    b.answer();
    await bench.until(a.answered());
    await bench.until(b.ack());
    const info = a.request('INFO');
    const asked = await bench.until(b.receive('INFO'));
    assert.ok(cseq(asked.request).number > cseq(prack.request).number);
    asked.respond(200);
    assert.equal((await bench.until(info)).status, 200);
    const bye = a.bye();
    const last = await bench.until(b.receive('BYE'));
    assert.ok(cseq(last.request).number > cseq(asked.request).number);
    last.respond(200);
    assert.equal((await bench.until(bye)).status, 200);
    await bench.settle();
    assert.equal(bench.told.filter((event) => event.startsWith('ended')).length, 1);
    assert.equal(await bench.heldLines(), 0);
    await bench.close();
  });
}
