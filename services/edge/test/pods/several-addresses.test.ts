import assert from 'node:assert/strict';
import test from 'node:test';
import { identityTermsOf } from '@tandem/domain';
import type { AuthenticateReply } from '@tandem/proto/edge-replies';
import { AnswerTerms, CandidateIdentity, DialogTerms } from '@tandem/proto/routing';
import type { SipMessage } from '@tandem/sip';
import { allowed, candidateOf, routedTo } from '../support/call-samples.ts';
import { assertClean, complete, hangUp } from '../support/pod-calls.ts';
import { PodsBench } from '../support/pods-bench.ts';
import type { PodsBenchOptions } from '../support/pods-bench.ts';

const V6 = { address: '2001:db8::1', port: 5060 };
const V4 = { address: '203.0.113.1', port: 5070 };
const ANSWERED = ['answered', 'ended NormalClearing 200 caller'];

const trusted = identityTermsOf({ trusted: true, uri: 'sip', userPhone: false });

const across: PodsBenchOptions = {
  places: [V6, V4],
  caller: { address: '2001:db8::2', port: 5062 },
  carriersAt: ['192.0.2.20'],
};

/** What a peer has received: the addresses of the switch that stand in it. */
function named(messages: readonly SipMessage[]): readonly string[] {
  const places = messages.flatMap((message) => {
    const { headers } = message;
    const from = message.kind === 'request' ? [headers.get('Via'), headers.get('From')] : [];
    const texts = [...from, headers.get('Contact')];
    return texts.flatMap(
      (text) => /(?:UDP |@)(\[[^\]]+\]|[\d.]+)(:\d+)?/.exec(text ?? '')?.[1] ?? [],
    );
  });
  return [...new Set(places)];
}

function received(peer: PodsBench['alice']): SipMessage[] {
  return peer.transcript.lines.flatMap(({ direction, message }) =>
    direction === 'received' ? [message] : [],
  );
}

test('CALL-07 T2-33 each leg is told of the address of its own IP version, in every message', async () => {
  const bench = await PodsBench.start(across);
  const a = bench.call({ to: V6 });
  const b = await bench.incoming();
  assert.match(b.invite.headers.get('Via') ?? '', /^SIP\/2\.0\/UDP 203\.0\.113\.1:5070;/);
  assert.match(b.invite.headers.get('Contact') ?? '', /@203\.0\.113\.1:5070>/);
  b.ring();
  await bench.until(a.provisional(180));
  b.answer();
  const answer = await bench.until(a.answered());
  assert.match(answer.headers.get('Contact') ?? '', /@\[2001:db8::1\]:5060>/);
  await bench.until(b.ack());
  const bye = b.bye();
  (await bench.until(a.receive('BYE'))).respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  assert.deepEqual(named(received(bench.carrier)), ['203.0.113.1']);
  assert.deepEqual(named(received(bench.alice)), ['[2001:db8::1]']);
  await assertClean(bench, ['answered', 'ended NormalClearing 200 callee']);
});

test('CALL-07 T2-33 the pod that adopts a call names what the dead one named', async () => {
  for (const step of ['after-invite', 'after-provisional'] as const) {
    const bench = await PodsBench.start(across);
    bench.killAt(step);
    const a = bench.call({ to: V6 });
    const b = await bench.incoming();
    b.ring();
    await bench.until(a.provisional(180));
    await complete(bench, a, b);
    assert.deepEqual(named(received(bench.carrier)), ['203.0.113.1'], step);
    assert.deepEqual(named(received(bench.alice)), ['[2001:db8::1]'], step);
    await assertClean(bench, ANSWERED);
  }
});

test('CALL-07 T2-33 CANCEL and its ACK have the Via of the INVITE, also from another pod', async () => {
  for (const isKilled of [false, true]) {
    const bench = await PodsBench.start(across);
    if (isKilled) bench.killAt('before-cancel');
    const a = bench.call({ to: V6 });
    const b = await bench.incoming();
    b.ring();
    await bench.until(a.provisional(180));
    void a.cancel();
    const cancel = await bench.until(b.cancelled());
    assert.equal(cancel.headers.get('Via'), b.invite.headers.get('Via'));
    await bench.settle();
    assert.deepEqual(named(received(bench.carrier)), ['203.0.113.1']);
    await bench.close();
  }
});

