import assert from 'node:assert/strict';
import test from 'node:test';
import { SipRequest, serialize } from '@tandem/sip';
import { sdpBody } from '@tandem/testing';
import type { ScriptedPeer } from '@tandem/testing';
import { Sealer } from '../../src/core/marks/seal.ts';
import { CALLER, EdgeBench } from '../support/edge-bench.ts';
import type { EdgeBenchOptions } from '../support/edge-bench.ts';

/** A bench with a second pod at the same address that takes every message from when `takeOver` is called. */
function benchOfTwo(options?: EdgeBenchOptions): { bench: EdgeBench; takeOver: () => void } {
  const bench = new EdgeBench(options);
  const other = bench.addPod();
  return {
    bench,
    takeOver: () => {
      bench.pick = () => other;
    },
  };
}

function received(peer: ScriptedPeer, method: string): string[] {
  return peer.transcript.lines
    .filter(({ direction }) => direction === 'received')
    .flatMap(({ message }) =>
      message.kind === 'request' && message.method === method
        ? [serialize(message).toString('latin1')]
        : [],
    );
}

test('CALL-06 a pod that never saw the call relays re-INVITE, INFO and BYE both ways, and ends it', async () => {
  const { bench, takeOver } = benchOfTwo();
  const { a, b } = await bench.answeredCall();
  takeOver();
  const held = a.reinvite({ sdp: sdpBody({ version: 2, direction: 'sendonly' }) });
  (await bench.until(b.receive('INVITE'))).respond(200, {
    sdp: sdpBody({ version: 2 }),
    headers: { Contact: '<sip:gw@10.0.1.1:5070>' },
  });
  assert.equal((await bench.until(held)).status, 200);
  await bench.until(b.ack());
  const info = b.request('INFO');
  (await bench.until(a.receive('INFO'))).respond(200);
  assert.equal((await bench.until(info)).status, 200);
  const bye = b.bye();
  (await bench.until(a.receive('BYE'))).respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  assert.deepEqual(bench.told, ['answered', 'ended NormalClearing 200 callee']);
  assert.equal(await bench.heldLines(), 0);
  await bench.close();
});

test('CALL-06 the ACK of an answer that another pod relayed finds the callee, with the credentials of the INVITE', async () => {
  const { bench, takeOver } = benchOfTwo({
    carriers: [{ username: 'tandem', password: 'secret' }],
  });
  const a = bench.call({ isAckAutomatic: false });
  (await bench.incoming()).challenge();
  const b = await bench.incoming();
  b.answer();
  await bench.until(a.answered());
  takeOver();
  a.acknowledge();
  const ack = await bench.until(b.ack());
  assert.equal(
    ack.headers.get('Authorization'),
    b.invite.headers.get('Authorization') ?? 'none was sent',
  );
  assert.equal(ack.headers.get('CSeq'), `${b.invite.headers.get('CSeq')?.split(' ')[0] ?? ''} ACK`);
  await bench.close();
});

test('edge.md §5: repetitions over different pods are the same bytes: ACK, re-INVITE, BYE', async () => {
  const bench = new EdgeBench();
  const pods = [bench.server, bench.addPod(), bench.addPod()];
  let turn = 0;
  const { a, b } = await bench.answeredCall();
  bench.pick = () => pods[(turn += 1) % pods.length] ?? bench.server;
  const sent = bench.alice.transcript.lines.at(-1)?.message;
  assert.ok(sent?.kind === 'request' && sent.method === 'ACK');
  for (const pod of pods) pod.onMessage(sent, CALLER);
  await bench.settle(100);
  const acks = received(bench.carrier, 'ACK').slice(1);
  assert.equal(acks.length, 3);
  assert.equal(new Set(acks).size, 1);

  const held = a.reinvite();
  // Nobody answers until the INVITE has been repeated over each pod.
  await bench.settle(4000);
  const invites = received(bench.carrier, 'INVITE').slice(1);
  assert.equal(invites.length >= 3, true);
  assert.equal(new Set(invites).size, 1);
  const incoming = await bench.until(b.receive('INVITE'));
  incoming.respond(200, { headers: { Contact: '<sip:gw@10.0.1.1:5070>' } });
  await bench.until(held);

  const bye = a.bye();
  await bench.settle(4000);
  const byes = received(bench.carrier, 'BYE');
  assert.equal(byes.length >= 3, true);
  assert.equal(new Set(byes).size, 1);
  (await bench.until(b.receive('BYE'))).respond(200);
  await bench.until(bye);
  assert.deepEqual(bench.told, ['answered', 'ended NormalClearing 200 caller']);
  await bench.close();
});

