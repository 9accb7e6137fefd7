import assert from 'node:assert/strict';
import test from 'node:test';
import type { TestContext } from 'node:test';
import type { MediaPlan } from '@tandem/proto/media';
import {
  OwnRtpengine,
  RtpStream,
  ScriptedPeer,
  cryptoIn,
  mediaPlace,
  sdpBody,
} from '@tandem/testing';
import type { IncomingCall, OutgoingCall, OwnRtpengineOptions } from '@tandem/testing';
import { candidateOf } from './support/call-samples.ts';
import { PodsOnLoopback } from './support/pods-on-loopback.ts';
import { anchoredPlan, sideOf } from './support/simulated-relays.ts';

interface Bench {
  readonly bench: PodsOnLoopback;
  readonly to: { readonly address: string; readonly port: number };
  readonly caller: ScriptedPeer;
  readonly carrier: ScriptedPeer;
  readonly relays: readonly OwnRtpengine[];
  /** What the caller hears and says, and what the callee does. */
  readonly a: RtpStream;
  readonly b: RtpStream;
}

/** A front with two workers, relays of their own, and an endpoint with media on either side. */
async function open(
  t: TestContext,
  plan: MediaPlan,
  { relayCount = 1, ...relay }: OwnRtpengineOptions & { readonly relayCount?: number } = {},
): Promise<Bench> {
  const relays = await Promise.all(
    Array.from({ length: relayCount }, () => OwnRtpengine.start(relay)),
  );
  const rtpengines = relays.map(({ port }) => ({ host: '127.0.0.1', port }));
  const bench = new PodsOnLoopback();
  const front = await bench.front([{ transport: 'udp', address: '127.0.0.1', port: 0 }]);
  const { address = '', port = 0 } = front.listening[0] ?? {};
  const sipAdvertised = [{ address, port }];
  for (const name of ['worker-1', 'worker-2']) {
    await bench.pod(name, { role: 'worker', sipAdvertised, rtpengines });
  }
  const [caller, carrier] = await Promise.all([
    ScriptedPeer.onUdp({ user: '1001', timeoutMs: 10_000 }),
    ScriptedPeer.onUdp({ user: 'carrier', timeoutMs: 10_000 }),
  ]);
  bench.candidates = [
    candidateOf('carrier-a', {
      addresses: [`127.0.0.1:${String(carrier.local.port)}`],
      media: plan,
    }),
  ];
  const [a, b] = await Promise.all([RtpStream.open(0x0a), RtpStream.open(0x0b)]);
  t.after(async () => {
    await Promise.all([caller.close(), carrier.close(), a.close(), b.close()]);
    await bench.close();
    await Promise.all(relays.map((each) => each.kill()));
  });
  return { bench, to: { address, port }, caller, carrier, relays, a, b };
}

interface Answered {
  readonly a: OutgoingCall;
  readonly b: IncomingCall;
  /** What the callee got, and what the caller did. */
  readonly offer: string;
  readonly answer: string;
}

async function answeredCall({ to, caller, carrier, a, b }: Bench): Promise<Answered> {
  const call = caller.invite({ to, called: '442079460000', sdp: sdpBody({ port: a.port }) });
  const incoming = await carrier.receiveCall();
  incoming.ring();
  await call.provisional(180);
  incoming.answer(sdpBody({ port: b.port }));
  const answered = await call.answered();
  await incoming.ack();
  const offer = incoming.invite.body.toString();
  const answer = answered.body.toString();
  a.start(answer);
  b.start(offer);
  return { a: call, b: incoming, offer, answer };
}

/** Both hear each other, and nothing else. */
async function talk({ a, b }: Bench): Promise<void> {
  await Promise.all([a.receives(25), b.receives(25)]);
}

async function hangUp(from: OutgoingCall | IncomingCall, to: OutgoingCall | IncomingCall) {
  const bye = from.bye();
  (await to.receive('BYE')).respond(200);
  assert.equal((await bye).status, 200);
}

