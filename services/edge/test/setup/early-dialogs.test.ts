import assert from 'node:assert/strict';
import test from 'node:test';
import { from, to } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import { ForkedCallee } from '@tandem/testing';
import type { InviteOptions, OutgoingCall } from '@tandem/testing';
import { isForkTag } from '../../src/core/marks/dialog-tag.ts';
import { EdgeBench } from '../support/edge-bench.ts';
import type { EdgeBenchOptions } from '../support/edge-bench.ts';
import { prack, prackable, requestIn, tagOf } from '../support/forks.ts';

/** A call that a proxy behind the carrier has taken to two callees. */
interface Forked {
  readonly bench: EdgeBench;
  readonly a: OutgoingCall;
  readonly one: ForkedCallee;
  readonly two: ForkedCallee;
  readonly fork: (tag: string) => ForkedCallee;
}

async function forked(
  call: Partial<InviteOptions> = { headers: prackable },
  options: EdgeBenchOptions = {},
): Promise<Forked> {
  const bench = new EdgeBench(options);
  const a = bench.call(call);
  const b = await bench.incoming();
  const fork = (tag: string): ForkedCallee => new ForkedCallee(bench.carrier, b, tag);
  return { bench, a, one: fork('one'), two: fork('two'), fork };
}

/** Both ring, and the caller has a dialog with each. */
async function ringing({
  bench,
  a,
  one,
  two,
}: Omit<Forked, 'fork'>): Promise<readonly [SipResponse, SipResponse]> {
  one.ring();
  const first = await bench.until(a.provisional(180));
  two.ring();
  return [first, await bench.until(a.provisional(180))];
}

/** The caller acknowledges a reliable response, and the callee the PRACK. */
async function acknowledged(
  { bench, a }: Forked,
  fork: ForkedCallee,
  response: SipResponse,
): Promise<string | undefined> {
  const answer = prack(a, response);
  const incoming = await bench.until(fork.receive('PRACK'));
  incoming.respond(200);
  const ok = await bench.until(answer);
  assert.equal(ok.status, 200);
  assert.equal(tagOf(ok), tagOf(response));
  return incoming.request.headers.get('RAck');
}

test('CALL-02 T2-01 each callee behind an INVITE has a dialog of its own with the caller, and RSeq counts in it', async () => {
  const call = await forked();
  const { bench, a, one, two } = call;
  one.reliably(1);
  const first = await bench.until(a.provisional(183));
  assert.equal(await acknowledged(call, one, first), '1 1 INVITE');
  two.reliably(1);
  const second = await bench.until(a.provisional(183));
  assert.notEqual(tagOf(second), tagOf(first));
  assert.notEqual(second.headers.get('Contact'), first.headers.get('Contact'));
  assert.deepEqual(
    [first, second].map(({ headers }) => headers.get('RSeq')),
    ['1', '1'],
  );
  assert.deepEqual(
    [first, second].map(({ body }) => body.toString()),
    [one.sdp, two.sdp],
  );
  assert.equal(await acknowledged(call, two, second), '1 1 INVITE');
  // Each counts on for itself.
  one.reliably(2);
  const third = await bench.until(a.provisional(183));
  assert.equal(tagOf(third), tagOf(first));
  assert.equal(await acknowledged(call, one, third), '2 1 INVITE');
  two.answer();
  const answer = await bench.until(a.answered());
  assert.equal(tagOf(answer), tagOf(second));
  await bench.settle(100);
  assert.equal(two.received('ACK').length, 1);
  const bye = a.bye();
  (await bench.until(two.receive('BYE'))).respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  await bench.settle();
  assert.deepEqual(bench.told, ['answered', 'ended NormalClearing 200 caller']);
  await bench.close();
});

test('CALL-02 a call with one callee has one To tag, that of the call, in whatever it is told', async () => {
  for (const final of ['answer', 'refuse'] as const) {
    const bench = new EdgeBench();
    const a = bench.call();
    const b = await bench.incoming();
    b.progress();
    const progress = await bench.until(a.provisional(183));
    b.ring();
    const ring = await bench.until(a.provisional(180));
    if (final === 'answer') b.answer();
    else b.refuse(486);
    const last = await bench.until(a.final());
    assert.equal(new Set([progress, ring, last].map(tagOf)).size, 1);
    assert.ok(!isForkTag(tagOf(ring)));
    assert.equal(tagOf(ring).length, 28);
    assert.ok(!bench.storeSteps().includes('saveTokens'));
    const writes = bench.storeSteps().filter((step) => step === 'writeAhead');
    assert.equal(writes.length, 1);
    await bench.settle();
    await bench.close();
  }
});

