import assert from 'node:assert/strict';
import test from 'node:test';
import { CallEvent } from '@tandem/proto/events';
import { sdpBody } from '@tandem/testing';
import type { IncomingCall, OutgoingCall } from '@tandem/testing';
import { decodeToken } from '../../src/core/dialog/dialog-token.ts';
import { mediaTerms } from '../../src/core/media/media-terms.ts';
import { anchoring, callsAt } from '../support/anchored-bench.ts';
import type { EdgeBench } from '../support/edge-bench.ts';
import {
  RELAYS,
  anchoredPlan,
  idOf,
  relayIn,
  sideOf,
  wordOf,
} from '../support/simulated-relays.ts';
import type { SimulatedRelays } from '../support/simulated-relays.ts';

const contactB = { Contact: '<sip:gw@10.0.1.1:5070>' };

/** The relay in the last description that the caller got. */
function heardByCaller(bench: EdgeBench): string {
  const line = bench.alice.transcript.lines.findLast(
    ({ direction, message }) => direction === 'received' && message.body.length > 0,
  );
  return line === undefined ? '' : relayIn(line.message);
}

async function hangUp(bench: EdgeBench, a: OutgoingCall, b: IncomingCall): Promise<void> {
  const bye = a.bye();
  (await bench.until(b.receive('BYE'))).respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  await bench.settle(2000);
}

/** The caller holds, and the callee agrees. @returns the relay that each of them is told of */
async function hold(bench: EdgeBench, a: OutgoingCall, b: IncomingCall): Promise<string[]> {
  const held = a.reinvite({ sdp: sdpBody({ version: 2, direction: 'sendonly' }) });
  const incoming = await bench.until(b.receive('INVITE'));
  incoming.respond(200, { sdp: sdpBody({ port: 40_002, version: 2 }), headers: contactB });
  const answer = await bench.until(held);
  await bench.until(b.ack());
  return [relayIn(incoming.request), relayIn(answer)];
}

test('CALL-08 an anchored call has its media at one relay in both directions, and none there after its BYE', async () => {
  const { bench, relays } = anchoring();
  const { a, b } = await bench.answeredCall();
  const relay = relayIn(b.invite);
  assert.notEqual(relay, '');
  assert.equal(heardByCaller(bench), relay);
  assert.doesNotMatch(b.invite.body.toString(), /127\.0\.0\.1/);
  assert.deepEqual(relays.commands, [`${relay} offer`, `${relay} answer`]);
  const [offer, answer] = relays.asked.map(({ command }) => command);
  assert.deepEqual(offer?.['replace'], ['origin', 'session-connection']);
  assert.equal(offer['from-tag'], 'a');
  assert.equal(offer['to-tag'], undefined);
  assert.equal(answer?.['from-tag'], 'a');
  assert.match(wordOf(answer, 'to-tag'), /^b\../);
  await hangUp(bench, a, b);
  assert.deepEqual(callsAt(relays), []);
  assert.deepEqual(relays.commands.slice(2), [`${relay} delete`]);
  const deleted = relays.asked.at(-1)?.command;
  assert.deepEqual([deleted?.['from-tag'], deleted?.['delete delay']], ['a', 0]);
  assert.deepEqual(bench.told, ['answered', 'ended NormalClearing 200 caller']);
  await bench.close();
});

test('CALL-08 what is not to be anchored asks no relay', async () => {
  const { bench, relays } = anchoring({ carriers: [{}] });
  const { a, b } = await bench.answeredCall();
  assert.equal(relayIn(b.invite), '');
  await hold(bench, a, b);
  await hangUp(bench, a, b);
  assert.deepEqual(relays.commands, []);
  await bench.close();
});

