import assert from 'node:assert/strict';
import test from 'node:test';
import type { DialogTerms } from '@tandem/proto/routing';
import { EdgeBench } from '../support/edge-bench.ts';

const dialog: DialogTerms = {
  sessionIntervalSeconds: 600,
  probeIntervalSeconds: 300,
  relaysRefer: false,
  contact: 'user',
  identityA: 0,
  identityB: 0,
};
const bench = (): EdgeBench => new EdgeBench({ carriers: [{ dialog }] });
const timer = { Supported: 'timer' };
const fromCaller = { headers: { Contact: '<sip:1001@10.0.0.2:5062>' } };
const fromCallee = { Contact: '<sip:gw@10.0.1.1:5070>' };

test('CALL-05 the INVITE that leaves offers a session interval; a callee with session timers takes it', async () => {
  const edge = bench();
  const a = edge.call();
  const b = await edge.incoming();
  assert.equal(b.invite.headers.get('Session-Expires'), '600');
  b.answer(undefined, { headers: { 'Session-Expires': '600;refresher=uas' } });
  const answer = await edge.until(a.answered());
  assert.equal(answer.headers.get('Session-Expires'), '600;refresher=uas');
  assert.ok(!answer.headers.has('Require'));
  await edge.until(b.ack());
  await edge.close();
});

test('CALL-05 a callee without session timers: the caller that has them is told to refresh', async () => {
  const edge = bench();
  const a = edge.call({ headers: timer });
  const b = await edge.incoming();
  b.answer();
  const answer = await edge.until(a.answered());
  assert.equal(answer.headers.get('Session-Expires'), '600;refresher=uac');
  assert.equal(answer.headers.get('Require'), 'timer');
  await edge.until(b.ack());
  await edge.close();
});

test('CALL-05 refreshes by the caller keep a call up, and each 2xx of a callee without session timers is completed', async () => {
  const edge = bench();
  const { a, b } = await edge.answeredCall({ headers: timer });
  for (let refresh = 0; refresh < 4; refresh += 1) {
    await edge.settle(300_000);
    await edge.sweep();
    const update = a.request('UPDATE', { headers: timer });
    const incoming = await edge.until(b.receive('UPDATE'));
    assert.equal(incoming.request.headers.get('Session-Expires'), '600');
    incoming.respond(200, { headers: fromCallee });
    const response = await edge.until(update);
    assert.equal(response.headers.get('Session-Expires'), '600;refresher=uac');
    assert.equal(response.headers.get('Require'), 'timer');
  }
  assert.ok(!edge.told.some((event) => event.startsWith('ended')));
  await edge.close();
});

test('CALL-05 T2-27 a session that nobody refreshes ends with BYE to both sides, and is billed to it where both were there', async () => {
  const edge = bench();
  const { a, b } = await edge.answeredCall({ headers: timer });
  await edge.settle(200_000);
  const held = a.reinvite({ headers: timer });
  (await edge.until(b.receive('INVITE'))).respond(200, { headers: fromCallee });
  await edge.until(held);
  await edge.settle(599_000);
  await edge.sweep();
  assert.equal(edge.alice.transcript.count('received', 'BYE'), 0);
  await edge.settle(2000);
  await edge.sweep();
  const [byeA, byeB] = await Promise.all([
    edge.until(a.receive('BYE')),
    edge.until(b.receive('BYE')),
  ]);
  for (const bye of [byeA, byeB]) {
    assert.match(bye.request.headers.get('CSeq') ?? '', /^1073741824 BYE$/);
    assert.match(bye.request.headers.get('Reason') ?? '', /SessionExpired/);
    bye.respond(200);
  }
  await edge.settle(1000);
  assert.equal(edge.told.at(-1), 'ended SessionExpired 200 switch');
  const ended = edge.events.at(-1);
  assert.ok(ended !== undefined);
  assert.ok(Math.abs(ended.endedMs - edge.clock.now()) < 2000);
  assert.deepEqual([ended.chargedToAlive, ended.aliveMs], [true, ended.endedMs]);
  assert.equal(await edge.heldLines(), 0);
  await edge.close();
});

