import assert from 'node:assert/strict';
import test from 'node:test';
import { Headers, SipRequest, cseq, from, serialize, to, topVia } from '@tandem/sip';
import type { ScriptedPeer } from '@tandem/testing';
import { routedTo } from '../support/call-samples.ts';
import { EDGE, EdgeBench } from '../support/edge-bench.ts';
import { PodsBench } from '../support/pods-bench.ts';

test('DENY-17 a cancel while ringing: 200 to the CANCEL, 487 to the INVITE, the carrier is cancelled', async () => {
  const bench = new EdgeBench();
  const a = bench.call();
  const b = await bench.incoming();
  b.ring();
  await bench.until(a.provisional(180));
  assert.equal((await bench.until(a.cancel())).status, 200);
  const final = await bench.until(a.final());
  assert.equal(final.status, 487);
  assert.equal(final.headers.get('Reason'), 'SIP;cause=487;text="CallerCancelled"');
  await bench.until(b.cancelled());
  // Clients in the field expect the CANCEL's answer first.
  const heard = bench.alice.transcript.lines
    .filter(({ direction, message }) => direction === 'received' && message.kind === 'response')
    .map(({ message }) => message.headers.get('CSeq')?.split(' ')[1]);
  assert.deepEqual(heard.slice(-2), ['CANCEL', 'INVITE']);
  assert.deepEqual(bench.told, ['ended CallerCancelled 487 caller']);
  assert.equal(bench.carrierAt(1).transcript.lines.length, 0);
  await bench.settle();
  assert.equal(bench.server.pendingCalls, 0);
  assert.equal((await bench.store.list(10)).total, 0);
  await bench.close();
});

test('CALL-02 a cancel before any response of the carrier: CANCEL follows its first provisional response', async () => {
  const bench = new EdgeBench();
  const a = bench.call();
  const b = await bench.incoming();
  assert.equal((await bench.until(a.cancel())).status, 200);
  assert.equal((await bench.until(a.final())).status, 487);
  await bench.settle(100);
  assert.equal(bench.carrier.transcript.count('received', 'CANCEL'), 0);
  b.ring();
  await bench.until(b.cancelled());
  await bench.close();
});

test('CALL-02 a 2xx that crosses the CANCEL is acknowledged and hung up; the caller has its 487', async () => {
  const bench = new EdgeBench();
  const a = bench.call();
  const b = await bench.incoming();
  b.ring();
  await bench.until(a.provisional(180));
  const cancelled = a.cancel();
  b.answer();
  assert.equal((await bench.until(cancelled)).status, 200);
  assert.equal((await bench.until(a.final())).status, 487);
  await bench.until(b.ack());
  const bye = await bench.until(b.receive('BYE'));
  bye.respond(200);
  assert.match(bye.request.headers.get('CSeq') ?? '', /^10000\d\d BYE$/);
  await bench.settle();
  assert.equal(bench.carrier.transcript.count('received', 'BYE'), 1);
  assert.deepEqual(bench.told, ['ended CallerCancelled 487 caller']);
  assert.equal(bench.server.pendingCalls, 0);
  await bench.close();
});

test('CALL-02 a CANCEL that is repeated is answered again and changes nothing', async () => {
  const bench = new EdgeBench({ duplication: 1 });
  const a = bench.call();
  const b = await bench.incoming();
  b.ring();
  await bench.until(a.provisional(180));
  assert.equal((await bench.until(a.cancel())).status, 200);
  assert.equal((await bench.until(a.final())).status, 487);
  await bench.settle();
  assert.deepEqual(bench.told, ['ended CallerCancelled 487 caller']);
  await bench.close();
});

test('DENY-17 a cancel while routing decides: no INVITE leaves, the lines it took are given back', async () => {
  const bench = new EdgeBench();
  let decide = (): void => undefined;
  bench.route = async (request) => {
    await bench.lines.acquire({
      callId: request.callId,
      fixed: [{ key: 'account:demo', limit: 1 }],
      choices: [],
      leaseMs: 60_000,
    });
    await new Promise<void>((resolve) => {
      decide = resolve;
    });
    return routedTo(bench.candidates, { lines: ['account:demo'] });
  };
  const a = bench.call();
  await bench.settle(50);
  const cancelled = a.cancel();
  await bench.settle(50);
  assert.equal(await bench.heldLines(), 1);
  decide();
  // Not before the end is stored: a caller whose CANCEL is answered does not repeat it to another pod.
  assert.equal((await bench.until(cancelled)).status, 200);
  assert.equal((await bench.until(a.final())).status, 487);
  assert.equal(bench.carrier.transcript.lines.length, 0);
  assert.equal(await bench.heldLines(), 0);
  await bench.close();
});

