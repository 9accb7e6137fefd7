import assert from 'node:assert/strict';
import test from 'node:test';
import { nextIs } from '../support/call-samples.ts';
import { EdgeBench } from '../support/edge-bench.ts';

test('ROUTE-06 a carrier’s 503 goes on to the second carrier, and every attempt is in the event', async () => {
  const bench = new EdgeBench();
  const a = bench.call();
  (await bench.incoming(0)).refuse(503);
  const second = await bench.incoming(1);
  second.answer();
  await bench.until(a.answered());
  await bench.until(second.ack());
  assert.deepEqual(
    bench.asked.next.map(({ failedGateway, gateways }) => [failedGateway, gateways]),
    [['carrier-a', ['carrier-b']]],
  );
  assert.deepEqual(
    bench.events[0]?.attempts.map(({ gateway, code, reason }) => [gateway, code, reason]),
    [
      ['carrier-a', 503, 'Rejected'],
      ['carrier-b', 200, ''],
    ],
  );
  assert.equal(bench.carrierAt(0).transcript.count('received', 'ACK'), 1);
  assert.equal(second.invite.headers.get('CSeq'), '1 INVITE');
  await bench.close();
});

test('DENY-14 a silent carrier: after 10 s the next one is tried, the second silence is 408 InviteTimeout', async () => {
  const bench = new EdgeBench();
  const startedMs = bench.clock.now();
  const a = bench.call();
  await bench.incoming(0);
  await bench.incoming(1);
  assert.equal(Math.round((bench.clock.now() - startedMs) / 1000), 10);
  const final = await bench.until(a.final());
  assert.equal(final.status, 408);
  assert.equal(final.headers.get('Warning'), '399 10.0.0.1 "Gateway does not answer"');
  assert.equal(Math.round((bench.clock.now() - startedMs) / 1000), 20);
  assert.deepEqual(bench.told, ['ended InviteTimeout 408 switch']);
  assert.deepEqual(
    bench.events[0]?.attempts.map(({ reason }) => reason),
    ['InviteTimeout', 'InviteTimeout'],
  );
  const invites = bench.carrierAt(0).transcript.count('received', 'INVITE');
  assert.ok(invites >= 4 && invites <= 6, String(invites));
  assert.equal(bench.carrierAt(0).transcript.count('received', 'CANCEL'), 0);
  await bench.settle();
  assert.equal((await bench.store.list(10)).total, 0);
  await bench.close();
});

test('CALL-03 a gateway’s own INVITE timeout and resend interval hold for it alone', async () => {
  const timers = {
    inviteMs: 3000,
    resendIntervalMs: 1000,
    own: [],
    ringingMs: 0,
    sessionProgressMs: 0,
    sessionProgressSdpMs: 0,
  };
  const bench = new EdgeBench({ carriers: [{ timers }, {}] });
  bench.call();
  await bench.incoming(0);
  const startedMs = bench.clock.now();
  await bench.incoming(1);
  assert.equal(Math.round((bench.clock.now() - startedMs) / 1000), 3);
  assert.equal(bench.carrierAt(0).transcript.count('received', 'INVITE'), 2);
  await bench.settle(1_000);
  await bench.close();
});

test('DENY-15 a carrier that rings for 120 s is cancelled, and the next one is tried', async () => {
  const bench = new EdgeBench();
  const a = bench.call();
  const first = await bench.incoming(0);
  first.ring();
  await bench.until(a.provisional(180));
  const second = await bench.incoming(1);
  await bench.until(first.cancelled());
  second.answer();
  await bench.until(a.answered());
  await bench.until(second.ack());
  assert.deepEqual(
    bench.events[0]?.attempts.map(({ reason, code }) => [reason, code]),
    [
      ['GatewayTimeout', 408],
      ['', 200],
    ],
  );
  await bench.close();
});

test('DENY-15 the last carrier’s ring timer is 408 GatewayTimeout', async () => {
  const bench = new EdgeBench({ carriers: [{}] });
  const a = bench.call();
  const only = await bench.incoming();
  only.ring();
  const final = await bench.until(a.final());
  assert.equal(final.status, 408);
  await bench.until(only.cancelled());
  assert.deepEqual(bench.told, ['ended GatewayTimeout 408 switch']);
  await bench.close();
});

test('CALL-02 a carrier that was given up and answers all the same is hung up, the second one’s answer stands', async () => {
  const bench = new EdgeBench();
  const a = bench.call();
  const first = await bench.incoming(0);
  const second = await bench.incoming(1);
  first.answer();
  await bench.until(first.ack());
  (await bench.until(first.receive('BYE'))).respond(200);
  second.ring();
  await bench.until(a.provisional(180));
  second.answer();
  await bench.until(a.answered());
  await bench.until(second.ack());
  assert.deepEqual(bench.told, ['answered']);
  assert.equal(bench.events[0]?.attempts[1]?.code, 200);
  await bench.close();
});

test('DENY-14 a carrier that was given up in silence and then rings is cancelled: no phone rings for nobody', async () => {
  const bench = new EdgeBench();
  const a = bench.call();
  const first = await bench.incoming(0);
  const second = await bench.incoming(1);
  first.ring();
  await bench.until(first.cancelled());
  assert.equal(bench.carrierAt(0).transcript.count('received', 'ACK'), 0);
  await bench.settle(100);
  assert.equal(bench.carrierAt(0).transcript.count('received', 'ACK'), 1);
  second.answer();
  await bench.until(a.answered());
  await bench.until(second.ack());
  await bench.settle();
  assert.equal(bench.carrierAt(0).transcript.count('received', 'CANCEL'), 1);
  assert.deepEqual(bench.told, ['answered']);
  await bench.close();
});