test('CALL-07 T2-33 the switch’s own BYE and probes name the address of each leg', async () => {
  const dialog = {
    sessionIntervalSeconds: 0,
    probeIntervalSeconds: 30,
    relaysRefer: false,
    contact: 'user',
    identityA: 0,
    identityB: 0,
  };
  const bench = await PodsBench.start({ ...across, carriers: [{ dialog }] });
  const a = bench.call({ to: V6 });
  const b = await bench.incoming();
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  const asked = await bench.until(b.receive('OPTIONS'));
  assert.match(asked.request.headers.get('Via') ?? '', /UDP 203\.0\.113\.1:5070;/);
  asked.respond(481);
  const other = await bench.until(a.receive('OPTIONS'));
  assert.match(other.request.headers.get('Via') ?? '', /UDP \[2001:db8::1\]:5060;/);
  other.respond(200);
  (await bench.until(a.receive('BYE'))).respond(200);
  (await bench.until(b.receive('BYE'))).respond(200);
  await bench.settle();
  assert.deepEqual(named(received(bench.carrier)), ['203.0.113.1']);
  assert.deepEqual(named(received(bench.alice)), ['[2001:db8::1]']);
  await bench.close();
});

test('CALL-07 CALL-12 who calls and who is reached have the address of the leg that is told, also from another pod', async () => {
  const dialog = DialogTerms.fromPartial({ identityA: trusted, identityB: trusted });
  const identity = CandidateIdentity.fromPartial({ asserted: '+441632960123' });
  const bench = await PodsBench.start({ ...across, carriers: [{ dialog, identity }] });
  bench.killAt('after-invite');
  const a = bench.call({ to: V6 });
  const b = await bench.incoming();
  const caller = b.invite.headers.get('P-Asserted-Identity');
  assert.equal(caller, '<sip:+441632960123@203.0.113.1>');
  const headers = { 'P-Asserted-Identity': '<sip:+442079460000@carrier.example>' };
  b.answer(undefined, { headers });
  const answered = await bench.until(a.answered());
  const reached = answered.headers.get('P-Asserted-Identity');
  assert.equal(reached, '<sip:+442079460000@[2001:db8::1]>');
  await bench.until(b.ack());
  const bye = a.bye();
  const heard = await bench.until(b.receive('BYE'));
  assert.match(heard.request.headers.get('From') ?? '', /@203\.0\.113\.1>;/);
  heard.respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  assert.deepEqual(named(received(bench.carrier)), ['203.0.113.1']);
  assert.deepEqual(named(received(bench.alice)), ['[2001:db8::1]']);
  await bench.close();
});

test('CALL-07 T2-33 a gateway that no listener reaches is left at once, and the decision says why', async () => {
  const bench = await PodsBench.start({
    ...across,
    carriers: [candidateOf('carrier-a', { addresses: ['[2001:db8::20]:5070'] }), {}],
    places: [V4],
    caller: { address: '192.0.2.10', port: 5062 },
    carriersAt: ['192.0.2.20', '192.0.2.21'],
  });
  const startMs = bench.clock.now();
  const a = bench.call({ to: V4 });
  const b = await bench.incoming(1);
  const waitedMs = bench.clock.now() - startMs;
  assert.ok(waitedMs < 1000, String(waitedMs));
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  await hangUp(bench, a, b);
  await bench.settle();
  const [attempt] = bench.events.at(-1)?.attempts ?? [];
  assert.equal(attempt?.reason, 'BadGateway');
  const decision = bench.events.at(-1)?.decisions.find(({ check }) => check === 'local-address');
  const facts = Object.fromEntries(decision?.facts.map(({ name, value }) => [name, value]) ?? []);
  assert.deepEqual(facts, {
    address: '[2001:db8::20]:5070',
    transport: 'udp',
    'local-address': '',
  });
  await bench.close();
});

test('CALL-07 a gateway that is the switch itself is left at once: the call would come back', async () => {
  const bench = await PodsBench.start({
    carriers: [candidateOf('carrier-a', { addresses: ['10.0.0.1:5060'] })],
  });
  const a = bench.call();
  assert.equal((await bench.until(a.final())).status, 502);
  await bench.settle();
  const found = bench.events.at(-1)?.decisions.find(({ check }) => check === 'local-address');
  assert.deepEqual(found?.facts, [{ name: 'address', value: '10.0.0.1:5060' }]);
  await bench.close();
});

const OUTER = { address: '203.0.113.1', port: 5060 };
const INNER = { address: '10.0.0.5', port: 5060 };

test('CALL-07 of two listeners of one IP version the one that was called answers, and stays the leg’s', async () => {
  const bench = await PodsBench.start({
    places: [OUTER, INNER],
    caller: { address: '10.0.0.9', port: 5062 },
    carriersAt: ['192.0.2.20'],
  });
  const a = bench.call({ to: INNER });
  const b = await bench.incoming();
  b.answer();
  const answer = await bench.until(a.answered());
  assert.match(answer.headers.get('Contact') ?? '', /@10\.0\.0\.5:5060>/);
  await bench.until(b.ack());
  const bye = b.bye();
  const heard = await bench.until(a.receive('BYE'));
  assert.deepEqual(heard.source, INNER);
  assert.match(heard.request.headers.get('Via') ?? '', /UDP 10\.0\.0\.5:5060;/);
  heard.respond(200);
  await bench.until(bye);
  assert.deepEqual(named(received(bench.carrier)), ['203.0.113.1']);
  await assertClean(bench, ['answered', 'ended NormalClearing 200 callee']);
});

