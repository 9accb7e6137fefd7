import assert from 'node:assert/strict';
import test from 'node:test';
import type { DialogTerms } from '@tandem/proto/routing';
import { serialize } from '@tandem/sip';
import { EdgeBench } from '../support/edge-bench.ts';
import { routedTo } from '../support/call-samples.ts';

const dialog: DialogTerms = {
  sessionIntervalSeconds: 600,
  probeIntervalSeconds: 300,
  relaysRefer: false,
  contact: 'user',
  identityA: 0,
  identityB: 0,
};
const HANG_UP = /^Q\.850;cause=16;/;

for (const status of [400, 403, 420, 483, 500, 503, 603]) {
  test(`CALL-04 BILL-05 a carrier that refuses the caller's BYE with ${String(status)} is hung up on by the switch: nobody talks on in a call that has ended`, async () => {
    const bench = new EdgeBench();
    const { a, b } = await bench.answeredCall();
    const bye = a.bye();
    (await bench.until(b.receive('BYE'))).respond(status);
    assert.equal((await bench.until(bye)).status, status === 503 ? 500 : status);
    const own = await bench.until(b.receive('BYE'));
    assert.equal(own.request.headers.get('CSeq'), '1073741824 BYE');
    assert.match(own.request.headers.get('Reason') ?? '', HANG_UP);
    own.respond(200);
    (await bench.until(a.receive('BYE'))).respond(481);
    await bench.settle();
    assert.deepEqual(bench.told, ['answered', 'ended NormalClearing 200 caller']);
    assert.equal(bench.carrier.transcript.count('received', 'BYE'), 2);
    assert.equal(await bench.heldLines(), 0);
    await bench.close();
  });
}

for (const status of [408, 481]) {
  test(`CALL-04 a carrier that answers the caller's BYE with ${String(status)} is gone: it gets no other`, async () => {
    const bench = new EdgeBench();
    const { a, b } = await bench.answeredCall();
    const bye = a.bye();
    (await bench.until(b.receive('BYE'))).respond(status);
    assert.equal((await bench.until(bye)).status, status);
    await bench.settle();
    assert.equal(bench.carrier.transcript.count('received', 'BYE'), 1);
    assert.equal(bench.alice.transcript.count('received', 'BYE'), 0);
    await bench.close();
  });
}

test('CALL-04 a caller that refuses the callee’s BYE is hung up on too', async () => {
  const bench = new EdgeBench();
  const { a, b } = await bench.answeredCall();
  const bye = b.bye();
  (await bench.until(a.receive('BYE'))).respond(500);
  assert.equal((await bench.until(bye)).status, 500);
  const own = await bench.until(a.receive('BYE'));
  assert.match(own.request.headers.get('Reason') ?? '', HANG_UP);
  own.respond(200);
  (await bench.until(b.receive('BYE'))).respond(481);
  await bench.settle();
  assert.deepEqual(bench.told, ['answered', 'ended NormalClearing 200 callee']);
  await bench.close();
});

test('CALL-09 a callee whose dialog the caller has counted up past the BYE of the switch gets it again with the highest number', async () => {
  const bench = new EdgeBench({ carriers: [{ dialog }] });
  bench.route = () => {
    const reply = routedTo(bench.candidates);
    if (reply.outcome?.$case === 'routed') reply.outcome.value.maxDurationSeconds = 60;
    return Promise.resolve(reply);
  };
  const { a, b } = await bench.answeredCall();
  await bench.settle(60_001);
  void bench.sweep();
  (await bench.until(a.receive('BYE'))).respond(200);
  (await bench.until(b.receive('BYE'))).respond(500);
  const again = await bench.until(b.receive('BYE'));
  assert.equal(again.request.headers.get('CSeq'), '2147483647 BYE');
  assert.match(again.request.headers.get('Reason') ?? '', /DurationLimit/);
  again.respond(200);
  await bench.settle();
  await bench.sweep();
  assert.equal(bench.carrier.transcript.count('received', 'BYE'), 2);
  assert.deepEqual(bench.told, ['answered', 'ended DurationLimit 200 switch']);
  await bench.close();
});

test('CALL-04 a BYE that is too long for a datagram goes on without what it can do without', async () => {
  const bench = new EdgeBench();
  const { a, b } = await bench.answeredCall();
  const bye = a.bye({ headers: { Reason: 'Q.850;cause=16', Accept: 'x/'.padEnd(4000, 'y') } });
  const there = await bench.until(b.receive('BYE'));
  const { headers } = there.request;
  assert.ok(serialize(there.request).length < 1300);
  assert.equal(headers.get('CSeq'), '2 BYE');
  assert.equal(headers.get('Accept'), undefined);
  there.respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  await bench.close();
});
