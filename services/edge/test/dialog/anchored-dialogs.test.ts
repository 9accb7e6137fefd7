import assert from 'node:assert/strict';
import test from 'node:test';
import { ForkedCallee, sdpBody } from '@tandem/testing';
import type { IncomingCall, OutgoingCall, ScriptedPeer } from '@tandem/testing';
import type { SipRequest } from '@tandem/sip';
import { anchoring, callsAt } from '../support/anchored-bench.ts';
import type { EdgeBench } from '../support/edge-bench.ts';
import { requestIn, tagOf } from '../support/forks.ts';
import { anchoredPlan, relayIn, wordOf } from '../support/simulated-relays.ts';

const contactB = { Contact: '<sip:gw@10.0.1.1:5070>' };

function lastOf(peer: ScriptedPeer, method: string, direction: 'sent' | 'received'): SipRequest {
  const found = peer.transcript.lines.findLast(
    ({ direction: way, message }) =>
      way === direction && message.kind === 'request' && message.method === method,
  )?.message;
  assert.ok(found?.kind === 'request');
  return found;
}

async function hangUp(bench: EdgeBench, a: OutgoingCall, b: IncomingCall): Promise<void> {
  const bye = a.bye();
  (await bench.until(b.receive('BYE'))).respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  await bench.settle(500);
}

/** The caller takes its re-INVITE back. */
function cancelReinvite({ alice }: EdgeBench): void {
  const { headers, uri } = lastOf(alice, 'INVITE', 'sent');
  const same = ['Via', 'From', 'To', 'Call-ID'].map(
    (name) => `${name}: ${headers.get(name) ?? ''}`,
  );
  const number = headers.get('CSeq')?.replace('INVITE', 'CANCEL') ?? '';
  const lines = [`CANCEL ${uri} SIP/2.0`, ...same, 'Max-Forwards: 70', `CSeq: ${number}`];
  alice.sendRaw([...lines, 'Content-Length: 0', '', ''].join('\r\n'), {
    address: '10.0.0.1',
    port: 5060,
  });
}

for (const sdp of [sdpBody({ version: 2 }), undefined]) {
  const offer = sdp === undefined ? 'without an offer' : 'with an offer';
  test(`CALL-08 CANCEL and the ACK of a refusal meet an anchored re-INVITE ${offer}`, async () => {
    const { bench } = anchoring();
    const { a, b } = await bench.answeredCall();
    const refused = a.reinvite(sdp === undefined ? {} : { sdp });
    const incoming = await bench.until(b.receive('INVITE'));
    incoming.respond(100);
    await bench.settle(50);
    cancelReinvite(bench);
    await bench.settle(50);
    const via = incoming.request.headers.get('Via');
    assert.equal(lastOf(bench.carrier, 'CANCEL', 'received').headers.get('Via'), via);
    incoming.respond(487);
    assert.equal((await bench.until(refused)).status, 487);
    await bench.settle(100);
    assert.equal(lastOf(bench.carrier, 'ACK', 'received').headers.get('Via'), via);
    await bench.close();
  });
}

test('CALL-08 the 200 to a re-INVITE that offers nothing offers itself, over any pod', async () => {
  const { bench, relays } = anchoring();
  const { a, b } = await bench.answeredCall();
  const relay = relayIn(b.invite);
  const asked = a.reinvite();
  const incoming = await bench.until(b.receive('INVITE'));
  const other = bench.addPod();
  bench.pick = () => other;
  incoming.respond(200, { sdp: sdpBody({ port: 40_002, version: 2 }), headers: contactB });
  assert.equal(relayIn(await bench.until(asked)), relay);
  assert.equal(relays.asked.at(-1)?.command.command, 'offer');
  assert.equal(wordOf(relays.asked.at(-1)?.command, 'to-tag'), 'a');
  await bench.close();
});

