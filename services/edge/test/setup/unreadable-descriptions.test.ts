import assert from 'node:assert/strict';
import test from 'node:test';
import { CallEvent } from '@tandem/proto/events';
import { sdpBody } from '@tandem/testing';
import { anchoring, callsAt } from '../support/anchored-bench.ts';
import type { EdgeBench } from '../support/edge-bench.ts';
import { receivedBy } from '../support/media-relay.ts';
import { RELAYS, anchoredPlan, relayIn } from '../support/simulated-relays.ts';

/** Says nowhere where media is to go, so that no relay takes it. */
const unreadable = sdpBody({ port: 40_002 }).replace(/^c=.*\r\n/m, '');

const twoCarriers = { carriers: [{ media: anchoredPlan() }, { media: anchoredPlan() }] };

function decisionsOf({ events }: EdgeBench): string[] {
  const { decisions } = events.at(-1) ?? CallEvent.create();
  return decisions
    .filter(({ check, result }) => check === 'media' && result === 'failed')
    .map(({ subject, reason }) => `${subject} ${reason}`);
}

test('CALL-08 an INVITE whose description cannot be anchored is refused with 488, and no gateway hears of it', async () => {
  const { bench, relays } = anchoring(twoCarriers);
  const a = bench.call({ sdp: unreadable });
  const final = await bench.until(a.final());
  assert.equal(final.status, 488);
  assert.match(final.headers.get('Warning') ?? '', /cannot be read/);
  await bench.settle(2000);
  assert.deepEqual(bench.told, ['ended DescriptionInvalid 488 switch']);
  assert.deepEqual(decisionsOf(bench), ['caller DescriptionInvalid']);
  assert.deepEqual(receivedBy(bench.carrierAt(0)), []);
  const offers = relays.asked.filter(({ command }) => command.command === 'offer');
  assert.equal(offers.length, 1);
  await bench.close();
});

test('CALL-08 it passes as it is where a relay is optional', async () => {
  const { bench } = anchoring({ carriers: [{ media: anchoredPlan({ isRequired: false }) }] });
  const a = bench.call({ sdp: unreadable });
  const b = await bench.incoming();
  assert.equal(b.invite.body.toString(), unreadable);
  b.answer(unreadable);
  assert.equal((await bench.until(a.answered())).body.toString(), unreadable);
  await bench.until(b.ack());
  assert.deepEqual(bench.told, ['answered']);
  await bench.close();
});

test('CALL-08 ROUTE-06 a 183 whose description cannot be anchored is cancelled, and the next gateway is called', async () => {
  const { bench, relays } = anchoring(twoCarriers);
  const a = bench.call();
  const failing = await bench.incoming(0);
  failing.progress(unreadable);
  const b = await bench.incoming(1);
  await bench.until(failing.cancelled());
  b.answer();
  assert.notEqual(relayIn(await bench.until(a.answered())), '');
  await bench.until(b.ack());
  const heard = receivedBy(bench.alice).map((line) => line.split(' ')[0]);
  assert.deepEqual(heard, ['100', '200']);
  await bench.settle(2000);
  assert.deepEqual(bench.told, ['answered']);
  assert.equal(callsAt(relays).length, 1);
  await bench.close();
});

test('CALL-08 after the last gateway’s the caller is told 502', async () => {
  const { bench, relays } = anchoring();
  const a = bench.call();
  const b = await bench.incoming();
  b.progress(unreadable);
  assert.equal((await bench.until(a.final())).status, 502);
  await bench.until(b.cancelled());
  await bench.settle(2000);
  assert.deepEqual(bench.told, ['ended BadGateway 502 switch']);
  assert.deepEqual(decisionsOf(bench), ['routing-gateway carrier-a BadGateway']);
  assert.deepEqual(callsAt(relays), []);
  await bench.close();
});

test('CALL-08 BILL-03 an answer whose description cannot be anchored is hung up, and answers no call', async () => {
  const { bench, relays } = anchoring();
  const a = bench.call();
  const b = await bench.incoming();
  b.ring();
  await bench.until(a.provisional(180));
  b.answer(unreadable);
  assert.equal((await bench.until(a.final())).status, 502);
  await bench.until(b.ack());
  (await bench.until(b.receive('BYE'))).respond(200);
  await bench.settle(2000);
  assert.deepEqual(bench.told, ['ended BadGateway 502 switch']);
  assert.deepEqual(callsAt(relays), []);
  await bench.close();
});

test('CALL-08 ROUTE-06 the next gateway answers in its place', async () => {
  const { bench, relays } = anchoring(twoCarriers);
  const a = bench.call();
  const failing = await bench.incoming(0);
  failing.answer(unreadable);
  const b = await bench.incoming(1);
  b.answer();
  assert.notEqual(relayIn(await bench.until(a.answered())), '');
  await bench.until(b.ack());
  await bench.until(failing.ack());
  (await bench.until(failing.receive('BYE'))).respond(200);
  await bench.settle(2000);
  assert.deepEqual(bench.told, ['answered']);
  assert.equal(callsAt(relays).length, 1);
  await bench.close();
});

test('CALL-08 with no relay left for the answer the callee is hung up, and the caller is told 503', async () => {
  const { bench, relays } = anchoring();
  const a = bench.call();
  const b = await bench.incoming();
  for (const host of RELAYS) relays.dead.add(host);
  b.answer();
  assert.equal((await bench.until(a.final())).status, 503);
  await bench.until(b.ack());
  (await bench.until(b.receive('BYE'))).respond(200);
  await bench.settle(2000);
  assert.deepEqual(bench.told, ['ended ServiceUnavailable 503 switch']);
  await bench.close();
});

test('CALL-08 a cancel that comes while the answer is anchored is weighed with the answer', async () => {
  const { bench, relays } = anchoring();
  const a = bench.call();
  const b = await bench.incoming();
  b.ring();
  await bench.until(a.provisional(180));
  for (const host of RELAYS) relays.dead.add(host);
  b.answer();
  await bench.clock.advanceSettled(100);
  const cancelled = a.cancel();
  assert.ok((await bench.until(a.final())).status >= 400);
  await bench.until(cancelled);
  await bench.until(b.ack());
  (await bench.until(b.receive('BYE'))).respond(200);
  await bench.settle(2000);
  assert.equal(bench.told.length, 1);
  assert.match(bench.told[0] ?? '', /^ended (ServiceUnavailable|CallerCancelled) /);
  await bench.close();
});
