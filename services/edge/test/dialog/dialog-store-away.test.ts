import assert from 'node:assert/strict';
import test from 'node:test';
import { sdpBody } from '@tandem/testing';
import { memoryCallStore } from '../../src/adapters/memory-call-store.ts';
import { EdgeBench } from '../support/edge-bench.ts';

const dialogSteps = ['end', 'tokens', 'saveTokens', 'refresh', 'number', 'adopt', 'get'] as const;
const fromCallee = { Contact: '<sip:gw@10.0.1.1:5070>' };
const fromCaller = { Contact: '<sip:1001@10.0.0.2:5062>' };

test('edge.md §5: Redis away: re-INVITEs of both sides pass by token, with a Contact that leads back', async () => {
  const bench = new EdgeBench();
  const { a, b } = await bench.answeredCall();
  bench.breakStore(...dialogSteps);
  const held = a.reinvite({ sdp: sdpBody({ version: 2, direction: 'sendonly' }) });
  (await bench.until(b.receive('INVITE'))).respond(200, { headers: fromCallee });
  assert.equal((await bench.until(held)).status, 200);
  await bench.until(b.ack());
  const back = b.reinvite();
  (await bench.until(a.receive('INVITE'))).respond(200, { headers: fromCaller });
  assert.equal((await bench.until(back)).status, 200);
  await bench.until(a.ack());
  const info = a.request('INFO');
  (await bench.until(b.receive('INFO'))).respond(200);
  assert.equal((await bench.until(info)).status, 200);
  await bench.close();
});

test('edge.md §5: Redis away: BYE passes at once, and its end is told once, marked, whatever is repeated', async () => {
  const bench = new EdgeBench();
  const { a, b } = await bench.answeredCall();
  bench.breakStore(...dialogSteps);
  const bye = b.bye();
  const incoming = await bench.until(a.receive('BYE'));
  // The BYE is repeated until it is answered.
  await bench.settle(5000);
  incoming.respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  await bench.settle();
  assert.deepEqual(bench.told, ['answered', 'ended NormalClearing 200 callee']);
  const ended = bench.events.at(-1);
  assert.equal(ended?.partial, true);
  assert.equal(ended.eventId, `${ended.callId}.ended.1`);
  assert.equal(ended.endedMs, ended.aliveMs);
  assert.equal(ended.edge, 'edge-1');
  await bench.close();
});

test('ROUTE-05 a call that ended while Redis was away frees its lines as soon as it is back', async () => {
  const bench = new EdgeBench();
  const { a, b } = await bench.answeredCall();
  bench.breakStore(...dialogSteps);
  const bye = a.bye();
  (await bench.until(b.receive('BYE'))).respond(200);
  await bench.until(bye);
  await bench.settle(10_000);
  assert.notEqual(await bench.heldLines(), 0);
  bench.breakStore();
  await bench.settle(2000);
  assert.equal(await bench.heldLines(), 0);
  // Told at once as partial, and from the store's outbox in the end: with one id, of which the first counts.
  const ended = bench.events.filter(({ type }) => type === 'ended');
  assert.equal(ended[0]?.partial, true);
  assert.equal(new Set(ended.map(({ eventId }) => eventId)).size, 1);
  await bench.close();
});

test('edge.md §5: Redis emptied: the call is hung up, the end told without what the store had', async () => {
  const bench = new EdgeBench();
  const { a, b } = await bench.answeredCall();
  const emptied = memoryCallStore(bench.clock, bench.lines);
  const pod = bench.addPod({ store: emptied, sessions: emptied });
  bench.pick = () => pod;
  const held = a.reinvite();
  (await bench.until(b.receive('INVITE'))).respond(200, { headers: fromCallee });
  assert.equal((await bench.until(held)).status, 200);
  const bye = a.bye();
  (await bench.until(b.receive('BYE'))).respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  await bench.settle();
  const ended = bench.events.filter(({ type }) => type === 'ended');
  assert.equal(ended.length, 1);
  assert.equal(ended[0]?.partial, true);
  assert.equal(ended[0].termination?.by, 'caller');
  await bench.close();
});

