import assert from 'node:assert/strict';
import test from 'node:test';
import { sdpBody } from '@tandem/testing';
import { EDGE, EdgeBench } from '../support/edge-bench.ts';

test('CALL-01 an answered call: two legs with names of their own, one answered and one ended event', async () => {
  const bench = new EdgeBench();
  const { a, b } = await bench.answeredCall();
  assert.notEqual(b.callId, a.callId);
  assert.equal(b.invite.headers.get('From')?.includes('10.0.0.2'), false);
  assert.equal(b.invite.uri, 'sip:442079460000@10.0.1.1:5070');
  assert.equal(b.invite.body.toString(), sdpBody());
  assert.deepEqual(bench.told, ['answered']);
  await bench.settle(60_000);
  const bye = await hangUp(bench, a, b);
  assert.equal(bye.status, 200);
  assert.deepEqual(bench.told, ['answered', 'ended NormalClearing 200 caller']);
  const [answered, ended] = bench.events;
  assert.ok((ended?.endedMs ?? 0) - (answered?.answeredMs ?? 0) >= 60_000);
  assert.equal(ended?.answeredMs, answered?.answeredMs);
  assert.equal(ended?.origin?.account, 'demo');
  assert.equal(ended.a?.sipCallId, a.callId);
  assert.equal(ended.b?.sipCallId, b.callId);
  await bench.settle();
  assert.equal((await bench.store.outbox()).length, 0);
  assert.equal((await bench.store.list(10)).total, 0);
  assert.equal(bench.server.pendingCalls, 0);
  await bench.close();
});

test('CALL-02 auth and routing are asked once, whatever is repeated', async () => {
  const bench = new EdgeBench({ duplication: 1, seed: 4 });
  await bench.answeredCall();
  await bench.settle();
  assert.equal(bench.asked.auth.length, 1);
  assert.deepEqual(
    bench.asked.route.map(({ caller, callee, sourceAddress }) => [caller, callee, sourceAddress]),
    [['1001', '442079460000', '10.0.0.2']],
  );
  assert.deepEqual(bench.told, ['answered']);
  await bench.close();
});

test('CALL-01 the callee hangs up: the BYE reaches the caller, the event names the callee', async () => {
  const bench = new EdgeBench();
  const { a, b } = await bench.answeredCall();
  const response = b.bye({ headers: { Reason: 'Q.850;cause=16' } });
  const incoming = await bench.until(a.receive('BYE'));
  assert.equal(incoming.request.headers.get('Call-ID'), a.callId);
  assert.equal(incoming.request.headers.get('Reason'), 'Q.850;cause=16');
  incoming.respond(200);
  assert.equal((await bench.until(response)).status, 200);
  assert.deepEqual(bench.told, ['answered', 'ended NormalClearing 200 callee']);
  assert.equal(bench.events[1]?.termination?.text, 'Q.850;cause=16');
  await bench.close();
});

test('BILL-03 both sides hang up at once: one ended event, both BYEs relayed', async () => {
  const bench = new EdgeBench();
  const { a, b } = await bench.answeredCall();
  const [first, second] = [a.bye(), b.bye()];
  (await bench.until(a.receive('BYE'))).respond(200);
  (await bench.until(b.receive('BYE'))).respond(200);
  await bench.until(Promise.all([first, second]));
  assert.equal(bench.told.filter((text) => text.startsWith('ended')).length, 1);
  await bench.close();
});

test('CALL-02 a 200 that the carrier repeats reaches the caller again, and the ACK travels back', async () => {
  const bench = new EdgeBench();
  const a = bench.call({ isAckAutomatic: false });
  const b = await bench.incoming();
  b.answer();
  await bench.until(a.answered());
  await bench.settle(2000);
  assert.ok(bench.alice.transcript.count('received', 200) >= 2);
  a.acknowledge();
  const ack = await bench.until(b.ack());
  assert.equal(ack.headers.get('Call-ID'), b.callId);
  assert.deepEqual(bench.told, ['answered']);
  const seen = bench.alice.transcript.count('received', 200);
  await bench.settle(40_000);
  assert.equal(bench.alice.transcript.count('received', 200), seen);
  await bench.close();
});

