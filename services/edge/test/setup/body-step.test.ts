import assert from 'node:assert/strict';
import test from 'node:test';
import { sdpBody } from '@tandem/testing';
import { EdgeBench } from '../support/edge-bench.ts';
import type { EdgeBenchOptions } from '../support/edge-bench.ts';
import { MediaRelay, receivedBy } from '../support/media-relay.ts';

function anchoring(options: EdgeBenchOptions = {}): { bench: EdgeBench; relay: MediaRelay } {
  const bench = new EdgeBench(options);
  const relay = new MediaRelay(bench.clock);
  bench.passBody = (passing) => relay.pass(passing);
  return { bench, relay };
}

test('CALL-04 every body that passes between the legs goes through the step, in INVITE, answers and in the dialog', async () => {
  const { bench, relay } = anchoring();
  const a = bench.call();
  const b = await bench.incoming();
  b.progress();
  await bench.until(a.provisional(183));
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  const held = a.reinvite({ sdp: sdpBody({ version: 2 }) });
  const incoming = await bench.until(b.receive('INVITE'));
  incoming.respond(200, {
    sdp: sdpBody({ port: 40_002, version: 2 }),
    headers: { Contact: '<sip:gw@10.0.1.1:5070>' },
  });
  assert.equal((await bench.until(held)).status, 200);
  await bench.until(b.ack());
  const bye = b.bye();
  (await bench.until(a.receive('BYE'))).respond(200);
  await bench.until(bye);
  assert.deepEqual(
    relay.asked.map(({ from, method, status = 0, sequence }) => [from, method, status, sequence]),
    [
      ['a', 'INVITE', 0, 1],
      ['b', 'INVITE', 183, 1],
      ['b', 'INVITE', 200, 1],
      ['a', 'INVITE', 0, 0],
      ['b', 'INVITE', 200, 0],
    ],
  );
  assert.equal(new Set(relay.asked.map(({ callId }) => callId)).size, 1);
  assert.ok(relay.asked.every(({ contentType }) => contentType === 'application/sdp'));
  const toCarrier = ['INVITE anchored', 'ACK', 'INVITE anchored', 'ACK', '200'];
  assert.deepEqual(receivedBy(bench.carrier), toCarrier);
  const toCaller = ['100', '183 anchored', '200 anchored', '200 anchored', 'BYE'];
  assert.deepEqual(receivedBy(bench.alice), toCaller);
  await bench.close();
});

test('CALL-02 what comes behind a response that waits for its body stays behind it', async () => {
  const { bench, relay } = anchoring();
  const a = bench.call();
  const b = await bench.incoming();
  relay.delays.push(200, 0);
  b.progress();
  b.ring();
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  const heard = receivedBy(bench.alice);
  assert.deepEqual(heard, ['100', '183 anchored', '180', '200 anchored']);
  assert.deepEqual(bench.told, ['answered']);
  await bench.close();
});

test('DENY-17 a cancel behind a response that waits for its body is heard after it', async () => {
  const { bench, relay } = anchoring();
  const a = bench.call();
  const b = await bench.incoming();
  relay.delays.push(300);
  b.progress();
  await bench.clock.advanceSettled(100);
  const cancelled = a.cancel();
  assert.equal((await bench.until(a.final())).status, 487);
  await bench.until(cancelled);
  await bench.until(b.cancelled());
  assert.deepEqual(receivedBy(bench.alice), ['100', '183 anchored', '200', '487']);
  await bench.close();
});

test('CALL-04 in a dialog too messages keep their order, whatever each of them waits for', async () => {
  const { bench, relay } = anchoring();
  const { a, b } = await bench.answeredCall();
  const seen = receivedBy(bench.carrier).length;
  relay.delays.push(250, 0);
  const first = a.request('INFO', { sdp: sdpBody({ version: 2 }) });
  const second = a.request('INFO', { sdp: sdpBody({ version: 3 }) });
  const third = a.request('UPDATE');
  for (const version of ['o=- 1 2 ', 'o=- 1 3 ', '']) {
    const incoming = await bench.until(b.receive(version === '' ? 'UPDATE' : 'INFO'));
    assert.ok(incoming.request.body.includes(version), incoming.request.body.toString('latin1'));
    incoming.respond(200);
  }
  for (const answer of [first, second, third]) {
    assert.equal((await bench.until(answer)).status, 200);
  }
  assert.deepEqual(receivedBy(bench.carrier).slice(seen), [
    'INFO anchored',
    'INFO anchored',
    'UPDATE',
  ]);
  await bench.close();
});

test('DENY-19 without its body an INVITE is not sent: the next gateway is tried, the last failure is 503', async () => {
  const { bench, relay } = anchoring();
  relay.failures = 1;
  const a = bench.call();
  const b = await bench.incoming(1);
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  assert.deepEqual(receivedBy(bench.carrierAt(0)), []);
  const [failed] = bench.events[0]?.attempts ?? [];
  assert.equal(failed?.reason, 'ServiceUnavailable');
  await bench.close();

  const alone = anchoring({ carriers: [{}] });
  alone.relay.failures = 1;
  const final = await alone.bench.until(alone.bench.call().final());
  assert.equal(final.status, 503);
  assert.deepEqual(alone.bench.told, ['ended ServiceUnavailable 503 switch']);
  await alone.bench.close();
});

test('DENY-19 an answer whose body does not pass at first passes when the carrier repeats it', async () => {
  const { bench, relay } = anchoring();
  const a = bench.call();
  const b = await bench.incoming();
  relay.failures = 1;
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  assert.deepEqual(receivedBy(bench.alice), ['100', '200 anchored']);
  assert.deepEqual(bench.told, ['answered']);
  await bench.close();
});

test('DENY-19 in a dialog a request whose body does not pass is refused, nothing of it reaches the other side', async () => {
  const { bench, relay } = anchoring();
  const { a, b } = await bench.answeredCall();
  const seen = receivedBy(bench.carrier).length;
  relay.failures = 1;
  assert.equal((await bench.until(a.reinvite({ sdp: sdpBody({ version: 2 }) }))).status, 503);
  assert.deepEqual(receivedBy(bench.carrier).slice(seen), []);
  const bye = b.bye();
  (await bench.until(a.receive('BYE'))).respond(200);
  await bench.until(bye);
  await bench.close();
});

test('CALL-02 a caller whose INVITE waits long for its body gets its 100 meanwhile, and may cancel', async () => {
  const { bench, relay } = anchoring();
  relay.delays.push(5000);
  const a = bench.call();
  await bench.clock.advanceSettled(400);
  assert.deepEqual(receivedBy(bench.alice), ['100']);
  const cancelled = a.cancel();
  assert.equal((await bench.until(a.final(1000))).status, 487);
  await bench.until(cancelled);
  await bench.clock.advanceSettled(6000);
  assert.deepEqual(receivedBy(bench.carrier), []);
  assert.deepEqual(bench.told, ['ended CallerCancelled 487 caller']);
  await bench.close();
});

test('AUTH-11 the INVITE that answers a challenge has the body of the challenged one, which is not asked for again', async () => {
  const credentials = { username: 'tandem', password: 'secret' };
  const { bench, relay } = anchoring({ carriers: [credentials] });
  const a = bench.call();
  const challenged = await bench.incoming();
  // RFC 7616 §3.4.3: auth-int is over the body.
  challenged.challenge({ qop: ['auth-int'] });
  const b = await bench.incoming();
  assert.deepEqual(b.invite.body, challenged.invite.body);
  assert.ok(b.proves(credentials));
  assert.equal(relay.asked.length, 1);
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  await bench.close();
});