for (const [what, caller, callee, isAlive] of [
  ['both accept', 200, 200, true],
  ['the caller is silent and the callee accepts', undefined, 200, true],
  ['the caller has no such call and the callee accepts', 481, 200, true],
  ['the caller accepts and the callee has no such call', 200, 481, false],
  ['the caller accepts and the callee is silent', 200, undefined, false],
  ['both have no such call', 481, 481, false],
  ['both are silent', undefined, undefined, false],
] as const) {
  test(`CALL-05 T2-27 the BYE of an expired session: ${what}, so the call is billed to ${isAlive ? 'its end' : 'the last refresh'}`, async () => {
    const edge = bench();
    const { a, b } = await edge.answeredCall({ headers: timer });
    await edge.settle(100_000);
    const held = a.reinvite({ headers: timer });
    (await edge.until(b.receive('INVITE'))).respond(200, { headers: fromCallee });
    await edge.until(held);
    const refreshedMs = edge.clock.now();
    await edge.settle(600_500);
    await edge.sweep();
    const endedMs = edge.clock.now();
    const [toA, toB] = [await edge.until(a.receive('BYE')), await edge.until(b.receive('BYE'))];
    if (caller !== undefined) toA.respond(caller);
    if (callee !== undefined) toB.respond(callee);
    await edge.settle(40_000);
    const ends = edge.events.filter(({ type }) => type === 'ended');
    assert.equal(ends.length, 1);
    const [ended] = ends;
    assert.equal(ended?.termination?.reason, 'SessionExpired');
    assert.ok(ended.chargedToAlive);
    assert.ok(Math.abs(ended.endedMs - endedMs) < 1000);
    assert.ok(Math.abs(ended.aliveMs - (isAlive ? ended.endedMs : refreshedMs)) < 1000);
    await edge.close();
  });
}

test('CALL-05 T2-27 whatever is answered in the dialog is a proof of life, without an interval of its own', async () => {
  const edge = bench();
  const { a, b } = await edge.answeredCall({ headers: timer });
  await edge.settle(500_000);
  const [info, asked] = [a.request('INFO'), b.receive('INFO')];
  (await edge.until(asked)).respond(200);
  await edge.until(info);
  const provedMs = edge.clock.now();
  await edge.settle(600_000 - 500_000 + 500);
  await edge.sweep();
  (await edge.until(b.receive('BYE'))).respond(481);
  await edge.settle(1000);
  const ended = edge.events.find(({ type }) => type === 'ended');
  assert.ok(ended !== undefined);
  assert.ok(Math.abs(ended.aliveMs - provedMs) < 1000);
  await edge.close();
});

test('CALL-05 T2-27 a plain call takes no other step of the store than claim, record, answer, end and the settling of its events; all that hang up within 50 ms have one together', async () => {
  const edge = bench();
  for (let call = 0; call < 2; call += 1) {
    const { a, b } = await edge.answeredCall();
    const bye = a.bye();
    (await edge.until(b.receive('BYE'))).respond(200);
    await edge.until(bye);
  }
  await edge.settle(1000);
  const steps = edge.storeSteps().filter((step) => step !== 'claimed' && step !== 'settle');
  const call = ['claim', 'writeAhead', 'answer', 'end'];
  assert.deepEqual(steps, [...call, ...call, 'hungUp']);
  await edge.close();
});

test('CALL-05 T2-26 a short interval of a caller without session timers is raised, and Min-SE with it; nobody is refused', async () => {
  for (const [asked, expected] of [
    [{ 'Session-Expires': '60' }, ['90', '90']],
    [{ 'Session-Expires': '60', 'Min-SE': '40' }, ['90', '90']],
    [{ 'Session-Expires': '60;refresher=uac', 'Min-SE': '120' }, ['120;refresher=uac', '120']],
    [{ 'Session-Expires': '89' }, ['90', '90']],
    [{ 'Session-Expires': '90' }, ['90', undefined]],
    [{ 'Session-Expires': '200', 'Min-SE': '60' }, ['200', '60']],
    [{ x: '60' }, ['90', '90']],
  ] as const) {
    const edge = bench();
    const a = edge.call({ headers: asked });
    const b = await edge.incoming();
    const { headers } = b.invite;
    assert.deepEqual([headers.get('Session-Expires'), headers.get('Min-SE')], expected);
    b.answer();
    const answer = await edge.until(a.answered());
    // It has no session timer, and neither has the callee (RFC 4028 §8.2).
    assert.equal(answer.headers.get('Session-Expires'), undefined);
    assert.ok(!answer.headers.has('Require'));
    await edge.until(b.ack());
    await edge.close();
  }
});