test('CALL-08 a re-INVITE that crosses the BYE is refused, and leaves nothing at the relay', async () => {
  const { bench, relays } = anchoring();
  const { a, b } = await bench.answeredCall();
  const bye = a.bye();
  const hungUp = await bench.until(b.receive('BYE'));
  const crossing = b.reinvite({ sdp: sdpBody({ port: 40_002, version: 2 }) });
  const incoming = await bench.until(a.receive('INVITE'));
  assert.equal(callsAt(relays).length, 1);
  hungUp.respond(200);
  await bench.until(bye);
  incoming.respond(481);
  assert.equal((await bench.until(crossing)).status, 481);
  await bench.settle(100);
  assert.deepEqual(callsAt(relays), []);
  await bench.close();
});

test('CALL-08 what refuses a re-INVITE answers no offer, whatever it describes', async () => {
  const { bench, relays } = anchoring();
  const { a, b } = await bench.answeredCall();
  const refused = a.reinvite({ sdp: sdpBody({ version: 2 }) });
  const incoming = await bench.until(b.receive('INVITE'));
  const before = relays.commands.length;
  incoming.respond(488, { sdp: sdpBody({ port: 40_002 }) });
  assert.equal((await bench.until(refused)).status, 488);
  assert.equal(relays.commands.length, before);
  await bench.close();
});

const unreadable = sdpBody({ port: 40_002, version: 2 }).replace(/^c=.*\r\n/m, '');

test('CALL-08 a re-INVITE whose description cannot be anchored is refused with 488, and the other side hears nothing', async () => {
  const { bench } = anchoring();
  const { a, b } = await bench.answeredCall();
  const before = bench.carrier.transcript.count('received', 'INVITE');
  const refused = await bench.until(a.reinvite({ sdp: unreadable }));
  assert.equal(refused.status, 488);
  assert.match(refused.headers.get('Warning') ?? '', /cannot be read/);
  assert.equal(bench.carrier.transcript.count('received', 'INVITE'), before);
  await hangUp(bench, a, b);
  await bench.close();
});

for (const side of ['a', 'b'] as const) {
  test(`CALL-08 a 200 to a re-INVITE of ${side} whose description cannot be anchored becomes 488, is acknowledged, and the call goes on`, async () => {
    const { bench } = anchoring();
    const { a, b } = await bench.answeredCall();
    const other = bench.addPod();
    const [asking, asked] = side === 'a' ? [a, b] : [b, a];
    const answered = asking.reinvite({ sdp: sdpBody({ version: 2 }) });
    const incoming = await bench.until(asked.receive('INVITE'));
    bench.pick = () => other;
    const headers = side === 'a' ? contactB : { Contact: '<sip:1001@10.0.0.2:5062>' };
    incoming.respond(200, { sdp: unreadable, headers });
    const refused = await bench.until(answered);
    assert.equal(refused.status, 488);
    assert.equal(refused.body.length, 0);
    await bench.until(asked.ack());
    const again = asking.reinvite({ sdp: sdpBody({ version: 3 }) });
    const next = await bench.until(asked.receive('INVITE'));
    next.respond(200, { sdp: sdpBody({ port: 40_002, version: 3 }), headers });
    assert.equal((await bench.until(again)).status, 200);
    await hangUp(bench, a, b);
    assert.deepEqual(bench.told, ['answered', 'ended NormalClearing 200 caller']);
    await bench.close();
  });
}

test('AUTH-11 CALL-08 an anchored re-INVITE that is challenged goes out again with the relay’s description, and its CANCEL meets it', async () => {
  const credentials = { username: 'tandem', password: 'carrier-secret' };
  const { bench, relays } = anchoring({ carriers: [{ media: anchoredPlan(), ...credentials }] });
  const { a, b } = await bench.answeredCall();
  const refused = a.reinvite({ sdp: sdpBody({ version: 2 }) });
  const first = await bench.until(b.receive('INVITE'));
  const before = relays.commands.length;
  first.challenge({ status: 407 });
  const second = await bench.until(b.receive('INVITE'));
  assert.equal(second.request.body.toString(), first.request.body.toString());
  assert.notEqual(relayIn(second.request), '');
  assert.equal(relays.commands.length, before);
  second.respond(100);
  await bench.settle(50);
  cancelReinvite(bench);
  await bench.settle(50);
  const via = second.request.headers.get('Via');
  assert.equal(lastOf(bench.carrier, 'CANCEL', 'received').headers.get('Via'), via);
  second.respond(487);
  assert.equal((await bench.until(refused)).status, 487);
  await bench.close();
});