test('CALL-02 180 without a To tag opens no dialog: the callee that has one later is the first', async () => {
  const { bench, a, one, two } = await forked();
  one.ring(180, { To: '<sip:442079460000@10.0.1.1:5070>' });
  const untagged = await bench.until(a.provisional(180));
  two.ring(183);
  const second = await bench.until(a.provisional(183));
  assert.equal(tagOf(second), tagOf(untagged));
  await bench.settle(200_000);
  await bench.close();
});

test('CALL-04 UPDATE in one early dialog, from either side, while another one rings', async () => {
  const call = await forked();
  const { bench, a, one, two } = call;
  one.reliably(1);
  const first = await bench.until(a.provisional(183));
  await acknowledged(call, one, first);
  two.reliably(7);
  const second = await bench.until(a.provisional(183));
  await acknowledged(call, two, second);
  for (const [fork, response] of [
    [one, first],
    [two, second],
  ] as const) {
    const update = requestIn(a, response, 'UPDATE');
    const incoming = await bench.until(fork.receive('UPDATE'));
    incoming.respond(200, { headers: { Contact: fork.contact } });
    const ok = await bench.until(update);
    assert.equal(tagOf(ok), tagOf(response));
    // It leads to the one that has answered.
    a.dialog.refresh(ok);
    const info = a.request('INFO');
    (await bench.until(fork.receive('INFO'))).respond(200);
    assert.equal((await bench.until(info)).status, 200);
  }
  for (const [fork, response] of [
    [one, first],
    [two, second],
  ] as const) {
    a.dialog.confirm(response);
    const update = fork.request('UPDATE');
    const incoming = await bench.until(a.receive('UPDATE'));
    assert.equal(from(incoming.request).tag, tagOf(response));
    a.dialog.refresh(incoming.request);
    incoming.respond(200);
    assert.equal((await bench.until(update)).status, 200);
    const info = a.request('INFO');
    (await bench.until(fork.receive('INFO'))).respond(200);
    assert.equal((await bench.until(info)).status, 200);
  }
  await bench.settle(200_000);
  await bench.close();
});

test('CALL-02 early media of one callee, answer of another one', async () => {
  const { bench, a, one, two } = await forked({});
  one.ring(183, {}, one.sdp);
  const media = await bench.until(a.provisional(183));
  assert.equal(media.body.toString(), one.sdp);
  two.answer();
  const answer = await bench.until(a.answered());
  assert.notEqual(tagOf(answer), tagOf(media));
  assert.equal(answer.body.toString(), two.sdp);
  const update = a.request('UPDATE');
  (await bench.until(two.receive('UPDATE'))).respond(200, { headers: { Contact: two.contact } });
  assert.equal((await bench.until(update)).status, 200);
  const bye = two.request('BYE');
  const incoming = await bench.until(a.receive('BYE'));
  assert.equal(from(incoming.request).tag, tagOf(answer));
  incoming.respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  await bench.settle();
  assert.deepEqual(bench.told, ['answered', 'ended NormalClearing 200 callee']);
  await bench.close();
});

test('CALL-02 what the callee who answered second sends reaches the caller in that dialog, over any pod', async () => {
  const { bench, a, one, two } = await forked();
  await ringing({ bench, a, one, two });
  two.answer();
  const answer = await bench.until(a.answered());
  const second = bench.addPod();
  bench.pick = () => second;
  for (const method of ['INFO', 'INVITE', 'UPDATE', 'OPTIONS']) {
    const asked = two.request(method);
    const incoming = await bench.until(a.receive(method));
    assert.equal(from(incoming.request).tag, tagOf(answer), method);
    incoming.respond(200);
    assert.equal((await bench.until(asked)).status, 200, method);
  }
  const bye = two.request('BYE');
  const incoming = await bench.until(a.receive('BYE'));
  assert.equal(from(incoming.request).tag, tagOf(answer));
  incoming.respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  await bench.settle();
  assert.deepEqual(bench.told, ['answered', 'ended NormalClearing 200 callee']);
  await bench.close();
});

