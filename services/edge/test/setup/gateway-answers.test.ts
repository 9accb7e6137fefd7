import assert from 'node:assert/strict';
import test from 'node:test';
import { AnswerTerms } from '@tandem/proto/routing';
import { deniedBy, nextIs, routedTo, unrouted } from '../support/call-samples.ts';
import { EdgeBench } from '../support/edge-bench.ts';
import { PodsBench } from '../support/pods-bench.ts';

const terms = (parts: Parameters<typeof AnswerTerms.fromPartial>[0]): AnswerTerms =>
  AnswerTerms.fromPartial(parts);
const codes = (from: number, to: number, phrase = '') => [{ from, to, phrase }];

test('DENY-18 T2-20 the gateway’s code map says what the caller gets, and the decision names the map', async () => {
  const answers = terms({ codes: codes(503, 480, 'Try later') });
  const bench = new EdgeBench({ carriers: [{ answers }] });
  const a = bench.call();
  (await bench.incoming()).refuse(503, { headers: { 'Retry-After': '60' } });
  const final = await bench.until(a.final());
  assert.deepEqual([final.status, final.reason], [480, 'Try later']);
  assert.equal(final.headers.get('Retry-After'), undefined);
  await bench.settle();
  const [ended] = bench.events;
  assert.deepEqual([ended?.termination?.code, ended?.attempts[0]?.code], [480, 503]);
  const mapped = ended?.decisions.find(({ check }) => check === 'code-map');
  assert.equal(mapped?.subject, 'routing-gateway carrier-a');
  assert.deepEqual(
    mapped.facts.map(({ name, value }) => `${name}=${value}`),
    ['from=503', 'to=480', 'map=codeMap'],
  );
  await bench.close();
});

test('DENY-18 the mapping gateway’s code map and causes hold for refusals of both sides of the switch', async () => {
  const callerAnswers = terms({ codes: codes(503, 486), makesCause: true });
  const bench = new EdgeBench();
  bench.route = () => Promise.resolve({ ...unrouted('AllGatewayBusy', 0), callerAnswers });
  const final = await bench.until(bench.call().final());
  assert.deepEqual([final.status, final.reason], [486, 'Busy Here']);
  assert.deepEqual(final.headers.getAll('Reason'), [
    'SIP;cause=486;text="AllGatewayBusy"',
    'Q.850;cause=17',
  ]);
  await bench.settle();
  assert.deepEqual(bench.told, ['ended AllGatewayBusy 486 switch']);
  await bench.close();

  const other = new EdgeBench({ carriers: [{}] });
  other.route = () => Promise.resolve({ ...routedTo(other.candidates), callerAnswers });
  const a = other.call();
  (await other.incoming()).refuse(404, { headers: { Reason: 'Q.850;cause=3' } });
  const refused = await other.until(a.final());
  assert.deepEqual([refused.status, refused.headers.getAll('Reason')], [404, ['Q.850;cause=3']]);
  await other.close();
});

test('DENY-03 DENY-18 the mapping gateway’s code map holds for what authentication refuses; CDR and decision name both codes', async () => {
  const bench = new EdgeBench();
  const callerAnswers = { codes: codes(403, 603), makesCause: true };
  const { outcome, ...rest } = deniedBy('IpNotAllowed');
  assert.ok(outcome?.$case === 'deny');
  const value = { ...outcome.value, callerAnswers };
  bench.authenticate = () => Promise.resolve({ ...rest, outcome: { $case: 'deny', value } });
  const final = await bench.until(bench.call().final());
  assert.deepEqual([final.status, final.reason], [603, 'Decline']);
  assert.deepEqual(final.headers.getAll('Reason'), [
    'SIP;cause=603;text="IpNotAllowed"',
    'Q.850;cause=21',
  ]);
  await bench.settle();
  assert.deepEqual(bench.told, ['ended IpNotAllowed 603 switch']);
  const mapped = bench.events.at(-1)?.decisions.find(({ check }) => check === 'code-map');
  assert.deepEqual(
    mapped?.facts.map(({ name, value: told }) => `${name}=${told}`),
    ['from=403', 'to=603', 'map=codeMap'],
  );
  // Routing was not asked.
  assert.equal(bench.asked.route.length, 0);
  await bench.close();
});

test('DENY-17 no map makes another code of the caller’s own cancel', async () => {
  const callerAnswers = terms({ codes: codes(487, 480) });
  const bench = new EdgeBench({ carriers: [{ answers: terms({ makesCause: true }) }] });
  bench.route = () => Promise.resolve({ ...routedTo(bench.candidates), callerAnswers });
  const a = bench.call();
  const b = await bench.incoming();
  b.ring();
  await bench.until(a.provisional(180));
  await bench.until(a.cancel());
  assert.equal((await bench.until(a.final())).status, 487);
  assert.equal((await bench.until(b.cancelled())).headers.get('Reason'), 'Q.850;cause=16');
  await bench.close();
});