test('CALL-07 a gateway is told the local address that is set for it, and that of its network else', async () => {
  const target = {
    uri: 'sip:442079460000@192.0.2.20:5070',
    transport: 'udp',
    addresses: ['192.0.2.20:5070'],
    flow: '',
    path: [],
    local: '10.0.0.5:5060',
  };
  const places = [{ ...OUTER, network: '192.0.2.0/24' }, INNER, OUTER];
  const options = {
    places,
    caller: { address: '10.0.0.9', port: 5062 },
    carriersAt: ['192.0.2.20'],
  };
  for (const [targets, expected] of [
    [[target], INNER],
    [[], OUTER],
  ] as const) {
    const bench = await PodsBench.start({ ...options, carriers: [{ targets: [...targets] }] });
    bench.killAt('after-invite');
    const a = bench.call({ to: INNER });
    const b = await bench.incoming();
    await complete(bench, a, b);
    assert.deepEqual(named(received(bench.carrier)), [expected.address]);
    const from = bench.network.sent.filter(({ to }) => to.address === '192.0.2.20');
    assert.ok(from.every((sent) => sent.from.address === expected.address));
    await assertClean(bench, ANSWERED);
  }
});

test('CALL-07 ROUTE-06 who a redirection names is told what its network is, the gateway itself what is set for it', async () => {
  const answers = AnswerTerms.fromPartial({ redirects: 'follow' });
  const addresses = ['192.0.2.20:5070'];
  const uri = 'sip:442079460000@192.0.2.20:5070';
  const target = { uri, transport: 'udp', addresses, flow: '', path: [], local: '10.0.0.5:5060' };
  for (const [contact, at, expected] of [
    ['<sip:44@192.0.2.21:5070>', 1, OUTER],
    ['<sip:44@192.0.2.20:5070>', 0, INNER],
  ] as const) {
    const bench = await PodsBench.start({
      places: [OUTER, INNER],
      caller: { address: '10.0.0.9', port: 5062 },
      carriersAt: ['192.0.2.20', '192.0.2.21'],
      carriers: [{ targets: [target], answers }, {}],
    });
    bench.route = () => Promise.resolve(routedTo(bench.candidates.slice(0, 1)));
    const a = bench.call({ to: INNER });
    const first = await bench.incoming(0);
    assert.match(first.invite.headers.get('Via') ?? '', /UDP 10\.0\.0\.5:5060;/);
    first.refuse(302, { headers: { Contact: contact } });
    const b = await bench.incoming(at);
    assert.ok(b.invite.headers.get('Via')?.includes(`UDP ${expected.address}:5060;`));
    await complete(bench, a, b);
    await assertClean(bench, ANSWERED);
  }
});

test('AUTH-11 CALL-07 what answers a challenge in the dialog names what was named before, from whatever pod', async () => {
  const credentials = { username: 'tandem', password: 'carrier-secret' };
  const bench = await PodsBench.start({ ...across, carriers: [credentials] });
  const a = bench.call({ to: V6 });
  const b = await bench.incoming();
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  const bye = a.bye();
  (await bench.until(b.receive('BYE'))).challenge({ status: 407 });
  const again = await bench.until(b.receive('BYE'));
  assert.ok(again.request.headers.has('Proxy-Authorization'));
  again.respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  assert.deepEqual(named(received(bench.carrier)), ['203.0.113.1']);
  assert.deepEqual(named(received(bench.alice)), ['[2001:db8::1]']);
  await bench.close();
});

for (const [replyAddress, port] of [
  ['via', 5099],
  ['via-port', 5099],
  ['socket', 5062],
] as const) {
  test(`CALL-07 a gateway with reply address ${replyAddress} gets its answers there, whichever pod gives them`, async () => {
    const bench = await PodsBench.start({ carriers: [{}] });
    bench.authenticate = (): Promise<AuthenticateReply> =>
      Promise.resolve({ ...allowed(), replyAddress });
    bench.killAt('after-invite');
    const other = bench.peer('other', { address: '10.0.0.2', port: 5099 });
    const a = bench.call({ headers: { Via: 'SIP/2.0/UDP 10.0.0.2:5099;branch=z9hG4bKreply' } });
    const b = await bench.incoming();
    b.ring();
    await bench.settle(3000);
    b.refuse(486);
    await bench.settle(40_000);
    const answers = bench.network.sent.filter(({ from, to }) => {
      return from.address === '10.0.0.1' && to.address === '10.0.0.2';
    });
    const ports = new Set(answers.map(({ to }) => to.port));
    assert.deepEqual([...ports], [port]);
    assert.ok(answers.length >= 2);
    assert.ok(a.invite.headers.get('Via')?.includes('5099'));
    await other.close();
    await bench.close();
  });
}