test('CALL-08 tokens name the relay: another pod asks it for a re-INVITE of either side, and ends the call there', async () => {
  const { bench, relays } = anchoring();
  const { a, b } = await bench.answeredCall();
  const relay = relayIn(b.invite);
  const callId = relays.calls(relay)[0]?.slice(0, 16) ?? '';
  const tokens = await bench.store.tokens(callId);
  assert.ok(tokens !== undefined);
  for (const bytes of [tokens.a, tokens.b]) {
    assert.equal(decodeToken(bytes).terms.media?.relay, idOf(relay));
  }
  const other = bench.addPod();
  bench.pick = () => other;
  assert.deepEqual(await hold(bench, a, b), [relay, relay]);
  const resumed = b.reinvite({ sdp: sdpBody({ port: 40_002, version: 3 }) });
  const incoming = await bench.until(a.receive('INVITE'));
  assert.equal(relayIn(incoming.request), relay);
  incoming.respond(200, {
    sdp: sdpBody({ version: 3 }),
    headers: { Contact: '<sip:1001@10.0.0.2:5062>' },
  });
  assert.equal(relayIn(await bench.until(resumed)), relay);
  await bench.until(a.ack());
  const tag = wordOf(relays.asked[1]?.command, 'to-tag');
  assert.deepEqual(
    relays.asked
      .slice(2)
      .map(({ command }) => [command.command, command['from-tag'], command['to-tag']]),
    [
      ['offer', 'a', tag],
      ['answer', 'a', tag],
      ['offer', tag, 'a'],
      ['answer', tag, 'a'],
    ],
  );
  await hangUp(bench, a, b);
  assert.deepEqual(callsAt(relays), []);
  await bench.close();
});

test('CALL-08 a late offer is that of the callee, and the caller answers in its ACK', async () => {
  const { bench, relays } = anchoring();
  const a = bench.call({ sdp: null, isAckAutomatic: false });
  const b = await bench.incoming();
  assert.equal(b.invite.body.length, 0);
  b.answer();
  const answer = await bench.until(a.answered());
  const relay = relayIn(answer);
  assert.notEqual(relay, '');
  a.acknowledge({ sdp: sdpBody() });
  assert.equal(relayIn(await bench.until(b.ack())), relay);
  const [offer, answered] = relays.asked.map(({ command }) => command);
  assert.deepEqual([offer?.command, offer?.['to-tag']], ['offer', 'a']);
  assert.deepEqual([answered?.command, answered?.['from-tag']], ['answer', offer?.['from-tag']]);
  await hangUp(bench, a, b);
  assert.deepEqual(callsAt(relays), []);
  await bench.close();
});

test('CALL-08 a PRACK answers what a provisional response has offered, an UPDATE offers and its 2xx answers', async () => {
  const { bench, relays } = anchoring();
  const a = bench.call({ sdp: null, headers: { Supported: '100rel' } });
  const b = await bench.incoming();
  b.progress(sdpBody({ port: 40_002 }), { headers: { Require: '100rel', RSeq: '1' } });
  const relay = relayIn(await bench.until(a.provisional(183)));
  assert.notEqual(relay, '');
  const prack = a.request('PRACK', { sdp: sdpBody(), headers: { RAck: '1 1 INVITE' } });
  const pracked = await bench.until(b.receive('PRACK'));
  assert.equal(relayIn(pracked.request), relay);
  pracked.respond(200);
  await bench.until(prack);
  const update = a.request('UPDATE', { sdp: sdpBody({ version: 2 }) });
  const updated = await bench.until(b.receive('UPDATE'));
  assert.equal(relayIn(updated.request), relay);
  updated.respond(200, { sdp: sdpBody({ port: 40_002, version: 2 }), headers: contactB });
  assert.equal(relayIn(await bench.until(update)), relay);
  const tag = relays.asked[0]?.command['from-tag'];
  assert.deepEqual(
    relays.asked.map(({ command }) => [command.command, command['from-tag'], command['to-tag']]),
    [
      ['offer', tag, 'a'],
      ['answer', tag, 'a'],
      ['offer', 'a', tag],
      ['answer', 'a', tag],
    ],
  );
  await bench.until(a.cancel());
  await bench.settle(2000);
  assert.deepEqual(callsAt(relays), []);
  await bench.close();
});