test('CALL-02 the caller may leave an early dialog with BYE', async () => {
  const bench = new EdgeBench();
  const a = bench.call();
  const b = await bench.incoming();
  b.ring();
  await bench.until(a.provisional(180));
  assert.equal((await bench.until(a.bye())).status, 200);
  assert.equal((await bench.until(a.final())).status, 487);
  await bench.until(b.cancelled());
  await bench.close();
});

test('CALL-02 a BYE in the early dialog that crosses the answer ends the answered call: the callee gets it, after the answer', async () => {
  const bench = await PodsBench.start({ pods: 1 });
  const { a, b } = await bench.ringing();
  bench.at('before-answer', (pod) => {
    bench.pause(pod);
    bench.clock.start(300, () => {
      bench.resume(pod);
    });
  });
  b.answer();
  const bye = a.bye();
  assert.equal((await bench.until(a.final())).status, 200);
  (await bench.until(b.receive('BYE'))).respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  await bench.settle();
  assert.deepEqual(bench.told.sort(), ['answered', 'ended NormalClearing 200 caller']);
  assert.equal(await bench.heldLines(), 0);
  await bench.close();
});

test('CALL-02 a callee that keeps to its BYE before an answer has left: 481 for it, and the next gateway is called', async () => {
  const bench = new EdgeBench();
  const a = bench.call();
  const left = await bench.incoming(0);
  left.ring();
  await bench.until(a.provisional(180));
  const bye = left.bye();
  await bench.settle(2000);
  assert.equal(bench.carrierAt(1).transcript.lines.length, 0);
  assert.equal((await bench.until(bye)).status, 481);
  await bench.until(left.cancelled());
  const b = await bench.incoming(1);
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  const [failed] = bench.events[0]?.attempts ?? [];
  assert.equal(failed?.reason, 'BadGateway');
  await bench.close();
});

test('CALL-02 a callee whose BYE has overtaken its 2xx is heard after that', async () => {
  const bench = new EdgeBench();
  const a = bench.call();
  const b = await bench.incoming();
  b.ring();
  await bench.until(a.provisional(180));
  const bye = b.bye();
  await bench.settle(700);
  b.answer();
  await bench.until(a.answered());
  (await bench.until(a.receive('BYE'))).respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  await bench.settle();
  assert.deepEqual(bench.told, ['answered', 'ended NormalClearing 200 callee']);
  await bench.close();
});

test('CALL-02 a CANCEL that comes after the answer is accepted with the tag of the answer', async () => {
  const bench = new EdgeBench();
  const { a } = await bench.answeredCall();
  const accepted = await bench.until(a.cancel());
  assert.equal(accepted.status, 200);
  const answer = bench.alice.transcript.lines.find(
    ({ message }) => message.kind === 'response' && message.status === 200,
  );
  assert.ok(answer !== undefined);
  assert.equal(to(accepted).tag, to(answer.message).tag);
  await bench.close();
});

test('CALL-02 a CANCEL of nothing is 481', async () => {
  const bench = new EdgeBench();
  const response = await bench.until(bench.alice.request('CANCEL', { to: EDGE }));
  assert.equal(response.status, 481);
  await bench.close();
});

/** The CANCEL of a call as a gateway on the way leaves it: another sent-by, and what else is said. */
function rewrittenCancel(
  peer: ScriptedPeer,
  { branch, ...headers }: { readonly branch?: string; readonly [name: string]: string } = {},
): SipRequest {
  const sent = peer.transcript.lines.find(({ message }) => message.kind === 'request')?.message;
  assert.ok(sent instanceof SipRequest);
  const via = topVia(sent);
  const cancel = new SipRequest('CANCEL', sent.uri, new Headers());
  cancel.headers.append(
    'Via',
    `SIP/2.0/UDP 192.168.1.2:5099;branch=${branch ?? via.branch ?? ''};rport`,
  );
  for (const name of ['Max-Forwards', 'From', 'To', 'Call-ID']) {
    cancel.headers.append(name, headers[name] ?? sent.headers.get(name) ?? '');
  }
  cancel.headers.append('CSeq', headers['CSeq'] ?? `${String(cseq(sent).number)} CANCEL`);
  return cancel;
}

