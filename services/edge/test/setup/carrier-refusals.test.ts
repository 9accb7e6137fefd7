import assert from 'node:assert/strict';
import test from 'node:test';
import { sdpBody } from '@tandem/testing';
import { EdgeBench } from '../support/edge-bench.ts';
import { MediaRelay } from '../support/media-relay.ts';
import { PodsBench } from '../support/pods-bench.ts';

test('ROUTE-06 T2-20 a carrier’s 503 is 500 for the caller, without Retry-After; the gateway is left alone for that time', async () => {
  const bench = new EdgeBench();
  const a = bench.call();
  (await bench.incoming(0)).refuse(503, { headers: { 'Retry-After': '120' } });
  (await bench.incoming(1)).refuse(503, { headers: { 'Retry-After': '300 (maintenance)' } });
  const final = await bench.until(a.final());
  assert.deepEqual([final.status, final.reason], [500, 'Server Internal Error']);
  assert.equal(final.headers.get('Retry-After'), undefined);
  await bench.settle();
  assert.deepEqual(
    bench.asked.rest.map(({ gateway, seconds }) => [gateway, seconds]),
    [
      ['carrier-a', 120],
      ['carrier-b', 300],
    ],
  );
  const [ended] = bench.events;
  assert.deepEqual(bench.asked.rest[0]?.callId, ended?.callId);
  assert.deepEqual([ended?.termination?.reason, ended?.termination?.code], ['Rejected', 500]);
  assert.deepEqual(
    ended?.attempts.map(({ code }) => code),
    [503, 503],
  );
  const told = ended.decisions.find(({ check }) => check === 'final-response');
  assert.ok(told?.facts.some(({ name, value }) => name === 'retry-after' && value === '120'));
  await bench.close();
});

test('ROUTE-06 T2-20 a 503 that names no time, and another code that does, leave the gateway as it is', async () => {
  const bench = new EdgeBench();
  const a = bench.call();
  (await bench.incoming(0)).refuse(503);
  (await bench.incoming(1)).refuse(480, { headers: { 'Retry-After': '60' } });
  const final = await bench.until(a.final());
  assert.deepEqual([final.status, final.headers.get('Retry-After')], [480, '60']);
  assert.deepEqual(bench.asked.rest, []);
  await bench.close();
});

test('CALL-02 ROUTE-06 of all attempts that failed the best answer goes back, with its headers, and the event says so', async () => {
  const bench = new EdgeBench();
  const a = bench.call();
  (await bench.incoming(0)).refuse(484, { headers: { Reason: 'Q.850;cause=28' } });
  (await bench.incoming(1)).refuse(500, { headers: { Reason: 'Q.850;cause=41' } });
  const final = await bench.until(a.final());
  assert.deepEqual([final.status, final.headers.get('Reason')], [484, 'Q.850;cause=28']);
  await bench.settle();
  const best = bench.events[0]?.decisions.find(({ check }) => check === 'best-response');
  assert.deepEqual(
    best?.facts.map(({ name, value }) => `${name}=${value}`),
    ['code=484', 'last=500', 'attempts=2'],
  );
  assert.equal(bench.events[0]?.termination?.code, 484);
  await bench.close();
});

test('CALL-04 T2-22 the body of a refusal goes back with its headers, through the body step', async () => {
  const bench = new EdgeBench({ carriers: [{}] });
  const relay = new MediaRelay(bench.clock);
  bench.passBody = (passing) => relay.pass(passing);
  const a = bench.call();
  relay.delays.push(0, 300);
  (await bench.incoming()).refuse(488, { sdp: sdpBody() });
  const final = await bench.until(a.final());
  assert.equal(final.status, 488);
  assert.equal(final.headers.get('Content-Type'), 'application/sdp');
  assert.match(final.body.toString(), /anchored|m=audio/);
  const asked = relay.asked.at(-1);
  assert.deepEqual([asked?.from, asked?.status, asked?.sequence], ['b', 488, 1]);
  await bench.close();
});

test('CALL-04 T2-22 a refusal whose body does not pass has none of its headers', async () => {
  const bench = new EdgeBench({ carriers: [{}] });
  const a = bench.call();
  const b = await bench.incoming();
  bench.passBody = () => Promise.reject(new Error('relay away'));
  b.refuse(488, { sdp: sdpBody(), headers: { Subject: 'no' } });
  const final = await bench.until(a.final());
  assert.equal(final.status, 488);
  assert.equal(final.headers.get('Content-Type'), undefined);
  assert.equal(final.headers.get('Subject'), 'no');
  assert.equal(final.body.length, 0);
  await bench.close();
});

test('CALL-06 T2-22 a refusal, with headers and body, outlives the pod that heard it', async () => {
  const bench = await PodsBench.start({ carriers: [{}] });
  const { a, b } = await bench.ringing();
  bench.killAt('after-end');
  b.refuse(488, { sdp: sdpBody(), headers: { Reason: 'Q.850;cause=65' } });
  const final = await bench.until(a.final());
  assert.equal(final.status, 488);
  assert.equal(final.headers.get('Reason'), 'Q.850;cause=65');
  assert.match(final.body.toString(), /m=audio/);
  await bench.settle();
  await bench.close();
});

test('CALL-06 ROUTE-06 the better answer of an earlier attempt outlives the pod that heard it', async () => {
  const bench = await PodsBench.start({ carriers: [{}, {}] });
  const a = bench.call();
  (await bench.incoming(0)).refuse(484, { headers: { Reason: 'Q.850;cause=28' } });
  const second = await bench.incoming(1);
  second.ring();
  await bench.until(a.provisional(180));
  const pod = await bench.ownerOf(second.invite.headers.get('Call-ID') ?? '');
  assert.ok(pod !== undefined);
  bench.kill(pod);
  await bench.settle(3000);
  second.refuse(500);
  const final = await bench.until(a.final());
  assert.deepEqual([final.status, final.headers.get('Reason')], [484, 'Q.850;cause=28']);
  await bench.settle();
  await bench.close();
});

test('OPS-09 T2-25 phrase, Reason and User-Agent in UTF-8 are so in the event; what is none is replaced', async () => {
  const wire = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
  const bench = new EdgeBench({ carriers: [{}, {}] });
  const a = bench.call({ headers: { 'User-Agent': wire('Téléphone') } });
  const first = await bench.incoming(0);
  first.refuse(404, { reason: wire('Besetzt, bitte später') });
  const second = await bench.incoming(1);
  second.refuse(486, { headers: { Reason: `Q.850;cause=17;text="${wire('occupé')}\xff"` } });
  const final = await bench.until(a.final());
  assert.equal(final.headers.get('Reason'), `Q.850;cause=17;text="${wire('occupé')}\xff"`);
  await bench.settle();
  const [ended] = bench.events;
  assert.equal(ended?.a?.userAgent, 'Téléphone');
  assert.deepEqual(
    ended.attempts.map(({ text }) => text),
    ['Besetzt, bitte später', 'Q.850;cause=17;text="occupé\ufffd"'],
  );
  assert.equal(ended.termination?.text, 'Q.850;cause=17;text="occupé\ufffd"');
  const phrases = ended.decisions.flatMap(({ facts }) =>
    facts.filter(({ name }) => name === 'phrase'),
  );
  assert.equal(phrases[0]?.value, 'Besetzt, bitte später');
  await bench.close();
});