test('CALL-02 of two callees that answer the first has the call; the other is hung up, and its own BYE ends nothing', async () => {
  const { bench, a, one, two } = await forked();
  const [first] = await ringing({ bench, a, one, two });
  one.answer();
  two.answer();
  const answer = await bench.until(a.answered());
  assert.equal(tagOf(answer), tagOf(first));
  // It comes again until its ACK is there.
  two.answer();
  const hungUp = await bench.until(two.receive('BYE'));
  // Before it has heard of that it hangs up itself.
  const own = two.request('BYE');
  assert.equal((await bench.until(own)).status, 481);
  hungUp.respond(200);
  two.answer();
  await bench.settle(1000);
  assert.ok(two.received('ACK').length >= 2);
  assert.equal(two.received('BYE').length, 1);
  assert.equal(bench.alice.transcript.count('received', 'BYE'), 0);
  assert.equal(bench.alice.transcript.count('received', 200), 1);
  assert.deepEqual(bench.told, ['answered']);
  const bye = a.bye();
  (await bench.until(one.receive('BYE'))).respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  await bench.settle();
  assert.deepEqual(bench.told, ['answered', 'ended NormalClearing 200 caller']);
  await bench.close();
});

test('CALL-02 a late 180 of a callee that has lost reaches nobody, and the caller’s BYE in its dialog ends nothing', async () => {
  const { bench, a, one, two } = await forked();
  const [first, second] = await ringing({ bench, a, one, two });
  two.answer();
  await bench.until(a.answered());
  const seen = bench.alice.transcript.count('received', 180);
  one.ring();
  await bench.settle(1000);
  assert.equal(bench.alice.transcript.count('received', 180), seen);
  const late = requestIn(a, first, 'BYE');
  (await bench.until(one.receive('BYE'))).respond(481);
  assert.equal((await bench.until(late)).status, 481);
  assert.deepEqual(bench.told, ['answered']);
  const bye = requestIn(a, second, 'BYE');
  (await bench.until(two.receive('BYE'))).respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  await bench.settle();
  assert.deepEqual(bench.told, ['answered', 'ended NormalClearing 200 caller']);
  await bench.close();
});

test('CALL-02 CANCEL takes back what rings in several dialogs', async () => {
  const { bench, a, one, two } = await forked();
  const [first] = await ringing({ bench, a, one, two });
  const cancelled = a.cancel();
  const final = await bench.until(a.final());
  assert.equal(final.status, 487);
  assert.equal(tagOf(final), tagOf(first));
  assert.equal((await bench.until(cancelled)).status, 200);
  await bench.settle();
  assert.equal(bench.carrier.transcript.count('received', 'CANCEL'), 1);
  // Its ACK has been found.
  assert.equal(bench.alice.transcript.count('received', 487), 1);
  assert.deepEqual(bench.told, ['ended CallerCancelled 487 caller']);
  await bench.close();
});

test('CALL-02 BYE in one of several early dialogs ends that one; the call goes on in the other', async () => {
  const { bench, a, one, two } = await forked();
  const [first, second] = await ringing({ bench, a, one, two });
  const bye = requestIn(a, first, 'BYE');
  (await bench.until(one.receive('BYE'))).respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  const seen = bench.alice.transcript.count('received', 180);
  one.ring();
  await bench.settle(1000);
  assert.equal(bench.alice.transcript.count('received', 180), seen);
  assert.equal(bench.carrier.transcript.count('received', 'CANCEL'), 0);
  two.answer();
  assert.equal(tagOf(await bench.until(a.answered())), tagOf(second));
  const last = a.bye();
  (await bench.until(two.receive('BYE'))).respond(200);
  assert.equal((await bench.until(last)).status, 200);
  await bench.settle();
  assert.deepEqual(bench.told, ['answered', 'ended NormalClearing 200 caller']);
  await bench.close();
});

test('CALL-02 BYE in the last early dialog takes the call back', async () => {
  const { bench, a, one, two } = await forked();
  const [first, second] = await ringing({ bench, a, one, two });
  const bye = requestIn(a, second, 'BYE');
  (await bench.until(two.receive('BYE'))).respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  const last = requestIn(a, first, 'BYE');
  assert.equal((await bench.until(a.final())).status, 487);
  assert.equal((await bench.until(last)).status, 200);
  await bench.settle();
  assert.equal(bench.carrier.transcript.count('received', 'CANCEL'), 1);
  assert.deepEqual(bench.told, ['ended CallerCancelled 487 caller']);
  await bench.close();
});