test('CALL-02 a CANCEL whose Via has another sent-by than that of its INVITE is taken where all else is the same', async () => {
  const bench = new EdgeBench();
  const a = bench.call();
  const b = await bench.incoming();
  b.ring();
  await bench.until(a.provisional(180));
  const other = bench.peer('1001', { address: '10.0.0.9', port: 5062 });
  const cancel = rewrittenCancel(bench.alice);
  const fromTag = from(cancel).tag ?? '';
  for (const [peer, wrong] of [
    [other, cancel],
    [bench.alice, rewrittenCancel(bench.alice, { branch: 'z9hG4bKother' })],
    [bench.alice, rewrittenCancel(bench.alice, { 'Call-ID': 'another' })],
    [bench.alice, rewrittenCancel(bench.alice, { From: `<sip:1001@10.0.0.2>;tag=${fromTag}x` })],
    [bench.alice, rewrittenCancel(bench.alice, { CSeq: '99 CANCEL' })],
  ] as const) {
    peer.sendRaw(serialize(wrong), EDGE);
    await bench.settle(100);
  }
  assert.equal(other.transcript.count('received', 481), 1);
  assert.equal(bench.alice.transcript.count('received', 481), 4);
  bench.alice.sendRaw(serialize(cancel), EDGE);
  assert.equal((await bench.until(a.final())).status, 487);
  await bench.until(b.cancelled());
  await bench.close();
});

test('CALL-02 CALL-06 a CANCEL with another sent-by finds its call in another pod; one of no call is 481 after a while', async () => {
  const bench = await PodsBench.start();
  const { a, b } = await bench.ringing();
  const owner = bench.pods.find(({ server }) => server.pendingCalls === 1);
  bench.prefer = () => bench.pods.find((pod) => pod !== owner);
  const { alice } = bench;
  alice.sendRaw(serialize(rewrittenCancel(alice, { branch: 'z9hG4bKother' })), EDGE);
  await bench.settle(400);
  assert.equal(alice.transcript.count('received', 481), 0);
  await bench.settle(200);
  assert.equal(alice.transcript.count('received', 481), 1);
  alice.sendRaw(serialize(rewrittenCancel(alice)), EDGE);
  assert.equal((await bench.until(a.final())).status, 487);
  await bench.until(b.cancelled());
  await bench.settle();
  await bench.close();
});

const REASONS = 'SIP;cause=200;text="Call completed elsewhere", Q.850;cause=26';

test('DENY-17 T2-18 why the caller cancels reaches the carrier and the event', async () => {
  const bench = new EdgeBench();
  const a = bench.call();
  const b = await bench.incoming();
  b.ring();
  await bench.until(a.provisional(180));
  await bench.until(a.cancel({ Reason: REASONS }));
  const cancel = await bench.until(b.cancelled());
  assert.equal(cancel.headers.get('Reason'), REASONS);
  await bench.settle();
  const [ended] = bench.events;
  assert.equal(ended?.termination?.text, REASONS);
  const decision = ended.decisions.find(({ check }) => check === 'cancel');
  assert.ok(decision?.facts.some(({ name, value }) => name === 'reason' && value === REASONS));
  await bench.close();
});

test('DENY-17 T2-18 a cancel without a reason takes none along', async () => {
  const bench = new EdgeBench();
  const a = bench.call();
  const b = await bench.incoming();
  b.ring();
  await bench.until(a.provisional(180));
  await bench.until(a.cancel());
  assert.equal((await bench.until(b.cancelled())).headers.get('Reason'), undefined);
  await bench.close();
});

test('CALL-02 T2-18 the reason of a BYE in the early dialog goes into the CANCEL', async () => {
  const bench = new EdgeBench();
  const a = bench.call();
  const b = await bench.incoming();
  b.ring();
  await bench.until(a.provisional(180));
  await bench.until(a.bye({ headers: { Reason: 'Q.850;cause=16' } }));
  const cancel = await bench.until(b.cancelled());
  assert.equal(cancel.headers.get('Reason'), 'Q.850;cause=16');
  await bench.close();
});

for (const step of ['after-end', 'before-cancel', 'after-cancel'] as const) {
  test(`DENY-17 CALL-06 T2-18 why the caller cancels outlives a pod that dies ${step}`, async () => {
    const bench = await PodsBench.start();
    const { a, b } = await bench.ringing();
    bench.killAt(step);
    await bench.until(a.cancel({ Reason: REASONS }));
    const cancel = await bench.until(b.cancelled());
    assert.equal(cancel.headers.get('Reason'), REASONS);
    await bench.settle();
    await bench.close();
  });
}