test('CALL-05 T2-26 Min-SE of a sender with session timers is never put in nor changed, in either direction', async () => {
  const edge = bench();
  const { a, b } = await edge.answeredCall({ headers: timer });
  assert.ok(!b.invite.headers.has('Min-SE'));
  for (const [from, to, asked] of [
    [a, b, { ...timer, 'Session-Expires': '300', 'Min-SE': '100' }],
    [b, a, { ...timer, 'Session-Expires': '1800', 'Min-SE': '700' }],
    [b, a, { ...timer }],
  ] as const) {
    const update = from.request('UPDATE', { headers: asked });
    const incoming = await edge.until(to.receive('UPDATE'));
    const { headers } = incoming.request;
    const least: string | undefined = 'Min-SE' in asked ? asked['Min-SE'] : undefined;
    assert.equal(headers.get('Min-SE'), least);
    const expected = least === '100' ? '300' : least === '700' ? '700' : '600';
    assert.equal(headers.get('Session-Expires'), expected);
    incoming.respond(200, { headers: to === b ? fromCallee : fromCaller.headers });
    const response = await edge.until(update);
    // RFC 4028 §8.2: completed with the interval that the request went on with.
    assert.equal(response.headers.get('Session-Expires'), `${expected};refresher=uac`);
    assert.equal(response.headers.get('Require'), 'timer');
  }
  await edge.close();
});

test('CALL-05 T2-26 in the dialog, too, a short interval of a sender without session timers is raised; its 2xx is left as it is', async () => {
  const edge = bench();
  const { a, b } = await edge.answeredCall({ headers: timer });
  for (const [from, to, contact] of [
    [a, b, fromCallee],
    [b, a, fromCaller.headers],
  ] as const) {
    const update = from.request('UPDATE', { headers: { 'Session-Expires': '30' } });
    const incoming = await edge.until(to.receive('UPDATE'));
    const { headers } = incoming.request;
    assert.deepEqual([headers.get('Session-Expires'), headers.get('Min-SE')], ['90', '90']);
    incoming.respond(200, { headers: contact });
    const response = await edge.until(update);
    assert.equal(response.status, 200);
    assert.ok(!response.headers.has('Session-Expires') && !response.headers.has('Require'));
  }
  await edge.close();
});

test('CALL-05 T2-26 what the called side of a refresh says of the session passes as it is', async () => {
  const edge = bench();
  const { a, b } = await edge.answeredCall({ headers: timer });
  for (const said of ['600;refresher=uas', '120;refresher=uac', '600']) {
    const update = a.request('UPDATE', {
      headers: { ...timer, 'Session-Expires': '600;refresher=uas' },
    });
    const incoming = await edge.until(b.receive('UPDATE'));
    assert.equal(incoming.request.headers.get('Session-Expires'), '600;refresher=uas');
    incoming.respond(200, {
      headers: { ...fromCallee, 'Session-Expires': said, Require: 'timer' },
    });
    const response = await edge.until(update);
    assert.equal(response.headers.get('Session-Expires'), said);
    assert.equal(response.headers.get('Require'), 'timer');
  }
  // The last one but one holds.
  await edge.settle(500_000);
  await edge.sweep();
  assert.equal(edge.alice.transcript.count('received', 'BYE'), 0);
  await edge.close();
});

test('CALL-05 T2-26 a refresh whose 2xx names no interval turns the session timer off, a later one on again', async () => {
  const edge = bench();
  const { a, b } = await edge.answeredCall({ headers: timer });
  const off = a.request('UPDATE');
  (await edge.until(b.receive('UPDATE'))).respond(200, { headers: fromCallee });
  assert.ok(!(await edge.until(off)).headers.has('Session-Expires'));
  await edge.settle(1_300_000);
  await edge.sweep();
  await edge.settle(1000);
  assert.equal(edge.alice.transcript.count('received', 'BYE'), 0);
  assert.ok(!edge.told.some((event) => event.startsWith('ended')));
  const on = a.request('UPDATE', { headers: timer });
  (await edge.until(b.receive('UPDATE'))).respond(200, { headers: fromCallee });
  assert.equal((await edge.until(on)).headers.get('Session-Expires'), '600;refresher=uac');
  await edge.settle(600_500);
  await edge.sweep();
  (await edge.until(a.receive('BYE'))).respond(200);
  (await edge.until(b.receive('BYE'))).respond(200);
  await edge.settle(1000);
  assert.equal(edge.told.at(-1), 'ended SessionExpired 200 switch');
  await edge.close();
});