test('ROUTE-06 the stop codes go by what a refusal is read as', async () => {
  const answers = terms({ readsCause: true });
  const bench = new EdgeBench({ carriers: [{ answers }, {}] });
  const a = bench.call();
  (await bench.incoming(0)).refuse(500, { headers: { Reason: 'Q.850;cause=17' } });
  const final = await bench.until(a.final());
  assert.equal(final.status, 486);
  assert.equal(bench.carrierAt(1).transcript.lines.length, 0);
  await bench.close();
});

test('CALL-06 DENY-18 what a map has made of a refusal outlives the pod that heard it', async () => {
  const answers = terms({ codes: codes(404, 604, 'Niemand') });
  const bench = await PodsBench.start({ carriers: [{ answers }] });
  const { a, b } = await bench.ringing();
  bench.killAt('after-end');
  b.refuse(404);
  const final = await bench.until(a.final());
  assert.deepEqual([final.status, final.reason], [604, 'Niemand']);
  await bench.settle();
  await bench.close();
});

test('CALL-04 a 183 with early media that is told as 180 without: the caller may still be sent elsewhere', async () => {
  const answers = terms({ progress: 180, dropsEarlySdp: true });
  const bench = new EdgeBench({ carriers: [{ answers }, {}] });
  const a = bench.call({ headers: { Supported: '100rel, timer' } });
  const first = await bench.incoming(0);
  assert.equal(first.invite.headers.get('Supported'), 'timer');
  first.progress();
  const heard = await bench.until(a.provisional(180));
  assert.equal(heard.headers.get('Content-Type'), undefined);
  assert.equal(heard.body.length, 0);
  first.refuse(500);
  const second = await bench.incoming(1);
  assert.equal(second.invite.headers.get('Supported'), '100rel, timer');
  second.answer();
  await bench.until(a.answered());
  await bench.until(second.ack());
  await bench.settle(1000);
  const [answered] = bench.events;
  assert.ok((answered?.ringingMs ?? 0) > 0);
  const shown = answered?.decisions.filter(({ check }) => check === 'provisional');
  assert.deepEqual(
    shown?.map(({ facts }) => facts.map(({ value }) => value)),
    [['183', '180', 'dropped']],
  );
  await bench.close();
});

test('CALL-04 a 180 that is told as 183', async () => {
  const bench = new EdgeBench({ carriers: [{ answers: terms({ ringing: 183 }) }] });
  const a = bench.call();
  const b = await bench.incoming();
  b.ring();
  assert.equal((await bench.until(a.provisional())).status, 100);
  const heard = await bench.until(a.provisional());
  assert.deepEqual([heard.status, heard.reason], [183, 'Session Progress']);
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  await bench.close();
});

const FOLLOW = { answers: terms({ redirects: 'follow' }) };

test('CALL-02 ROUTE-06 a redirection is followed: the contact is an attempt of its own, at its gateway’s cost', async () => {
  const bench = new EdgeBench({ carriers: [FOLLOW, {}] });
  const a = bench.call();
  const contact =
    '<sip:442079460999@10.0.1.2:5070;npdi=yes?Subject=x>;q=0.5, <sip:44@sbc.example:0>';
  (await bench.incoming(0)).refuse(302, { headers: { Contact: contact } });
  const there = await bench.incoming(1);
  assert.equal(there.invite.uri, 'sip:442079460999@10.0.1.2:5070;npdi=yes');
  assert.equal(there.invite.headers.get('Subject'), undefined);
  there.answer();
  await bench.until(a.answered());
  await bench.until(there.ack());
  await bench.settle(1000);
  const [answered] = bench.events;
  assert.deepEqual(
    answered?.attempts.map(({ gateway, account, address, code }) => [
      gateway,
      account,
      address,
      code,
    ]),
    [
      ['carrier-a', 'vendor-carrier-a', '10.0.1.1:5070', 302],
      ['carrier-a', 'vendor-carrier-a', '10.0.1.2:5070', 200],
    ],
  );
  const told = answered.decisions.filter(({ check }) => check === 'redirect');
  assert.deepEqual(
    told.map(({ result, facts }) => [result, facts.at(-1)?.value]),
    [
      ['skipped', 'its port is 0'],
      ['chosen', '10.0.1.2:5070'],
    ],
  );
  await bench.close();
});