test('CALL-02 a 200 that has crossed the BYE of its early dialog is hung up, and nobody is charged', async () => {
  const { bench, a, one, two } = await forked();
  const [first] = await ringing({ bench, a, one, two });
  const bye = requestIn(a, first, 'BYE');
  one.answer();
  (await bench.until(one.receive('BYE'))).respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  assert.equal((await bench.until(a.final())).status, 487);
  one.answer();
  (await bench.until(one.receive('BYE'))).respond(200);
  await bench.settle();
  assert.ok(one.received('ACK').length > 0);
  assert.equal(bench.told.includes('answered'), false);
  await bench.close();
});

test('CALL-02 a refusal after several early dialogs has the tag of the first, and its ACK is found on any pod', async () => {
  const { bench, a, one, two } = await forked();
  const [first] = await ringing({ bench, a, one, two });
  const second = bench.addPod();
  one.ring(486);
  bench.pick = () => second;
  const final = await bench.until(a.final());
  assert.equal(final.status, 486);
  assert.equal(tagOf(final), tagOf(first));
  await bench.settle();
  assert.equal(bench.alice.transcript.count('received', 486), 1);
  await bench.close();
});

test('CALL-02 199 of the called side ends the dialog for a caller that asks for it, and reaches no other', async () => {
  for (const supported of ['100rel, 199', '100rel']) {
    const isTold = supported.includes('199');
    const { bench, a, one, two, fork } = await forked({ headers: { Supported: supported } });
    const options = bench.carrier.transcript.lines.at(0)?.message.headers.list('Supported');
    assert.equal(options?.includes('199'), isTold);
    const [first] = await ringing({ bench, a, one, two });
    one.ring(199, { Reason: 'SIP;cause=486;text="Busy Here"' });
    // Of a dialog that the caller never saw.
    fork('three').ring(199);
    if (isTold) {
      const ended = await bench.until(a.provisional(199));
      assert.equal(tagOf(ended), tagOf(first));
      assert.match(ended.headers.get('Reason') ?? '', /cause=486/);
    }
    await bench.settle(1000);
    assert.equal(bench.alice.transcript.count('received', 199), isTold ? 1 : 0);
    two.answer();
    await bench.until(a.answered());
    await bench.close();
  }
});

test('CALL-02 199 tells a caller that asks for it of the dialog that a failed gateway leaves behind', async () => {
  for (const [headers, isTold] of [
    [{ Supported: '199' }, true],
    [{ Supported: 'timer' }, false],
    // Whoever wants all of them reliable cannot be told by a switch on the way.
    [{ Supported: '199', Require: '100rel' }, false],
  ] as const) {
    const bench = new EdgeBench();
    const a = bench.call({ headers });
    const b = await bench.incoming(0);
    b.ring();
    const first = await bench.until(a.provisional(180));
    b.refuse(503);
    const next = await bench.incoming(1);
    next.ring();
    const second = await bench.until(a.provisional(180));
    assert.notEqual(tagOf(second), tagOf(first));
    await bench.settle(100);
    const told = bench.alice.transcript.lines.flatMap(({ message }) =>
      message.kind === 'response' && message.status === 199 ? [message] : [],
    );
    assert.equal(told.length, isTold ? 1 : 0);
    for (const ended of told) {
      assert.equal(tagOf(ended), tagOf(first));
      assert.equal(ended.headers.get('Reason'), 'SIP;cause=503');
      assert.equal(ended.body.length, 0);
    }
    next.answer();
    const answer = await bench.until(a.answered());
    assert.equal(tagOf(answer), tagOf(second));
    const bye = next.bye();
    const incoming = await bench.until(a.receive('BYE'));
    assert.equal(from(incoming.request).tag, tagOf(second));
    incoming.respond(200);
    assert.equal((await bench.until(bye)).status, 200);
    await bench.settle();
    await bench.close();
  }
});

test('CALL-04 after failover RSeq begins anew, in a dialog of its own', async () => {
  const bench = new EdgeBench();
  const a = bench.call({ headers: prackable });
  const b = await bench.incoming(0);
  b.ring(183, { headers: { Require: '100rel', RSeq: '41' } });
  const first = await bench.until(a.provisional(183));
  const acknowledgement = prack(a, first);
  (await bench.until(b.receive('PRACK'))).respond(200);
  await bench.until(acknowledgement);
  b.refuse(503);
  const next = await bench.incoming(1);
  next.ring(183, { headers: { Require: '100rel', RSeq: '1' } });
  const second = await bench.until(a.provisional(183));
  assert.notEqual(tagOf(second), tagOf(first));
  assert.equal(second.headers.get('RSeq'), '1');
  const other = prack(a, second);
  const incoming = await bench.until(next.receive('PRACK'));
  assert.equal(incoming.request.headers.get('RAck'), '1 1 INVITE');
  incoming.respond(200);
  assert.equal(tagOf(await bench.until(other)), tagOf(second));
  next.answer();
  assert.equal(tagOf(await bench.until(a.answered())), tagOf(second));
  await bench.until(next.ack());
  await bench.settle(100);
  await bench.close();
});

