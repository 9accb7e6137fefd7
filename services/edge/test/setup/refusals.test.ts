import assert from 'node:assert/strict';
import test from 'node:test';
import { messagesDropped } from '../../src/telemetry.ts';
import { challenged, deniedBy, unrouted } from '../support/call-samples.ts';
import { EDGE, EdgeBench } from '../support/edge-bench.ts';

test('AUTH-02 a challenge reaches the caller, and its second INVITE with credentials is asked anew', async () => {
  const bench = new EdgeBench();
  const { authenticate } = bench;
  bench.authenticate = (request) =>
    request.proxyAuthorization.length > 0
      ? authenticate(request)
      : Promise.resolve(challenged(407));
  const phone = bench.alice;
  const droppedBefore = messagesDropped.total;
  const a = bench.call();
  const final = await bench.until(a.final());
  assert.equal(final.status, 407);
  assert.ok(final.headers.has('Proxy-Authenticate') && final.headers.has('WWW-Authenticate'));
  await bench.settle();
  assert.equal(phone.transcript.count('sent', 'ACK'), 1);
  assert.equal(messagesDropped.total, droppedBefore, 'the ACK of a challenge is expected');
  assert.deepEqual(bench.told, []);
  assert.equal(bench.asked.route.length, 0);
  const again = bench.call({ headers: { 'Proxy-Authorization': 'Digest username="1001"' } });
  (await bench.incoming()).refuse(486);
  assert.equal((await bench.until(again.final())).status, 486);
  assert.deepEqual(bench.asked.auth[1]?.proxyAuthorization, ['Digest username="1001"']);
  await bench.close();
});

test('DENY-01 to DENY-08 what auth denies is refused with code and Warning, and has one event', async () => {
  const cases = [
    ['AccountLocked', 403, 'Account locked'],
    ['IpNotAllowed', 403, 'Source address not allowed'],
    ['AuthenticationFailed', 403, 'Authentication failed'],
    ['Suspended', 403, 'Authentication failed'],
  ] as const;
  for (const [reason, code, warning] of cases) {
    const bench = new EdgeBench();
    bench.authenticate = () => Promise.resolve(deniedBy(reason));
    const final = await bench.until(bench.call().final());
    assert.equal(final.status, code);
    assert.equal(final.headers.get('Warning'), `399 10.0.0.1 "${warning}"`);
    assert.deepEqual(bench.told, [`ended ${reason} ${String(code)} switch`]);
    assert.equal(bench.events[0]?.origin?.account, 'demo');
    assert.equal(bench.carrier.transcript.lines.length, 0);
    await bench.settle();
    assert.equal(bench.server.pendingCalls, 0);
    await bench.close();
  }
});

test('DENY-05 DENY-06 DENY-07 DENY-11 DENY-12 ROUTE-15 what routing denies is refused with its reason', async () => {
  const cases = [
    ['InsufficientBalance', 0, 403, undefined],
    ['NoRate', 0, 403, undefined],
    ['LineLimitExceeded', 0, 403, undefined],
    ['NoAvailableRouter', 0, 503, undefined],
    ['AllGatewayBusy', 0, 503, undefined],
    ['CpsLimitExceeded', 3, 503, '3'],
  ] as const;
  for (const [reason, seconds, code, retryAfter] of cases) {
    const bench = new EdgeBench();
    bench.route = () => Promise.resolve(unrouted(reason, seconds));
    const final = await bench.until(bench.call().final());
    assert.equal(final.status, code);
    assert.equal(final.headers.get('Retry-After'), retryAfter);
    assert.equal(final.headers.get('Reason'), `SIP;cause=${String(code)};text="${reason}"`);
    assert.deepEqual(bench.told, [`ended ${reason} ${String(code)} switch`]);
    await bench.settle();
    await bench.close();
  }
});