test('CALL-02 a second callee that answers the forked INVITE is acknowledged and hung up, each time it repeats', async () => {
  const bench = new EdgeBench();
  const { b } = await bench.answeredCall();
  const forked = b.incoming.response(200, {
    toTag: 'other-fork',
    headers: { Contact: '<sip:fork@10.0.1.1:5070>' },
  });
  b.incoming.repeat(forked);
  const bye = await bench.until(bench.carrier.receive('BYE'));
  assert.match(bye.request.headers.get('To') ?? '', /tag=other-fork/);
  bye.respond(200);
  const acks = bench.carrier.transcript.count('received', 'ACK');
  b.incoming.repeat(forked);
  await bench.settle(1000);
  assert.equal(bench.carrier.transcript.count('received', 'ACK'), acks + 1);
  assert.equal(bench.carrier.transcript.count('received', 'BYE'), 1);
  assert.equal(bench.alice.transcript.count('received', 'BYE'), 0);
  assert.deepEqual(bench.told, ['answered']);
  await bench.close();
});

test('CALL-06 a gateway that cannot bear long headers gets a reference, and its BYE still finds the call', async () => {
  const bench = new EdgeBench({ carriers: [{ tokens: 'stored' }] });
  const { a, b } = await bench.answeredCall();
  const contact = b.invite.headers.get('Contact') ?? '';
  assert.ok(contact.length < 100, contact);
  const bye = b.bye();
  (await bench.until(a.receive('BYE'))).respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  await bench.close();
});

test('CALL-02 early media and ringing reach the caller in order, 100 comes from the switch', async () => {
  const bench = new EdgeBench();
  const a = bench.call();
  const b = await bench.incoming();
  b.progress(sdpBody({ port: 40_004 }));
  const progress = await bench.until(a.provisional(183));
  assert.equal(progress.body.toString(), sdpBody({ port: 40_004 }));
  b.ring();
  await bench.until(a.provisional(180));
  assert.equal(bench.alice.transcript.count('received', 100), 1);
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  assert.equal(bench.events[0]?.ringingMs !== 0, true);
  await bench.close();
});

test('CALL-06 peers that send ACK and BYE to our address without the token are found by tag and Call-ID', async () => {
  const bench = new EdgeBench();
  const a = bench.call({ isAckAutomatic: false });
  const b = await bench.incoming();
  b.answer();
  await bench.until(a.answered());
  a.dialog.remoteTarget = `sip:442079460000@${EDGE.address}:5060`;
  a.acknowledge();
  await bench.until(b.ack());
  b.dialog.remoteTarget = `sip:${EDGE.address}:5060`;
  const bye = b.bye();
  (await bench.until(a.receive('BYE'))).respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  const other = await bench.answeredCall();
  other.a.dialog.remoteTarget = `sip:442079460000@${EDGE.address}:5060`;
  assert.equal((await hangUp(bench, other.a, other.b)).status, 200);
  await bench.close();
});

test('CALL-06 a repeated BYE is relayed again and ends nothing twice', async () => {
  const bench = new EdgeBench();
  const { a, b } = await bench.answeredCall();
  await hangUp(bench, a, b);
  const again = a.bye();
  (await bench.until(b.receive('BYE'))).respond(481);
  assert.equal((await bench.until(again)).status, 481);
  assert.equal(bench.events.length, 2);
  await bench.close();
});

async function hangUp(
  bench: EdgeBench,
  a: Awaited<ReturnType<EdgeBench['answeredCall']>>['a'],
  b: Awaited<ReturnType<EdgeBench['answeredCall']>>['b'],
): ReturnType<typeof a.bye> {
  const response = a.bye();
  (await bench.until(b.receive('BYE'))).respond(200);
  return bench.until(response);
}