test('CALL-05 T2-26 a refresh of the callee keeps the call up, whichever pods pass it', async () => {
  const edge = bench();
  const other = edge.addPod();
  const { a, b } = await edge.answeredCall({ headers: timer });
  let turn = 0;
  edge.pick = () => ((turn += 1) % 2 === 0 ? edge.server : other);
  for (let refresh = 0; refresh < 3; refresh += 1) {
    await edge.settle(400_000);
    await edge.sweep();
    const update = b.request('UPDATE', { headers: timer });
    (await edge.until(a.receive('UPDATE'))).respond(200, fromCaller);
    assert.equal((await edge.until(update)).headers.get('Session-Expires'), '600;refresher=uac');
  }
  assert.ok(!edge.told.some((event) => event.startsWith('ended')));
  await edge.close();
});

test('CALL-05 T2-26 a request with a too short interval and session timers is 422 with Min-SE from either side, and passes nobody', async () => {
  const edge = bench();
  const { a, b } = await edge.answeredCall({ headers: timer });
  for (const [from, to] of [
    [a, edge.carrier],
    [b, edge.alice],
  ] as const) {
    for (const method of ['INVITE', 'UPDATE']) {
      const brief = { Supported: '100rel, timer', 'Session-Expires': '89;refresher=uac' };
      const before = to.transcript.count('received', method);
      const response = await edge.until(from.request(method, { headers: brief }));
      assert.deepEqual([response.status, response.headers.get('Min-SE')], [422, '90']);
      assert.equal(to.transcript.count('received', method), before);
    }
  }
  await edge.close();
});

test('CALL-05 an interval below 90 s is refused with 422 and Min-SE, in a call and before it', async () => {
  const edge = bench();
  const brief = { ...timer, 'Session-Expires': '60' };
  const response = await edge.until(edge.call({ headers: brief }).final());
  assert.equal(response.status, 422);
  assert.equal(response.headers.get('Min-SE'), '90');
  const { a } = await edge.answeredCall();
  const again = await edge.until(a.request('UPDATE', { headers: brief }));
  assert.equal(again.status, 422);
  assert.equal(again.headers.get('Min-SE'), '90');
  await edge.close();
});

test('CALL-05 a carrier’s 422 goes to the caller, who asks again with the longer interval', async () => {
  const edge = new EdgeBench({ carriers: [{ dialog }, { dialog }] });
  const a = edge.call({ headers: timer });
  (await edge.incoming()).refuse(422, {
    reason: 'Session Interval Too Small',
    headers: { 'Min-SE': '900' },
  });
  const response = await edge.until(a.final());
  assert.equal(response.status, 422);
  assert.equal(response.headers.get('Min-SE'), '900');
  const again = edge.call({ headers: { ...timer, 'Session-Expires': '900', 'Min-SE': '900' } });
  const b = await edge.incoming();
  assert.equal(b.invite.headers.get('Session-Expires'), '900');
  b.answer();
  await edge.until(again.answered());
  await edge.until(b.ack());
  await edge.close();
});