test('DENY-19 auth, routing or the store away is 503 with Retry-After, and an event that says so', async () => {
  const away = (): Promise<never> => Promise.reject(new Error('away'));
  const breakages: ((bench: EdgeBench) => void)[] = [
    (bench) => {
      bench.authenticate = away;
    },
    (bench) => {
      bench.route = away;
    },
    (bench) => {
      bench.breakStore('claim');
    },
    (bench) => {
      bench.breakStore('writeAhead');
    },
  ];
  for (const breakIt of breakages) {
    const bench = new EdgeBench();
    breakIt(bench);
    const final = await bench.until(bench.call().final());
    assert.equal(final.status, 503);
    assert.equal(final.headers.get('Retry-After'), '5');
    assert.deepEqual(bench.told, ['ended ServiceUnavailable 503 switch']);
    assert.equal(bench.carrier.transcript.lines.length, 0);
    await bench.settle();
    await bench.close();
  }
});

test('DENY-19 with the whole store away the end goes straight to the log', async () => {
  const bench = new EdgeBench();
  bench.breakStore('claim', 'writeAhead', 'answer', 'end', 'settle', 'tokens');
  assert.equal((await bench.until(bench.call().final())).status, 503);
  assert.deepEqual(bench.told, ['ended ServiceUnavailable 503 switch']);
  assert.ok((bench.events[0]?.endedMs ?? 0) > 0);
  await bench.close();
});

test('CALL-06 the store away in a call: answer and BYE still pass, the answer goes straight to the log', async () => {
  const bench = new EdgeBench();
  const a = bench.call();
  const b = await bench.incoming();
  bench.breakStore('answer', 'end', 'tokens', 'saveTokens', 'settle');
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  assert.deepEqual(bench.told, ['answered']);
  const bye = a.bye();
  (await bench.until(b.receive('BYE'))).respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  await bench.close();
});

test('CALL-06 routing that takes longer than 200 ms: a record first, then 100, then the call goes on', async () => {
  const bench = new EdgeBench();
  const { route } = bench;
  bench.route = async (request) => {
    await bench.clock.sleep(1500);
    return route(request);
  };
  const a = bench.call();
  await bench.settle(300);
  assert.equal(bench.alice.transcript.count('received', 100), 1);
  const [callId = ''] = (await bench.store.list(10)).callIds;
  const stub = await bench.store.get(callId);
  assert.ok(stub?.record !== undefined);
  const b = await bench.incoming();
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  assert.equal(bench.alice.transcript.count('sent', 'INVITE'), 1);
  await bench.close();
});

test('CALL-06 routing slow and the store away: no 100, the caller repeats itself', async () => {
  const bench = new EdgeBench();
  bench.route = async () => {
    await bench.clock.sleep(1000);
    return unrouted('NoRate');
  };
  bench.breakStore('writeAhead');
  const a = bench.call();
  assert.equal((await bench.until(a.final())).status, 403);
  assert.equal(bench.alice.transcript.count('received', 100), 0);
  assert.ok(bench.alice.transcript.count('sent', 'INVITE') > 1);
  await bench.close();
});

test('CALL-06 a draining edge takes no new call, keeps those it has, and says so to OPTIONS', async () => {
  const bench = new EdgeBench();
  const ringing = bench.call();
  const b = await bench.incoming();
  b.ring();
  await bench.until(ringing.provisional(180));
  // Over when the call is: nobody is there to take it.
  void bench.server.drain();
  assert.equal(bench.server.pendingCalls, 1);
  const refused = await bench.until(bench.call().final());
  assert.equal(refused.status, 503);
  assert.equal(refused.headers.get('Retry-After'), '5');
  b.answer();
  await bench.until(ringing.answered());
  await bench.until(b.ack());
  assert.equal(bench.server.pendingCalls, 0);
  const bye = ringing.bye();
  (await bench.until(b.receive('BYE'))).respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  const options = await bench.until(bench.alice.request('OPTIONS', { to: EDGE }));
  assert.equal(options.status, 503);
  assert.equal(options.headers.get('Retry-After'), '5');
  await bench.close();
});

test('CALL-06 an INVITE that another pod has claimed is left to it without an answer', async () => {
  const bench = new EdgeBench();
  bench.store.claim = (_transaction, callId) =>
    Promise.resolve({ callId, owner: '9.9', isNew: false });
  const a = bench.call();
  const final = a.final(5000).then(
    () => 'answered',
    () => 'nothing',
  );
  assert.equal(await bench.until(final), 'nothing');
  assert.equal(bench.carrier.transcript.lines.length, 0);
  assert.deepEqual(bench.told, []);
  await bench.close();
});