/** The event of the call's end. */
async function ended({ bench }: Bench) {
  for (let left = 3000; left > 0; left--) {
    const event = bench.events.find(({ type }) => type === 'ended');
    if (event !== undefined) return event;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('no event of an end within half a minute');
}

test('CALL-08 both sides of an anchored call hear each other through the relay, with no packet lost, and the CDR counts them', async (t) => {
  const opened = await open(t, anchoredPlan());
  const { a, b } = opened;
  const call = await answeredCall(opened);
  await talk(opened);
  assert.notEqual(mediaPlace(call.offer).port, a.port);
  assert.doesNotMatch(call.offer, new RegExp(`m=audio ${String(a.port)} `));
  assert.deepEqual([...b.sources], [`127.0.0.1:${String(mediaPlace(call.offer).port)}`]);
  assert.deepEqual([...a.sources], [`127.0.0.1:${String(mediaPlace(call.answer).port)}`]);
  // DTMF by RFC 4733 passes.
  a.sendEvent(5);
  await b.receives(10);
  assert.ok(b.payloadTypes.has(101));
  a.stop();
  b.stop();
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.deepEqual([a.lost, b.lost], [0, 0]);
  await hangUp(call.b, call.a);
  const { media, termination } = await ended(opened);
  assert.equal(termination?.by, 'callee');
  assert.equal(media?.relay, `127.0.0.1:${String(opened.relays[0]?.port)}`);
  assert.deepEqual([media.a?.packets, media.b?.packets], [a.sent, b.sent]);
});

test('CALL-08 hold and resume by either side go through the relay, and the caller hangs up', async (t) => {
  const opened = await open(t, anchoredPlan());
  const { a, b } = opened;
  const call = await answeredCall(opened);
  await talk(opened);
  const held = call.a.reinvite({
    sdp: sdpBody({ port: a.port, version: 2, direction: 'sendonly' }),
  });
  const incoming = await call.b.receive('INVITE');
  assert.match(incoming.request.body.toString(), /a=sendonly/);
  const contact = { Contact: `<sip:gw@127.0.0.1:${String(opened.carrier.local.port)}>` };
  incoming.respond(200, { sdp: sdpBody({ port: b.port, version: 2, direction: 'recvonly' }), headers: contact }); // prettier-ignore
  assert.match((await held).body.toString(), /a=recvonly/);
  await call.b.ack();
  const resumed = call.b.reinvite({ sdp: sdpBody({ port: b.port, version: 3 }) });
  const again = await call.a.receive('INVITE');
  assert.match(again.request.body.toString(), /a=sendrecv/);
  const back = { Contact: `<sip:1001@127.0.0.1:${String(opened.caller.local.port)}>` };
  again.respond(200, { sdp: sdpBody({ port: a.port, version: 3 }), headers: back });
  await resumed;
  await call.a.ack();
  await talk(opened);
  await hangUp(call.a, call.b);
  // Twice 25 were heard.
  assert.ok(((await ended(opened)).media?.a?.packets ?? 0) >= 50);
});

test('CALL-08 a late offer is anchored too', async (t) => {
  const opened = await open(t, anchoredPlan());
  const { a, b, to, caller, carrier } = opened;
  const call = caller.invite({ to, called: '442079460000', sdp: null, isAckAutomatic: false });
  const incoming = await carrier.receiveCall();
  incoming.answer(sdpBody({ port: b.port }));
  const offer = (await call.answered()).body.toString();
  call.acknowledge({ sdp: sdpBody({ port: a.port }) });
  const answer = (await incoming.ack()).body.toString();
  a.start(offer);
  b.start(answer);
  await talk(opened);
  await hangUp(call, incoming);
  assert.ok(((await ended(opened)).media?.b?.packets ?? 0) > 20);
});

test('CALL-08 after an answer of another kind than its offer the next offer is that of RTP all the same', async (t) => {
  const opened = await open(t, anchoredPlan());
  const { a, to, caller, carrier } = opened;
  const call = caller.invite({ to, called: '442079460000', sdp: sdpBody({ port: a.port }) });
  const incoming = await carrier.receiveCall();
  incoming.answer(sdpBody().replace(/^m=audio[^]*$/m, 'm=image 40000 udptl t38\r\n'));
  await call.answered();
  await incoming.ack();
  void call.reinvite({ sdp: sdpBody({ port: a.port, version: 2 }) });
  const again = await incoming.receive('INVITE');
  assert.match(again.request.body.toString(), /^m=audio \d+ RTP\/AVP 0 8 101\r?$/m);
  again.respond(488);
  await hangUp(call, incoming);
});

test('CALL-08 two forks of the carrier have the caller’s media in turn, and the one that answers keeps it', async (t) => {
  const opened = await open(t, anchoredPlan());
  const { a, b, to, caller, carrier } = opened;
  const other = await RtpStream.open(0x0c);
  t.after(() => other.close());
  const call = caller.invite({ to, called: '442079460000', sdp: sdpBody({ port: a.port }) });
  const incoming = await carrier.receiveCall();
  const offer = incoming.invite.body.toString();
  incoming.incoming.respond(183, { toTag: 'one', sdp: sdpBody({ port: other.port }), headers: { Contact: '<sip:one@127.0.0.1:5999>' } }); // prettier-ignore
  await call.provisional(183);
  other.start(offer);
  await a.receives(10);
  other.stop();
  incoming.answer(sdpBody({ port: b.port }), { toTag: 'two' });
  const answer = (await call.answered()).body.toString();
  a.start(answer);
  b.start(offer);
  await talk(opened);
  const bye = call.bye();
  (await carrier.receive('BYE')).respond(200);
  await bye;
  assert.ok(((await ended(opened)).media?.b?.packets ?? 0) > 20);
});

test('CALL-08 a relay is killed in the middle of a call: a re-INVITE takes the media to the other one', async (t) => {
  const opened = await open(t, anchoredPlan(), { relayCount: 2 });
  const { a, b, relays } = opened;
  const call = await answeredCall(opened);
  await talk(opened);
  // Whose ports these are shows in its log no better than by trying.
  const first = relays.find(({ output }) => output.includes(call.b.callId)) ?? relays[0];
  await first?.kill();
  await new Promise((resolve) => setTimeout(resolve, 300));
  const held = call.a.reinvite({ sdp: sdpBody({ port: a.port, version: 2 }) });
  const incoming = await call.b.receive('INVITE');
  const contact = { Contact: `<sip:gw@127.0.0.1:${String(opened.carrier.local.port)}>` };
  incoming.respond(200, { sdp: sdpBody({ port: b.port, version: 2 }), headers: contact });
  const answer = (await held).body.toString();
  await call.b.ack();
  const offer = incoming.request.body.toString();
  a.start(answer);
  b.start(offer);
  await talk(opened);
  await first?.start();
  await hangUp(call.a, call.b);
  assert.equal((await ended(opened)).termination?.reason, 'NormalClearing');
});

test('CALL-08 one side has SRTP, the other RTP', async (t) => {
  const plan = anchoredPlan({ a: sideOf({ srtp: 'none' }), b: sideOf({ srtp: 'sdes' }) });
  const opened = await open(t, plan);
  const { a, to, caller, carrier } = opened;
  const call = caller.invite({ to, called: '442079460000', sdp: sdpBody({ port: a.port }) });
  const incoming = await carrier.receiveCall();
  const offer = incoming.invite.body.toString();
  assert.match(offer, /m=audio \d+ RTP\/SAVP /);
  assert.doesNotMatch(offer, /a=fingerprint/);
  const offered = cryptoIn(offer);
  assert.ok(offered !== undefined);
  const own = Buffer.alloc(30, 7);
  opened.b.secure({ out: own, in: offered.master });
  const line = `a=crypto:${offered.tag} AES_CM_128_HMAC_SHA1_80 inline:${own.toString('base64')}`;
  const secure = sdpBody({ port: opened.b.port })
    .replace('RTP/AVP', 'RTP/SAVP')
    .replace('a=sendrecv', `${line}\r\na=sendrecv`);
  incoming.answer(secure);
  const answer = (await call.answered()).body.toString();
  assert.match(answer, /m=audio \d+ RTP\/AVP /);
  assert.doesNotMatch(answer, /a=crypto/);
  a.start(answer);
  opened.b.start(offer);
  await talk(opened);
  await hangUp(call, incoming);
});

test('CALL-08 a caller behind NAT hears the callee: media goes to where its packets come from, whatever its description says', async (t) => {
  const opened = await open(t, anchoredPlan());
  const { a, b, to, caller, carrier } = opened;
  const hidden = sdpBody({ address: '192.0.2.77', port: 5555 });
  const call = caller.invite({ to, called: '442079460000', sdp: hidden });
  const incoming = await carrier.receiveCall();
  incoming.answer(sdpBody({ port: b.port }));
  a.start((await call.answered()).body.toString());
  b.start(incoming.invite.body.toString());
  await talk(opened);
  await hangUp(call, incoming);
});

test('CALL-08 media goes to the address that the SIP came from at once, where the gateway says so', async (t) => {
  const opened = await open(t, anchoredPlan({ a: sideOf({ nat: 'sip-source' }) }));
  const { a, b, to, caller, carrier } = opened;
  const hidden = sdpBody({ address: '192.0.2.77', port: a.port });
  const call = caller.invite({ to, called: '442079460000', sdp: hidden });
  const incoming = await carrier.receiveCall();
  incoming.answer(sdpBody({ port: b.port }));
  await call.answered();
  // The caller has said nothing yet.
  b.start(incoming.invite.body.toString());
  await a.receives(10);
  await hangUp(call, incoming);
});

test('CALL-08 one side has IPv4, the other IPv6', async (t) => {
  const plan = anchoredPlan({ b: sideOf({ addressFamily: 'ipv6' }) });
  const opened = await open(t, plan, { interfaces: ['127.0.0.1', '::1'] });
  const { a, to, caller, carrier } = opened;
  const b = await RtpStream.open(0x0d, '::1');
  t.after(() => b.close());
  const call = caller.invite({ to, called: '442079460000', sdp: sdpBody({ port: a.port }) });
  const incoming = await carrier.receiveCall();
  const offer = incoming.invite.body.toString();
  assert.match(offer, /c=IN IP6 ::1/);
  incoming.answer(sdpBody({ address: '::1', port: b.port }));
  const answer = (await call.answered()).body.toString();
  assert.match(answer, /c=IN IP4 127\.0\.0\.1/);
  a.start(answer);
  b.start(offer);
  await Promise.all([a.receives(20), b.receives(20)]);
  await hangUp(call, incoming);
});

test('CALL-05 a call whose media falls silent is ended, with a reason of its own', async (t) => {
  const opened = await open(t, anchoredPlan({ silenceSeconds: 3 }));
  const { a, b } = opened;
  const call = await answeredCall(opened);
  await talk(opened);
  a.stop();
  b.stop();
  const byes = await Promise.all([call.a.receive('BYE'), call.b.receive('BYE')]);
  for (const bye of byes) {
    assert.match(bye.request.headers.get('Reason') ?? '', /MediaTimeout/);
    bye.respond(200);
  }
  const { termination, media } = await ended(opened);
  assert.deepEqual([termination?.reason, termination?.by], ['MediaTimeout', 'switch']);
  assert.equal(media?.a?.packets, a.sent);
});

test('CALL-08 a digit by INFO is a telephone event at the side that wants those', async (t) => {
  const opened = await open(t, anchoredPlan({ b: sideOf({ dtmf: 'rfc4733' }) }));
  const call = await answeredCall(opened);
  await talk(opened);
  const info = call.a.request('INFO', {
    sdp: 'Signal=5\r\nDuration=160\r\n',
    headers: { 'Content-Type': 'application/dtmf-relay' },
  });
  assert.equal((await info).status, 200);
  await opened.b.receives(20);
  assert.ok(opened.b.payloadTypes.has(101));
  await hangUp(call.a, call.b);
});