test('CALL-02 a carrier that wants an acknowledgement nobody offered: the response passes as any other, and explain says so', async () => {
  const { bench, a, one } = await forked({});
  one.reliably(1, { Require: '100rel, precondition' });
  const progress = await bench.until(a.provisional(183));
  assert.equal(progress.headers.has('RSeq'), false);
  assert.equal(progress.headers.get('Require'), 'precondition');
  assert.equal(progress.body.toString(), one.sdp);
  one.answer();
  await bench.until(a.answered());
  const decisions = bench.events.flatMap(({ decisions: made }) => made);
  assert.ok(decisions.some(({ check }) => check === 'malformed-response'));
  await bench.close();
});

test('CALL-02 a caller that requires 100rel has it required of the carrier', async () => {
  const { bench, a, one } = await forked({ headers: { Require: '100rel' } });
  const [line] = bench.carrier.transcript.lines;
  assert.equal(line?.message.headers.get('Require'), '100rel');
  one.reliably(5);
  const progress = await bench.until(a.provisional(183));
  assert.equal(progress.headers.get('RSeq'), '5');
  one.ring(420, { Unsupported: '100rel' });
  const final = await bench.until(a.final());
  assert.equal(final.status, 420);
  assert.equal(final.headers.get('Unsupported'), '100rel');
  await bench.settle();
  await bench.close();
});

test('OPS-09 a second callee behind one INVITE is a decision of the call', async () => {
  const { bench, a, one, two } = await forked();
  await ringing({ bench, a, one, two });
  two.answer();
  await bench.until(a.answered());
  const decisions = bench.events.flatMap(({ decisions: made }) => made);
  assert.equal(decisions.filter(({ check }) => check === 'forking').length, 1);
  await bench.close();
});

test('CALL-06 where the record cannot be written a further dialog passes all the same', async () => {
  const { bench, a, one, two } = await forked();
  one.ring();
  const first = await bench.until(a.provisional(180));
  bench.breakStore('writeAhead');
  two.ring();
  const second = await bench.until(a.provisional(180));
  assert.notEqual(tagOf(second), tagOf(first));
  bench.breakStore();
  two.answer();
  assert.equal(to(await bench.until(a.answered())).tag, tagOf(second));
  await bench.close();
});

test('CALL-02 where callees are behind many proxies each dialog finds its own, over any pod', async () => {
  const call = await forked();
  const { bench, a, one, two } = call;
  const proxies = [1, 2, 3, 4].map(
    (at) => `<sip:10.0.1.1:5070;lr;proxy=${'x'.repeat(40)}${String(at)}>`,
  );
  const routed = { 'Record-Route': proxies };
  one.reliably(1, routed);
  const first = await bench.until(a.provisional(183));
  two.reliably(1, routed);
  const second = await bench.until(a.provisional(183));
  // What they stand for is in the store.
  assert.ok((second.headers.get('Contact') ?? '').length < 100);
  const other = bench.addPod();
  for (const pod of [bench.server, other]) {
    bench.pick = () => pod;
    for (const [fork, response] of [
      [one, first],
      [two, second],
    ] as const) {
      const info = requestIn(a, response, 'INFO');
      const incoming = await bench.until(fork.receive('INFO'));
      assert.equal(incoming.request.headers.list('Route').length, proxies.length);
      incoming.respond(200);
      assert.equal((await bench.until(info)).status, 200);
    }
  }
  two.answer(routed);
  const answer = await bench.until(a.answered());
  const late = requestIn(a, first, 'BYE');
  assert.equal((await bench.until(late)).status, 481);
  const bye = requestIn(a, answer, 'BYE');
  (await bench.until(two.receive('BYE'))).respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  await bench.settle();
  assert.deepEqual(bench.told, ['answered', 'ended NormalClearing 200 caller']);
  await bench.close();
});