test('edge.md §5: a store that says nothing holds a BYE up for less than its first repetition', async () => {
  const bench = new EdgeBench();
  const { a, b } = await bench.answeredCall();
  let release: (() => void) | undefined;
  const silence = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { store } = bench;
  const pod = bench.addPod({
    store: new Proxy(store, {
      get: (target, name) =>
        name === 'end'
          ? (write: Parameters<typeof store.end>[0]) => silence.then(() => target.end(write))
          : (Reflect.get(target, name) as () => unknown).bind(target),
    }),
  });
  bench.pick = () => pod;
  const bye = a.bye();
  (await bench.until(b.receive('BYE'))).respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  assert.equal(bench.alice.transcript.count('sent', 'BYE'), 1);
  assert.deepEqual(bench.told, ['answered']);
  release?.();
  await bench.settle(1000);
  assert.deepEqual(bench.told, ['answered', 'ended NormalClearing 200 caller']);
  assert.equal(bench.events.at(-1)?.partial, false);
  await bench.close();
});

test('BILL-03 a store that hangs and then fails costs the caller nothing: the call ended when its BYE came', async () => {
  const bench = new EdgeBench();
  const { a, b } = await bench.answeredCall();
  const { clock, store } = bench;
  const hangs = (): Promise<never> =>
    new Promise((_, reject) => {
      clock.start(2000, () => {
        reject(new Error('no answer within 2000 ms'));
      });
    });
  const pod = bench.addPod({
    store: new Proxy(store, {
      get: (target, name) =>
        name === 'end' ? hangs : (Reflect.get(target, name) as () => unknown).bind(target),
    }),
  });
  bench.pick = () => pod;
  const endedMs = clock.now();
  const bye = a.bye();
  (await bench.until(b.receive('BYE'))).respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  await bench.settle(3000);
  const told = bench.events.at(-1);
  assert.deepEqual([told?.type, told?.partial], ['ended', true]);
  assert.ok(Math.abs((told?.endedMs ?? 0) - endedMs) < 100);
  await bench.close();
});

test('CALL-05 a refresh that passed while Redis was away is told when it is back: the call is not ended for it', async () => {
  const dialog = {
    sessionIntervalSeconds: 600,
    probeIntervalSeconds: 600,
    relaysRefer: false,
    contact: 'user',
    identityA: 0,
    identityB: 0,
  };
  const bench = new EdgeBench({ carriers: [{ dialog }] });
  const headers = { Supported: 'timer' };
  const { a, b } = await bench.answeredCall({ headers });
  await bench.settle(500_000);
  bench.breakStore(...dialogSteps);
  const update = a.request('UPDATE', { headers });
  (await bench.until(b.receive('UPDATE'))).respond(200, { headers: fromCallee });
  await bench.until(update);
  await bench.settle(30_000);
  bench.breakStore();
  await bench.settle(80_000);
  await bench.sweep();
  await bench.settle(1000);
  assert.equal(bench.alice.transcript.count('received', 'BYE'), 0);
  assert.ok(!bench.told.some((event) => event.startsWith('ended')));
  await bench.close();
});

test('edge.md §5: what was answered while Redis was away is answered for the store too when it is back, and not begun anew', async () => {
  const bench = new EdgeBench();
  const a = bench.call();
  const b = await bench.incoming();
  b.ring();
  await bench.until(a.provisional(180));
  bench.breakStore(...dialogSteps, 'answer', 'settle', 'adoptOrphans');
  const answeredMs = bench.clock.now();
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  await bench.settle(5000);
  bench.breakStore();
  await bench.settle(100_000);
  assert.equal(bench.carrier.transcript.count('received', 'INVITE'), 1);
  const bye = a.bye();
  (await bench.until(b.receive('BYE'))).respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  await bench.settle();
  const ended = bench.events.filter(({ type }) => type === 'ended');
  assert.equal(ended.length, 1);
  assert.equal(ended[0]?.partial, false);
  assert.ok(Math.abs(ended[0].answeredMs - answeredMs) < 500);
  assert.equal(await bench.heldLines(), 0);
  await bench.close();
});