test('CALL-08 a relay that dies is passed over for new calls, and a re-INVITE takes the media of its calls to another', async () => {
  const { bench, relays } = anchoring();
  const { a, b } = await bench.answeredCall();
  const first = relayIn(b.invite);
  relays.dead.add(first);
  const [other] = RELAYS.filter((host) => host !== first);
  assert.deepEqual(await hold(bench, a, b), [other, other]);
  for (let calls = 0; calls < 4; calls++) {
    bench.call();
    assert.equal(relayIn((await bench.incoming()).invite), other);
  }
  // Back, but empty: an answer is looked for where its offer went, and the end reaches both.
  relays.restart(first);
  await hangUp(bench, a, b);
  assert.ok(!callsAt(relays).some((name) => name.startsWith(callIdOf(relays))));
  await bench.close();
});

test('CALL-06 CALL-08 a relay has been away and is back, empty: a pod that has begun since finds the call at the other one', async () => {
  const { bench, relays } = anchoring();
  const { a, b } = await bench.answeredCall();
  const first = relayIn(b.invite);
  relays.dead.add(first);
  await hold(bench, a, b);
  relays.restart(first);
  const [id = ''] = callsAt(relays);
  const media = relays.mediaOfNewProcess();
  const place = { relay: idOf(first), attempt: 1, isLateOffer: false, offer: () => undefined };
  const terms = mediaTerms(anchoredPlan(), place);
  assert.ok(terms !== undefined);
  const call = { callId: id.slice(0, 16), terms };
  const figures = await bench.until(media.figures(call));
  assert.equal(figures?.relay, `${RELAYS.find((host) => host !== first) ?? ''}:2223`);
  media.release(call);
  await bench.settle(100);
  assert.deepEqual(callsAt(relays), []);
  await bench.close();
});

function callIdOf({ asked }: SimulatedRelays): string {
  return wordOf(asked[0]?.command, 'call-id');
}

test('CALL-08 the relay dies while the callee is rung: the caller is given another one, and the next offer repairs the rest', async () => {
  const { bench, relays } = anchoring();
  const a = bench.call();
  const b = await bench.incoming();
  const first = relayIn(b.invite);
  const [other = ''] = RELAYS.filter((host) => host !== first);
  b.ring();
  await bench.until(a.provisional(180));
  relays.dead.add(first);
  b.answer();
  assert.equal(relayIn(await bench.until(a.answered())), other);
  await bench.until(b.ack());
  assert.deepEqual(await hold(bench, a, b), [other, other]);
  await hangUp(bench, a, b);
  assert.deepEqual(relays.calls(other), []);
  await bench.close();
});

test('CALL-08 a relay without a free port is passed over', async () => {
  const { bench, relays } = anchoring();
  const first = relays.pool.pick('a')?.host ?? '';
  relays.full.add(first);
  for (let calls = 0; calls < 6; calls++) {
    bench.call();
    assert.notEqual(relayIn((await bench.incoming()).invite), first);
  }
  await bench.close();
});

test('CALL-08 a relay that silently takes the other IP version is passed over', async () => {
  const media = anchoredPlan({ b: sideOf({ addressFamily: 'ipv6' }) });
  const { bench, relays } = anchoring({ carriers: [{ media }] });
  relays.plain.add(RELAYS[0]);
  for (let calls = 0; calls < 6; calls++) {
    bench.call();
    const { invite } = await bench.incoming();
    assert.equal(relayIn(invite), '2001:db8::9');
  }
  await bench.settle(100);
  assert.deepEqual(relays.calls(RELAYS[0]), []);
  await bench.close();
});

for (const isRequired of [true, false]) {
  test(`CALL-08 with no relay at all a call ${isRequired ? 'is refused where one is required' : 'goes on where one is optional'}`, async () => {
    const { bench, relays } = anchoring({ carriers: [{ media: anchoredPlan({ isRequired }) }] });
    for (const host of RELAYS) relays.dead.add(host);
    relays.pool.start();
    await bench.settle(700);
    const a = bench.call();
    if (isRequired) {
      assert.equal((await bench.until(a.final())).status, 503);
      await bench.settle(1000);
      assert.deepEqual(bench.told, ['ended ServiceUnavailable 503 switch']);
    } else {
      const b = await bench.incoming();
      assert.match(b.invite.body.toString(), /127\.0\.0\.1/);
      b.answer();
      await bench.until(a.answered());
      await bench.until(b.ack());
      await hangUp(bench, a, b);
    }
    const { decisions } = bench.events.at(-1) ?? CallEvent.create();
    const decision = decisions.find(({ check }) => check === 'media');
    assert.equal(decision?.result, 'skipped');
    relays.pool.close();
    await bench.close();
  });
}