test('CALL-02 ROUTE-06 a redirection to a name is followed to where routing says it leads, as an attempt of its own', async () => {
  const bench = new EdgeBench({ carriers: [FOLLOW, {}] });
  const contact = '<sip:44@nowhere.example>, <sip:45@SBC.example;transport=udp>;q=0.5';
  const uri = 'sip:45@SBC.example;transport=udp';
  bench.next = ({ gateways, redirected }) => {
    const target = { uri, transport: 'udp', addresses: ['10.0.1.2:5070'], flow: '', path: [] };
    const places = redirected.map((asked) =>
      asked === uri
        ? { uri, targets: [target], cause: '' }
        : { uri: asked, targets: [], cause: 'the name has no address' },
    );
    return Promise.resolve({ ...nextIs(gateways[0] ?? ''), redirected: places });
  };
  const a = bench.call();
  (await bench.incoming(0)).refuse(302, { headers: { Contact: contact } });
  const there = await bench.incoming(1);
  assert.equal(there.invite.uri, uri);
  there.answer();
  await bench.until(a.answered());
  await bench.until(there.ack());
  await bench.settle(1000);
  assert.deepEqual(
    bench.asked.next.map(({ redirected }) => redirected),
    [['sip:44@nowhere.example', uri], []],
  );
  const [answered] = bench.events;
  assert.deepEqual(
    answered?.attempts.map(({ gateway, address, code }) => [gateway, address, code]),
    [
      ['carrier-a', '10.0.1.1:5070', 302],
      ['carrier-a', '', 502],
      ['carrier-a', '10.0.1.2:5070', 200],
    ],
  );
  const told = answered.decisions.filter(({ check }) => check === 'redirect');
  assert.deepEqual(
    told.map(({ result, facts }) => [result, facts.at(-1)?.value]),
    [
      ['chosen', 'nowhere.example'],
      ['chosen', 'sbc.example'],
      ['skipped', 'the name has no address'],
    ],
  );
  await bench.close();
});

test('AUTH-11 the password of a gateway goes to no other name', async () => {
  const carrier = { ...FOLLOW, username: 'us', password: 'secret' };
  const bench = new EdgeBench({ carriers: [carrier] });
  const uri = 'sip:45@other.example';
  bench.next = ({ gateways }) => {
    const target = { uri, transport: 'udp', addresses: ['10.0.1.1:5070'], flow: '', path: [] };
    const redirected = [{ uri, targets: [target], cause: '' }];
    return Promise.resolve({ ...nextIs(gateways[0] ?? ''), redirected });
  };
  const a = bench.call();
  (await bench.incoming(0)).refuse(302, { headers: { Contact: `<${uri}>` } });
  const there = await bench.incoming(0);
  assert.equal(there.invite.uri, uri);
  there.refuse(401, {
    headers: { 'WWW-Authenticate': 'Digest realm="x", nonce="n", algorithm=MD5' },
  });
  assert.equal((await bench.until(a.final())).status, 502);
  await bench.close();
});

test('CALL-02 ROUTE-06 redirections that lead back, or on and on, come to an end', async () => {
  const bench = new EdgeBench({ carriers: [FOLLOW] });
  const a = bench.call();
  const contactOf = (at: number) => ({
    headers: { Contact: `<sip:44${String(at)}@10.0.1.1:5070>` },
  });
  (await bench.incoming()).refuse(302, contactOf(1));
  for (let at = 2; at <= 6; at++) (await bench.incoming()).refuse(302, contactOf(at));
  const final = await bench.until(a.final());
  assert.equal(final.status, 502);
  await bench.settle();
  assert.equal(bench.events[0]?.attempts.length, 6);

  const loop = new EdgeBench({ carriers: [FOLLOW] });
  const b = loop.call();
  (await loop.incoming()).refuse(302, contactOf(1));
  (await loop.incoming()).refuse(302, contactOf(1));
  assert.equal((await loop.until(b.final())).status, 502);
  await loop.close();
  await bench.close();
});

test('DENY-16 CALL-01 without a setting a redirection is a bad gateway; it passes, or is mapped, where it shall', async () => {
  for (const [answers, code, contact] of [
    [undefined, 502, undefined],
    [terms({ redirects: 'map', codes: codes(302, 480) }), 480, undefined],
    [terms({ redirects: 'pass' }), 302, '<sip:44@192.0.2.7>'],
  ] as const) {
    const bench = new EdgeBench({ carriers: [{ answers }] });
    const a = bench.call();
    (await bench.incoming()).refuse(302, { headers: { Contact: '<sip:44@192.0.2.7>' } });
    const final = await bench.until(a.final());
    assert.deepEqual([final.status, final.headers.get('Contact')], [code, contact]);
    await bench.close();
  }
});

test('AUTH-11 CALL-02 whom a carrier names gets none of the carrier’s credentials', async () => {
  const carrier = { ...FOLLOW, username: 'tandem', password: 'secret' };
  const bench = new EdgeBench({ carriers: [carrier, {}] });
  bench.route = () => Promise.resolve(routedTo(bench.candidates.slice(0, 1)));
  const a = bench.call();
  (await bench.incoming(0)).refuse(302, { headers: { Contact: '<sip:44@10.0.1.2:5070>' } });
  (await bench.incoming(1)).challenge({ realm: 'one' });
  const final = await bench.until(a.final());
  assert.equal(final.status, 502);
  assert.equal(bench.carrierAt(1).transcript.count('received', 'INVITE'), 1);
  await bench.close();
});