test('edge.md §5: a BYE that comes before a store that is back has the answer ends the answered call, on its pod and on others', async () => {
  for (const isElsewhere of [false, true]) {
    const bench = new EdgeBench();
    const a = bench.call();
    const b = await bench.incoming();
    b.ring();
    await bench.until(a.provisional(180));
    bench.breakStore(...dialogSteps, 'answer', 'settle', 'adoptOrphans');
    b.answer();
    await bench.until(a.answered());
    await bench.until(b.ack());
    await bench.settle(1500);
    // The answer is told to it within a second: for that long it believes that the call rings.
    bench.breakStore();
    if (isElsewhere) {
      const other = bench.addPod();
      bench.pick = () => other;
    }
    const bye = a.bye();
    (await bench.until(b.receive('BYE'))).respond(200);
    assert.equal((await bench.until(bye)).status, 200);
    await bench.settle(3000);
    assert.equal(bench.carrier.transcript.count('received', 'INVITE'), 1);
    assert.equal(bench.alice.transcript.count('received', 487), 0);
    const ended = bench.events.filter(({ type }) => type === 'ended');
    assert.deepEqual(
      ended.map(({ partial, termination }) => [partial, termination?.reason]),
      [[false, 'NormalClearing']],
    );
    assert.equal(await bench.heldLines(), 0);
    await bench.close();
  }
});

test('ROUTE-05 edge.md §5: a BYE that comes before an emptied store has the answer leaves no line behind', async () => {
  const bench = new EdgeBench();
  const a = bench.call();
  const b = await bench.incoming();
  b.ring();
  await bench.until(a.provisional(180));
  bench.breakStore(...dialogSteps, 'answer', 'settle', 'adoptOrphans');
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  await bench.settle(1500);
  bench.emptyStore();
  bench.breakStore();
  const bye = a.bye();
  (await bench.until(b.receive('BYE'))).respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  await bench.settle(5000);
  assert.equal(await bench.heldLines(), 0);
  const ended = bench.events.filter(({ type }) => type === 'ended');
  assert.deepEqual(
    ended.map(({ partial }) => partial),
    [false],
  );
  await bench.close();
});

test('edge.md §5: a call that was answered and hung up while Redis was away has ended for the store when it is back', async () => {
  const bench = new EdgeBench();
  const a = bench.call();
  const b = await bench.incoming();
  b.ring();
  await bench.until(a.provisional(180));
  bench.breakStore(...dialogSteps, 'answer', 'settle', 'adoptOrphans');
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  const bye = a.bye();
  (await bench.until(b.receive('BYE'))).respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  await bench.settle(3000);
  const before = bench.storeSteps().length;
  bench.breakStore();
  await bench.settle(8000);
  assert.deepEqual(bench.storeSteps().slice(before), ['answer', 'end']);
  // Both wait to be told as a whole; the partial end is known by its id.
  assert.equal((await bench.store.outbox()).length, 2);
  assert.equal(await bench.heldLines(), 0);
  await bench.close();
});

test('edge.md §5: a gateway with stored tokens: what this pod has read last serves while the store is away', async () => {
  const bench = new EdgeBench({ carriers: [{ tokens: 'stored' }] });
  const { a, b } = await bench.answeredCall();
  const stranger = bench.addPod();
  const info = b.request('INFO');
  (await bench.until(a.receive('INFO'))).respond(200);
  await bench.until(info);
  bench.breakStore(...dialogSteps);
  const again = b.request('INFO');
  (await bench.until(a.receive('INFO'))).respond(200);
  assert.equal((await bench.until(again)).status, 200);
  // A pod that has not seen it cannot know.
  bench.pick = () => stranger;
  const refused = await bench.until(b.request('INFO'));
  assert.equal(refused.status, 503);
  assert.equal(refused.headers.get('Retry-After'), '5');
  await bench.close();
});

test('edge.md §5: a gateway with stored tokens: a BYE waits for a store that is away for some seconds, and passes once', async () => {
  const bench = new EdgeBench({ carriers: [{ tokens: 'stored' }] });
  const { a, b } = await bench.answeredCall();
  const stranger = bench.addPod();
  bench.pick = () => stranger;
  bench.breakStore(...dialogSteps);
  const bye = b.bye();
  // It is repeated after 0.5, 1.5 and 3.5 s meanwhile.
  await bench.settle(5000);
  assert.equal(bench.alice.transcript.count('received', 'BYE'), 0);
  bench.breakStore();
  (await bench.until(a.receive('BYE'))).respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  await bench.settle(1000);
  assert.equal(bench.alice.transcript.count('received', 'BYE'), 1);
  assert.deepEqual(bench.told, ['answered', 'ended NormalClearing 200 callee']);
  await bench.close();
});