test('CALL-08 the relay that required media needs dies under the INVITE: it goes to the other relay', async () => {
  const { bench, relays } = anchoring();
  const first = relays.pool.pick('a')?.host ?? '';
  relays.dead.add(first);
  for (let calls = 0; calls < 3; calls++) {
    bench.call();
    assert.notEqual(relayIn((await bench.incoming()).invite), first);
  }
  await bench.close();
});

test('CALL-08 the tokens of both sides name the relay that has taken the offer, not the silent one that was to have it', async () => {
  const usual = anchoring();
  const dead = relayIn((await usual.bench.answeredCall()).b.invite);
  await usual.bench.close();
  // The same call of another bench is meant for the same relay.
  const { bench, relays } = anchoring();
  relays.dead.add(dead);
  const { b } = await bench.answeredCall();
  const living = relayIn(b.invite);
  assert.ok(living !== '' && living !== dead);
  const tokens = await bench.store.tokens(relays.calls(living)[0]?.slice(0, 16) ?? '');
  assert.ok(tokens !== undefined);
  for (const bytes of [tokens.a, tokens.b]) {
    assert.equal(decodeToken(bytes).terms.media?.relay, idOf(living));
  }
  await bench.close();
});

test('ROUTE-06 the next gateway has a call of its own at the relay, and that of the failed one is gone', async () => {
  const { bench, relays } = anchoring({
    carriers: [{ media: anchoredPlan() }, { media: anchoredPlan() }],
  });
  const a = bench.call();
  (await bench.incoming(0)).refuse(500);
  const b = await bench.incoming(1);
  const [first, second] = relays.asked.map(({ command }) => wordOf(command, 'call-id'));
  assert.match(first ?? '', /-1$/);
  await bench.settle(100);
  assert.deepEqual(
    callsAt(relays).filter((name) => name === first),
    [],
  );
  const names = relays.asked.flatMap(({ command }) => command.command === 'offer' ? [wordOf(command, 'call-id')] : []); // prettier-ignore
  assert.match(names[1] ?? '', /-2$/);
  assert.ok(second !== undefined);
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  await hangUp(bench, a, b);
  assert.deepEqual(callsAt(relays), []);
  await bench.close();
});

test('DENY-17 a cancelled call is gone from the relay', async () => {
  const { bench, relays } = anchoring();
  const a = bench.call();
  const b = await bench.incoming();
  b.progress();
  await bench.until(a.provisional(183));
  await bench.until(a.cancel());
  assert.equal((await bench.until(a.final())).status, 487);
  await bench.settle(2000);
  assert.deepEqual(callsAt(relays), []);
  await bench.close();
});

test('AUTH-11 the INVITE that answers a challenge has the media of the challenged one', async () => {
  const { bench, relays } = anchoring({
    carriers: [{ media: anchoredPlan(), username: 'tandem', password: 'secret' }],
  });
  const a = bench.call();
  const challenged = await bench.incoming();
  challenged.challenge();
  const b = await bench.incoming();
  assert.equal(b.invite.body.toString(), challenged.invite.body.toString());
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  assert.equal(callsAt(relays).length, 1);
  await hangUp(bench, a, b);
  assert.deepEqual(callsAt(relays), []);
  await bench.close();
});