test('CALL-02 CALL-08 each callee behind an INVITE has a tag of its own at the relay; BYE in a dialog that has lost deletes nothing', async () => {
  const { bench, relays } = anchoring();
  const a = bench.call({});
  const b = await bench.incoming();
  const relay = relayIn(b.invite);
  const [one, two] = ['one', 'two'].map((tag) => new ForkedCallee(bench.carrier, b, tag));
  assert.ok(one !== undefined && two !== undefined);
  one.ring(183, {}, one.sdp);
  const early = await bench.until(a.provisional(183));
  assert.equal(relayIn(early), relay);
  two.answer();
  const answer = await bench.until(a.answered());
  assert.equal(relayIn(answer), relay);
  assert.notEqual(tagOf(answer), tagOf(early));
  const tags = relays.asked
    .filter(({ command }) => command.command === 'answer')
    .map(({ command }) => wordOf(command, 'to-tag'));
  assert.equal(new Set(tags).size, 2);
  const late = requestIn(a, early, 'BYE');
  (await bench.until(one.receive('BYE'))).respond(481);
  assert.equal((await bench.until(late)).status, 481);
  await bench.settle(500);
  assert.equal(callsAt(relays).length, 1);
  assert.deepEqual(bench.told, ['answered']);
  const bye = requestIn(a, answer, 'BYE');
  (await bench.until(two.receive('BYE'))).respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  await bench.settle(500);
  assert.deepEqual(callsAt(relays), []);
  assert.deepEqual(bench.told, ['answered', 'ended NormalClearing 200 caller']);
  await bench.close();
});

test('CALL-05 CALL-08 the end of an expired session has the figures of its media, though it waits for what the callee says', async () => {
  const dialog = {
    sessionIntervalSeconds: 600,
    probeIntervalSeconds: 300,
    relaysRefer: false,
    contact: 'user',
    identityA: 0,
    identityB: 0,
  };
  const { bench, relays } = anchoring({ carriers: [{ media: anchoredPlan(), dialog }] });
  const { a, b } = await bench.answeredCall({ headers: { Supported: 'timer' } });
  await bench.settle(600_500);
  await bench.sweep();
  const [toA, toB] = [await bench.until(a.receive('BYE')), await bench.until(b.receive('BYE'))];
  assert.deepEqual(bench.told, ['answered']);
  assert.deepEqual(callsAt(relays), []);
  toA.respond(200);
  toB.respond(200);
  await bench.settle(1000);
  assert.deepEqual(bench.told, ['answered', 'ended SessionExpired 200 switch']);
  const ended = bench.events.at(-1);
  assert.equal(ended?.media?.a?.packets, 500);
  assert.deepEqual([ended.chargedToAlive, ended.aliveMs], [true, ended.endedMs]);
  await bench.close();
});

test('CALL-05 CALL-08 a call whose media has fallen silent ends once, at once, and is charged to its end', async () => {
  const { bench, relays } = anchoring({
    carriers: [{ media: anchoredPlan({ silenceSeconds: 30 }) }],
  });
  const { a, b } = await bench.answeredCall();
  const callId = callsAt(relays)[0]?.slice(0, 16) ?? '';
  await bench.server.silent(callId, 30);
  assert.deepEqual(bench.told, ['answered']);
  await bench.settle(40_000);
  const silent = bench.server.silent(callId, 30);
  const [toA, toB] = [await bench.until(a.receive('BYE')), await bench.until(b.receive('BYE'))];
  await bench.until(silent);
  for (const bye of [toA, toB]) {
    assert.match(bye.request.headers.get('Reason') ?? '', /MediaTimeout/);
    bye.respond(200);
  }
  await bench.settle(70_000);
  assert.deepEqual(bench.told, ['answered', 'ended MediaTimeout 200 switch']);
  const ended = bench.events.at(-1);
  assert.equal(ended?.media?.a?.packets, 500);
  assert.equal(ended.chargedToAlive, false);
  assert.ok(ended.endedMs - ended.answeredMs >= 40_000);
  await bench.close();
});
