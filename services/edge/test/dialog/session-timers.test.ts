import assert from 'node:assert/strict';
import test from 'node:test';
import type { DialogTerms } from '@tandem/proto/routing';
import { EdgeBench } from '../support/edge-bench.ts';

const dialog: DialogTerms = {
  sessionIntervalSeconds: 600,
  probeIntervalSeconds: 300,
  relaysRefer: false,
  contact: 'user',
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

test('CALL-05 a session that nobody refreshes ends with BYE to both sides, billed to the last refresh', async () => {
  const edge = bench();
  const { a, b } = await edge.answeredCall({ headers: timer });
  await edge.settle(200_000);
  const held = a.reinvite({ headers: timer });
  (await edge.until(b.receive('INVITE'))).respond(200, { headers: fromCallee });
  await edge.until(held);
  const refreshedMs = edge.clock.now();
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
  assert.ok(Math.abs((ended?.endedMs ?? 0) - refreshedMs) < 1000);
  assert.equal(await edge.heldLines(), 0);
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
    assert.ok(Math.abs(ended.endedMs - answeredMs) < 2000);
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