test('CALL-02 a re-INVITE that one pod relayed is cancelled through another, the refusal acknowledged through a third', async () => {
  const bench = new EdgeBench();
  const [second, third] = [bench.addPod(), bench.addPod()];
  const { a, b } = await bench.answeredCall();
  const refused = a.reinvite();
  const incoming = await bench.until(b.receive('INVITE'));
  bench.pick = () => second;
  incoming.respond(100);
  const invite = incoming.request;
  await bench.settle(50);
  bench.pick = () => third;
  incoming.respond(491, { reason: 'Request Pending' });
  assert.equal((await bench.until(refused)).status, 491);
  await bench.settle(100);
  const ack = received(bench.carrier, 'ACK').at(-1) ?? '';
  assert.ok(ack.includes(invite.headers.get('Via') ?? 'none'));
  await bench.close();
});

test('CALL-04 both sides re-INVITE at once: each is refused with 491 by the other, and nothing is mixed up', async () => {
  const bench = new EdgeBench();
  const { a, b } = await bench.answeredCall();
  const [fromA, fromB] = [a.reinvite(), b.reinvite()];
  (await bench.until(b.receive('INVITE'))).respond(491, { reason: 'Request Pending' });
  (await bench.until(a.receive('INVITE'))).respond(491, { reason: 'Request Pending' });
  assert.equal((await bench.until(fromA)).status, 491);
  assert.equal((await bench.until(fromB)).status, 491);
  const again = b.reinvite();
  (await bench.until(a.receive('INVITE'))).respond(200, {
    headers: { Contact: '<sip:1001@10.0.0.2:5062>' },
  });
  assert.equal((await bench.until(again)).status, 200);
  await bench.close();
});

test('CALL-04 UPDATE and PRACK in a dialog that is still early pass on a pod that does not have the call', async () => {
  const { bench, takeOver } = benchOfTwo();
  const a = bench.call({ headers: { Supported: '100rel' } });
  const b = await bench.incoming();
  b.ring(183, { headers: { Require: '100rel', RSeq: '1' } });
  await bench.until(a.provisional(183));
  takeOver();
  const prack = a.request('PRACK', { headers: { RAck: '1 1 INVITE' } });
  (await bench.until(b.receive('PRACK'))).respond(200);
  assert.equal((await bench.until(prack)).status, 200);
  const update = a.request('UPDATE');
  const there = await bench.until(b.receive('UPDATE'));
  assert.match(there.request.headers.get('Contact') ?? '', /^<sip:[\w-]{60,}@10\.0\.0\.1:5060>$/);
  there.respond(200, { headers: { Contact: '<sip:gw@10.0.1.1:5070>' } });
  assert.equal((await bench.until(update)).status, 200);
  const back = b.request('UPDATE');
  (await bench.until(a.receive('UPDATE'))).respond(200);
  assert.equal((await bench.until(back)).status, 200);
  await bench.close();
});