test('CALL-05 where neither side has session timers both are asked, and the call goes on with its numbers in order', async () => {
  const edge = bench();
  const { a, b } = await edge.answeredCall();
  for (let round = 0; round < 2; round += 1) {
    await edge.settle(300_500);
    await edge.sweep();
    const [toA, toB] = [
      await edge.until(a.receive('OPTIONS')),
      await edge.until(b.receive('OPTIONS')),
    ];
    toA.respond(200);
    toB.respond(500);
    await edge.settle(500);
  }
  const numberOf = (value: string | undefined): number => Number(value?.split(' ')[0]);
  const lastProbe = numberOf(
    edge.carrier.transcript.lines
      .findLast(({ message }) => message.headers.get('CSeq')?.endsWith('OPTIONS') === true)
      ?.message.headers.get('CSeq'),
  );
  const held = a.reinvite();
  const incoming = await edge.until(b.receive('INVITE'));
  const invited = numberOf(incoming.request.headers.get('CSeq'));
  assert.ok(invited > lastProbe, `${String(invited)} after ${String(lastProbe)}`);
  incoming.respond(200, { headers: fromCallee });
  assert.equal((await edge.until(held)).headers.get('CSeq'), '2 INVITE');
  assert.equal(numberOf((await edge.until(b.ack())).headers.get('CSeq')), invited);
  const back = b.reinvite();
  const returned = await edge.until(a.receive('INVITE'));
  assert.ok(numberOf(returned.request.headers.get('CSeq')) > 1);
  returned.respond(200, fromCaller);
  await edge.until(back);
  const bye = a.bye();
  const last = await edge.until(b.receive('BYE'));
  assert.ok(numberOf(last.request.headers.get('CSeq')) > invited);
  last.respond(200);
  assert.equal((await edge.until(bye)).status, 200);
  assert.deepEqual(
    edge.told.filter((event) => event !== 'interim'),
    ['answered', 'ended NormalClearing 200 caller'],
  );
  await edge.close();
});

for (const [what, status] of [
  ['says that there is no such call', 481],
  ['says nothing at all', undefined],
] as const) {
  test(`CALL-05 a side that ${what} ends the call for both, billed to the last sign of life`, async () => {
    const edge = bench();
    const { a, b } = await edge.answeredCall();
    const answeredMs = edge.clock.now();
    await edge.settle(300_500);
    await edge.sweep();
    (await edge.until(a.receive('OPTIONS'))).respond(200);
    const asked = await edge.until(b.receive('OPTIONS'));
    if (status !== undefined) asked.respond(status);
    const bye = await edge.until(a.receive('BYE'));
    bye.respond(200);
    await edge.settle(1000);
    const ended = edge.events.find(({ type }) => type === 'ended');
    assert.equal(ended?.termination?.reason, 'SessionExpired');
    assert.match(ended.termination.text, /callee/);
    assert.ok(ended.chargedToAlive);
    assert.ok(Math.abs(ended.aliveMs - answeredMs) < 2000);
    assert.ok(ended.endedMs > answeredMs + 300_000);
    assert.equal(edge.carrier.transcript.count('received', 'BYE') > 0, true);
    assert.equal(await edge.heldLines(), 0);
    await edge.close();
  });
}

test('CALL-05 the answer to a probe that reaches another pod goes to the one that asked', async () => {
  const edge = bench();
  const other = edge.addPod();
  const { a, b } = await edge.answeredCall();
  await edge.settle(300_500);
  edge.pick = () => other;
  await edge.sweep(edge.server);
  (await edge.until(a.receive('OPTIONS'))).respond(200);
  (await edge.until(b.receive('OPTIONS'))).respond(200);
  await edge.settle(60_000);
  assert.equal(edge.alice.transcript.count('received', 'OPTIONS'), 1);
  assert.ok(!edge.told.some((event) => event.startsWith('ended')));
  await edge.close();
});

test('CALL-09 the longest duration ends a call with BYE to both sides, the same bytes from whichever pod', async () => {
  const edge = bench();
  const route = edge.route;
  edge.route = async (request) => {
    const response = await route(request);
    if (response.outcome?.$case === 'routed') response.outcome.value.maxDurationSeconds = 120;
    return response;
  };
  const { a, b } = await edge.answeredCall();
  await edge.settle(121_000);
  await edge.sweep(edge.addPod());
  const byes = [await edge.until(a.receive('BYE')), await edge.until(b.receive('BYE'))];
  for (const bye of byes) {
    assert.match(bye.request.headers.get('Reason') ?? '', /DurationLimit/);
    bye.respond(200);
  }
  await edge.settle(40_000);
  assert.equal(edge.told.at(-1), 'ended DurationLimit 200 switch');
  const ended = edge.events.at(-1);
  // The sweep came a second late: nobody pays for that.
  assert.ok(ended !== undefined);
  assert.equal(ended.endedMs, ended.answeredMs + 120_000);
  assert.equal(await edge.heldLines(), 0);
  await edge.close();
});