test('edge.md §5: a gateway with stored tokens: after Redis was emptied the pod that answered the call goes on with it', async () => {
  for (const holder of ['a', 'b'] as const) {
    const bench = new EdgeBench({ carriers: [{ tokens: 'stored' }] });
    // Too long to be in a Contact of ours.
    const { a, b } = await bench.answeredCall({
      headers: { Contact: `<sip:1001@10.0.0.2:5099;device=${'x'.repeat(200)}>` },
    });
    bench.emptyStore();
    const [sender, receiver] = holder === 'a' ? [a, b] : [b, a];
    const info = sender.request('INFO');
    (await bench.until(receiver.receive('INFO'))).respond(200);
    assert.equal((await bench.until(info)).status, 200);
    const bye = sender.bye();
    (await bench.until(receiver.receive('BYE'))).respond(200);
    assert.equal((await bench.until(bye)).status, 200);
    await bench.settle();
    const ended = bench.events.filter(({ type }) => type === 'ended');
    assert.deepEqual(
      ended.map(({ partial, termination }) => [partial, termination?.reason]),
      [[true, 'NormalClearing']],
    );
    await bench.close();
  }
});

test('edge.md §5: a re-INVITE whose new Contact the store must keep, and an answer that moves its target, wait for a store that is away for some seconds', async () => {
  const bench = new EdgeBench();
  const { a, b } = await bench.answeredCall();
  bench.breakStore(...dialogSteps);
  // Too long to be in a Contact of ours.
  const device = 'x'.repeat(200);
  const moved = { Contact: `<sip:1001@10.0.0.2:5099;device=${device}>` };
  const held = a.reinvite({ headers: moved, sdp: sdpBody({ version: 2, direction: 'sendonly' }) });
  await bench.settle(5000);
  assert.equal(bench.carrier.transcript.count('received', 'INVITE'), 1);
  bench.breakStore();
  (await bench.until(b.receive('INVITE'))).respond(200, { headers: fromCallee });
  assert.equal((await bench.until(held)).status, 200);
  await bench.until(b.ack());
  const back = b.reinvite();
  const incoming = await bench.until(a.receive('INVITE'));
  bench.breakStore(...dialogSteps);
  const before = bench.carrier.transcript.count('received', 200);
  incoming.respond(200, { headers: { Contact: `<sip:1001@10.0.0.2:5100;device=${device}>` } });
  // It is repeated after 0.5, 1.5 and 3.5 s meanwhile.
  await bench.settle(5000);
  assert.equal(bench.carrier.transcript.count('received', 200), before);
  bench.breakStore();
  const answer = await bench.until(back);
  assert.equal(answer.status, 200);
  assert.notEqual(answer.headers.get('Contact'), undefined);
  await bench.close();
});

test('edge.md §5: a caller behind a proxy with Record-Route cannot be followed without the store: 503, the call stays', async () => {
  const bench = new EdgeBench();
  const route = '<sip:10.0.0.1:5060;lr>';
  const { a, b } = await bench.answeredCall({ headers: { 'Record-Route': route } });
  bench.breakStore(...dialogSteps);
  assert.equal((await bench.until(a.reinvite())).status, 503);
  bench.breakStore();
  const held = b.reinvite();
  const incoming = await bench.until(a.receive('INVITE'));
  assert.equal(incoming.request.headers.get('Route'), route);
  incoming.respond(200, { headers: fromCaller });
  assert.equal((await bench.until(held)).status, 200);
  await bench.close();
});

test('CALL-06 a usual ACK, INFO and BYE ask the store nothing but the end', async () => {
  const bench = new EdgeBench();
  const { a, b } = await bench.answeredCall();
  await bench.settle(100);
  const before = bench.storeSteps();
  a.acknowledge();
  const info = a.request('INFO');
  (await bench.until(b.receive('INFO'))).respond(200);
  await bench.until(info);
  const bye = a.bye();
  (await bench.until(b.receive('BYE'))).respond(200);
  await bench.until(bye);
  const taken = bench.storeSteps().slice(before.length);
  assert.deepEqual(
    taken.filter((step) => step !== 'settle' && step !== 'claimDue'),
    ['end'],
  );
  await bench.close();
});
