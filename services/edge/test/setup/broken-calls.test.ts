import assert from 'node:assert/strict';
import test from 'node:test';
import { onPassed } from '../../src/faults.ts';
import type { EdgeStore } from '../../src/ports.ts';
import { allowed, routedTo } from '../support/call-samples.ts';
import { EDGE, EdgeBench } from '../support/edge-bench.ts';

/** What no service says by its contract: whoever reads it throws. */
const nothing = undefined as never;
/** What a media step says that has lost the body. */
const wordless = Promise.resolve({ bytes: nothing, relay: 0 });

async function isClean(bench: EdgeBench): Promise<void> {
  await bench.settle();
  assert.equal(bench.server.pendingCalls, 0);
  assert.equal((await bench.store.list(10)).total, 0);
  assert.equal(await bench.heldLines(), 0);
  const next = await bench.answeredCall({ called: '442079460000' });
  const bye = next.b.receive('BYE').then((request) => request.respond(200));
  assert.equal((await bench.until(next.a.bye())).status, 200);
  await bench.until(bye);
  await bench.close();
}

test('CALL-10 an error over what auth says costs the caller a 500, and nothing is stored', async () => {
  const bench = new EdgeBench();
  bench.authenticate = () => Promise.resolve({ ...allowed(), decisions: nothing });
  const final = await bench.until(bench.call().final());
  assert.equal(final.status, 500);
  bench.authenticate = () => Promise.resolve(allowed());
  assert.deepEqual(bench.told, []);
  await isClean(bench);
});

test('CALL-10 an error over a route ends the call: 500 InternalError, a CDR, no line held', async () => {
  const bench = new EdgeBench();
  const { outcome, ...routed } = routedTo(bench.candidates);
  assert.equal(outcome?.$case, 'routed');
  const value = { ...outcome.value, candidates: nothing };
  bench.route = () => Promise.resolve({ ...routed, outcome: { $case: 'routed', value } });
  const final = await bench.until(bench.call().final());
  assert.equal(final.status, 500);
  assert.equal(final.headers.get('Warning'), '399 10.0.0.1 "Internal error"');
  bench.route = () => Promise.resolve(routedTo(bench.candidates));
  assert.deepEqual(bench.told, ['ended InternalError 500 switch']);
  await isClean(bench);
});

test('CALL-10 an error over a carrier’s response ends the call, and the carrier stops ringing', async () => {
  const bench = new EdgeBench();
  bench.passBody = ({ bytes, status }) => (status === 183 ? wordless : bytes);
  const a = bench.call();
  const b = await bench.incoming();
  b.progress();
  await bench.until(b.cancelled());
  assert.equal((await bench.until(a.final())).status, 500);
  bench.passBody = ({ bytes }) => bytes;
  await bench.settle(1000);
  assert.deepEqual(bench.told, ['ended InternalError 500 switch']);
  await isClean(bench);
});

test('CALL-10 an error over the answer: the carrier repeats it, and the call is up', async () => {
  const bench = new EdgeBench();
  let failed = 0;
  bench.passBody = ({ bytes, status }) => (status === 200 && failed++ === 0 ? wordless : bytes);
  const a = bench.call();
  const b = await bench.incoming();
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  assert.equal(failed, 2);
  const bye = b.receive('BYE').then((request) => request.respond(200));
  assert.equal((await bench.until(a.bye())).status, 200);
  await bench.until(bye);
  await bench.settle(1000);
  // That it was answered waits in the outbox for the next sweep.
  assert.deepEqual(bench.told, ['ended NormalClearing 200 caller']);
  assert.equal((await bench.store.outbox()).length, 1);
  await isClean(bench);
});

test('CALL-10 a call whose own end fails is given up: 500, a CDR, no line held, a late answer is hung up', async () => {
  const bench = new EdgeBench();
  let isEnding = false;
  onPassed((step) => {
    if (step !== 'before-end' || isEnding) return;
    isEnding = true;
    throw new Error('by the test');
  });
  const a = bench.call();
  const b = await bench.incoming();
  b.ring();
  await bench.until(a.provisional(180));
  b.refuse(486);
  assert.equal((await bench.until(a.final())).status, 500);
  onPassed(undefined);
  await bench.settle(1000);
  assert.deepEqual(bench.told, ['ended InternalError 500 switch']);
  await isClean(bench);
});

test('CALL-10 an error in a dialog: 500 to that request, and the next one works', async () => {
  const bench = new EdgeBench();
  const { a, b } = await bench.answeredCall();
  let failed = 0;
  const store: EdgeStore = new Proxy(bench.store, {
    get: (target, name) => {
      const method = name as keyof EdgeStore;
      if (method === 'end' && failed++ === 0) return () => Promise.resolve(nothing);
      return target[method].bind(target);
    },
  });
  const server = bench.addPod({ store, sessions: store });
  bench.pick = () => server;
  assert.equal((await bench.until(a.bye())).status, 500);
  // Not knowing what became of the store it goes on all the same (edge.md §5).
  (await bench.until(b.receive('BYE'))).respond(200);
  const again = a.request('BYE');
  (await bench.until(b.receive('BYE'))).respond(200);
  assert.equal((await bench.until(again)).status, 200);
  await bench.settle(1000);
  assert.deepEqual(bench.told, ['answered', 'ended NormalClearing 200 caller']);
  await isClean(bench);
});

test('CALL-10 an error before a message has found its handler: 500, and the pod goes on', async () => {
  const bench = new EdgeBench();
  let isFailing = true;
  const registry = {
    look: nothing,
    join: nothing,
    drain: nothing,
    leave: nothing,
    onLost: () => undefined,
    pods: () => {
      if (isFailing) throw new Error('by the test');
      return [];
    },
  };
  const server = bench.addPod({ pods: registry });
  bench.pick = () => server;
  assert.equal((await bench.until(bench.call().final())).status, 500);
  isFailing = false;
  assert.equal((await bench.until(bench.alice.request('OPTIONS', { to: EDGE }))).status, 200);
  await isClean(bench);
});