test('CALL-02 BYE in the early dialog reaches the pod that has the call: 200, CANCEL, 487', async () => {
  const { bench, takeOver } = benchOfTwo();
  const a = bench.call();
  const b = await bench.incoming();
  b.ring();
  await bench.until(a.provisional(180));
  takeOver();
  const bye = a.bye();
  const cancelled = b.cancelled();
  assert.equal((await bench.until(bye)).status, 200);
  await bench.until(cancelled);
  assert.equal((await bench.until(a.final())).status, 487);
  await bench.settle();
  assert.deepEqual(bench.told, ['ended CallerCancelled 487 caller']);
  await bench.close();
});

test('CALL-06 a gateway with stored tokens hangs up in the early dialog’s call through a pod that never saw it', async () => {
  const { bench, takeOver } = benchOfTwo({ carriers: [{ tokens: 'stored' }] });
  const a = bench.call();
  const b = await bench.incoming();
  b.ring();
  await bench.until(a.provisional(180));
  takeOver();
  const info = b.request('INFO');
  (await bench.until(a.receive('INFO'))).respond(200);
  assert.equal((await bench.until(info)).status, 200);
  await bench.close();
});

test('CALL-02 a caller behind a proxy: two Vias come back, and the ACK of a refusal has one', async () => {
  const { bench, takeOver } = benchOfTwo();
  const { a, b } = await bench.answeredCall();
  const below = 'SIP/2.0/UDP 192.168.7.7:5060;branch=z9hG4bKbelow';
  const invite = a.dialog.request('INVITE', CALLER, 'z9hG4bKproxied');
  invite.headers.append('Via', below);
  bench.server.onMessage(invite, CALLER);
  const incoming = await bench.until(b.receive('INVITE'));
  const [top = '', second = ''] = incoming.request.headers.getAll('Via');
  for (const via of [top, second]) assert.ok(via.includes('10.0.0.1:5060'));
  assert.ok(!serialize(incoming.request).toString('latin1').includes('192.168.7.7'));
  incoming.respond(488);
  await bench.settle(100);
  const response = bench.alice.transcript.lines.at(-1)?.message;
  assert.ok(response?.kind === 'response' && response.status === 488);
  assert.equal(response.headers.getAll('Via')[1], below);
  const ack = new SipRequest('ACK', invite.uri, invite.headers.clone());
  ack.headers.remove('Via');
  ack.headers.append('Via', invite.headers.get('Via') ?? '');
  ack.headers.set('CSeq', (invite.headers.get('CSeq') ?? '').replace('INVITE', 'ACK'));
  takeOver();
  bench.pick().onMessage(ack, CALLER);
  await bench.settle(100);
  assert.ok((received(bench.carrier, 'ACK').at(-1) ?? '').includes(top));
  await bench.close();
});

test('edge.md §2: keys change pod by pod: a call goes on over pods that seal with the old key and with the new', async () => {
  const [old, young] = [Buffer.alloc(32, 7), Buffer.alloc(32, 8)];
  const bench = new EdgeBench();
  const ready = bench.addPod({ sealer: new Sealer([old, young]) });
  const changed = bench.addPod({ sealer: new Sealer([young, old]) });
  const { a, b } = await bench.answeredCall();
  const pods = [ready, changed];
  let turn = 0;
  bench.pick = () => pods[(turn += 1) % pods.length] ?? ready;
  const held = a.reinvite();
  await bench.settle(2000);
  assert.equal(new Set(received(bench.carrier, 'INVITE').slice(1)).size, 1);
  (await bench.until(b.receive('INVITE'))).respond(200, {
    headers: { Contact: '<sip:gw@10.0.1.1:5070>' },
  });
  assert.equal((await bench.until(held)).status, 200);
  // A call that begins on a pod with the new key goes on over one that still seals with the old.
  bench.pick = () => changed;
  const next = await bench.answeredCall();
  bench.pick = () => ready;
  for (const call of [{ a, b }, next]) {
    const bye = call.b.bye();
    (await bench.until(call.a.receive('BYE'))).respond(200);
    assert.equal((await bench.until(bye)).status, 200);
  }
  assert.equal(bench.told.filter((event) => event.startsWith('ended')).length, 2);
  await bench.close();
});