test('CALL-08 what each side needs is asked for in every offer to it', async () => {
  const media = anchoredPlan({
    isRecorded: true,
    a: sideOf({ srtp: 'sdes', nat: 'sip-source', interface: 'access' }),
    b: sideOf({ srtp: 'none', ice: 'remove', codecsOffered: ['PCMA'], codecsStripped: ['G729'] }),
  });
  const { bench, relays } = anchoring({ carriers: [{ media }] });
  const { a, b } = await bench.answeredCall();
  const toB = relays.asked[0]?.command ?? { command: '' };
  assert.equal(toB['transport protocol'], 'RTP/AVP');
  assert.equal(toB['ICE'], 'remove');
  assert.deepEqual(toB['codec'], { strip: ['all', 'G729'], offer: ['PCMA'] });
  assert.deepEqual(toB['direction'], ['access', 'default']);
  assert.deepEqual(toB['flags'], ['SIP source address']);
  assert.deepEqual(toB['received from'], ['IP4', '10.0.0.2']);
  assert.equal(toB['record call'], 'yes');
  const held = b.reinvite({ sdp: sdpBody({ port: 40_002, version: 2 }) });
  (await bench.until(a.receive('INVITE'))).respond(200, {
    headers: { Contact: '<sip:1001@10.0.0.2:5062>' },
  });
  await bench.until(held);
  const toA = relays.asked[2]?.command ?? { command: '' };
  assert.equal(toA['transport protocol'], 'RTP/SAVP');
  assert.equal(toA['DTLS'], 'off');
  assert.deepEqual(toA['direction'], ['default', 'access']);
  assert.deepEqual(toA['flags'], ['trust address']);
  await bench.close();
});

test('CALL-08 what the relay counted is in the CDR’s event', async () => {
  const { bench } = anchoring();
  const { a, b } = await bench.answeredCall();
  await hangUp(bench, a, b);
  const ended = bench.events.at(-1);
  assert.equal(ended?.type, 'ended');
  assert.match(ended.media?.relay ?? '', /^198\.51\.100\.\d:2223$/);
  const { a: fromA, b: fromB } = ended.media ?? {};
  assert.deepEqual(fromA, {
    packets: 500,
    bytes: 86_000,
    lostPackets: 2,
    lossPercent: 1,
    jitterMs: 4,
    mosTenths: 43,
    lowestMosTenths: 40,
  });
  assert.deepEqual([fromB?.packets, fromB?.mosTenths], [480, 0]);
  await bench.close();
});

test('BILL-04 CALL-08 what the relay counted is not lost while the log is away', async () => {
  const { bench } = anchoring();
  bench.outbox.start();
  const { a, b } = await bench.answeredCall();
  bench.isLogUp = false;
  await hangUp(bench, a, b);
  assert.deepEqual(bench.told, ['answered']);
  bench.isLogUp = true;
  await bench.settle(20_000);
  assert.deepEqual(bench.told, ['answered', 'ended NormalClearing 200 caller']);
  assert.equal(bench.events.at(-1)?.media?.a?.packets, 500);
  await bench.outbox.close();
  await bench.close();
});

test('CALL-08 an end does not wait for a relay that is gone', async () => {
  const { bench, relays } = anchoring();
  const { a, b } = await bench.answeredCall();
  for (const host of RELAYS) relays.dead.add(host);
  const bye = a.bye();
  const beganMs = bench.clock.now();
  const incoming = await bench.until(b.receive('BYE'));
  assert.ok(bench.clock.now() - beganMs <= 100);
  incoming.respond(200);
  await bench.until(bye);
  await bench.settle(700);
  assert.deepEqual(bench.told, ['answered', 'ended NormalClearing 200 caller']);
  await bench.close();
});

test('CALL-08 a digit that comes by INFO reaches the other side as a telephone event, where that wants it', async () => {
  const media = anchoredPlan({ b: sideOf({ dtmf: 'rfc4733' }) });
  const { bench, relays } = anchoring({ carriers: [{ media }] });
  const { a, b } = await bench.answeredCall();
  const type = 'application/dtmf-relay';
  const info = a.request('INFO', {
    headers: { 'Content-Type': type },
    sdp: 'Signal=5\r\nDuration=200\r\n',
  });
  assert.equal((await bench.until(info)).status, 200);
  const played = relays.asked.at(-1)?.command ?? { command: '' };
  assert.deepEqual(
    [played.command, played['from-tag'], played['code'], played['duration']],
    ['play DTMF', 'a', '5', 200],
  );
  assert.equal(bench.carrier.transcript.count('received', 'INFO'), 0);
  // In the other direction nobody asked for it.
  const back = b.request('INFO', {
    headers: { 'Content-Type': type },
    sdp: 'Signal=6\r\n',
  });
  (await bench.until(a.receive('INFO'))).respond(200);
  assert.equal((await bench.until(back)).status, 200);
  await bench.close();
});