test('ROUTE-06 a stop code ends the call with the callee’s code, the second carrier is never asked', async () => {
  for (const code of [480, 486, 487, 600, 603, 604, 606]) {
    const bench = new EdgeBench();
    const a = bench.call();
    (await bench.incoming(0)).refuse(code, { headers: { Reason: 'Q.850;cause=17' } });
    const final = await bench.until(a.final());
    assert.equal(final.status, code);
    assert.equal(final.headers.get('Reason'), 'Q.850;cause=17');
    assert.deepEqual(bench.told, [`ended Rejected ${String(code)} callee`]);
    assert.equal(bench.carrierAt(1).transcript.lines.length, 0);
    assert.equal(bench.asked.next.length, 0);
    await bench.settle();
    await bench.close();
  }
});

test('ROUTE-06 DENY-12 where the second gateway has no free line the first one’s failure is told', async () => {
  const bench = new EdgeBench();
  bench.next = () => Promise.resolve(nextIs(''));
  const a = bench.call();
  (await bench.incoming(0)).refuse(500);
  assert.equal((await bench.until(a.final())).status, 500);
  await bench.close();
});

test('DENY-16 a gateway without a usable address is passed over, the last one is 502', async () => {
  const bench = new EdgeBench({ carriers: [{ addresses: ['gw.example:5060'] }, {}] });
  const a = bench.call();
  const second = await bench.incoming(1);
  second.answer();
  await bench.until(a.answered());
  await bench.until(second.ack());
  assert.equal(bench.events[0]?.attempts[0]?.reason, 'BadGateway');
  await bench.close();

  const alone = new EdgeBench({ carriers: [{ addresses: [] }] });
  const final = await alone.until(alone.call().final());
  assert.equal(final.status, 502);
  assert.deepEqual(alone.told, ['ended BadGateway 502 switch']);
  await alone.close();
});

test('DENY-16 a carrier that redirects is a bad gateway', async () => {
  const bench = new EdgeBench({ carriers: [{}] });
  const a = bench.call();
  (await bench.incoming()).refuse(302, { headers: { Contact: '<sip:1@10.9.9.9>' } });
  const final = await bench.until(a.final());
  assert.equal(final.status, 502);
  assert.ok(!final.headers.has('Contact'));
  await bench.close();
});

test('DENY-19 routing away between two attempts leaves the first failure to the caller', async () => {
  const bench = new EdgeBench();
  bench.next = () => Promise.reject(new Error('routing is away'));
  const a = bench.call();
  (await bench.incoming(0)).refuse(500);
  assert.equal((await bench.until(a.final())).status, 500);
  assert.deepEqual(bench.told, ['ended Rejected 500 callee']);
  await bench.close();
});

test('ROUTE-06 a gateway with two addresses: the second is tried when the first is silent, before the next gateway', async () => {
  const bench = new EdgeBench({
    carriers: [{ addresses: ['10.0.9.9:5060', '10.0.1.1:5070'] }, {}],
  });
  const startedMs = bench.clock.now();
  const a = bench.call();
  const b = await bench.incoming(0);
  assert.equal(Math.round((bench.clock.now() - startedMs) / 1000), 10);
  assert.equal(b.invite.uri, 'sip:442079460000@10.0.1.1:5070');
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  assert.equal(bench.asked.next.length, 0);
  assert.deepEqual(
    bench.events[0]?.attempts.map(({ gateway, address, reason }) => [gateway, address, reason]),
    [
      ['carrier-a', '10.0.9.9:5060', 'InviteTimeout'],
      ['carrier-a', '10.0.1.1:5070', ''],
    ],
  );
  await bench.close();
});

test('ROUTE-06 the next address of a target comes first, then the next target, then the next gateway', async () => {
  const target = { transport: 'udp', flow: '', path: [] };
  const targets = [
    { ...target, uri: 'sip:desk@a.example', addresses: ['10.0.9.8:5060', '10.0.9.9:5060'] },
    { ...target, uri: 'sip:mobile@a.example', addresses: ['10.0.1.1:5070'] },
  ];
  const bench = new EdgeBench({ carriers: [{ targets }, {}] });
  const a = bench.call();
  const mobile = await bench.incoming(0);
  assert.equal(mobile.invite.uri, 'sip:mobile@a.example');
  assert.equal(mobile.invite.headers.get('To'), '<sip:mobile@a.example>');
  mobile.refuse(503);
  const second = await bench.incoming(1);
  second.answer();
  await bench.until(a.answered());
  await bench.until(second.ack());
  assert.deepEqual(
    bench.events[0]?.attempts.map(({ gateway, address, reason }) => [gateway, address, reason]),
    [
      ['carrier-a', '10.0.9.8:5060', 'InviteTimeout'],
      ['carrier-a', '10.0.9.9:5060', 'InviteTimeout'],
      ['carrier-a', '10.0.1.1:5070', 'Rejected'],
      ['carrier-b', '10.0.1.2:5070', ''],
    ],
  );
  await bench.close();
});

test('CALL-02 REG-01 a phone behind proxies that rings once it is given up is cancelled by the way of its INVITE', async () => {
  const path = ['<sip:10.0.1.1:5070;lr>', '<sip:flow@far.example;lr>'];
  const targets = [
    {
      uri: 'sip:1002@192.168.1.9:5060',
      transport: 'udp',
      addresses: ['10.0.1.1:5070'],
      flow: '',
      path,
    },
  ];
  const bench = new EdgeBench({ carriers: [{ targets }, {}] });
  const a = bench.call();
  const late = await bench.incoming(0);
  assert.deepEqual(late.invite.headers.getAll('Route'), path);
  const b = await bench.incoming(1);
  late.ring();
  const cancel = await bench.until(late.cancelled());
  assert.deepEqual(cancel.headers.getAll('Route'), path);
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  await bench.close();
});
