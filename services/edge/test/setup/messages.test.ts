import assert from 'node:assert/strict';
import test from 'node:test';
import { identityTermsOf } from '@tandem/domain';
import { CandidateIdentity, DialogTerms } from '@tandem/proto/routing';
import type { SipResponse } from '@tandem/sip';
import { provesPassword } from '@tandem/testing';
import { allowed, challenged, deniedBy, unrouted } from '../support/call-samples.ts';
import { EDGE, EdgeBench } from '../support/edge-bench.ts';
import type { EdgeBenchOptions } from '../support/edge-bench.ts';

const BODY = 'Grüße';

/** A MESSAGE of alice's, as bytes. */
function messageText(cseq = 1): Buffer {
  const body = Buffer.from(BODY);
  const head = [
    `MESSAGE sip:442079460000@${EDGE.address} SIP/2.0`,
    `Via: SIP/2.0/UDP 10.0.0.2:5062;branch=z9hG4bKm${String(cseq)}`,
    'Max-Forwards: 70',
    'From: "Alice" <sip:1001@office.example>;tag=a1',
    'To: <sip:442079460000@office.example>',
    'Call-ID: m1@office.example',
    `CSeq: ${String(cseq)} MESSAGE`,
    'Content-Type: text/plain;charset=UTF-8',
    'X-Internal: office.example',
    `Content-Length: ${String(body.length)}`,
    '',
    '',
  ].join('\r\n');
  return Buffer.concat([Buffer.from(head), body]);
}

function relaying(options: EdgeBenchOptions = {}): EdgeBench {
  return new EdgeBench({ ...options, relaysMessages: true });
}

function lastResponse(bench: EdgeBench): SipResponse | undefined {
  const message = bench.alice.transcript.lines.findLast(
    ({ direction }) => direction === 'received',
  )?.message;
  return message?.kind === 'response' ? message : undefined;
}

test('CALL-04 MESSAGE out of a dialog is refused unless it is to be relayed, and Allow says what is taken', async () => {
  const refusing = new EdgeBench();
  const refused = await refusing.until(refusing.alice.request('MESSAGE', { to: EDGE }));
  assert.deepEqual(
    [refused.status, refused.headers.get('Allow')],
    [405, 'INVITE, ACK, CANCEL, OPTIONS'],
  );
  await refusing.close();
  const bench = relaying();
  const other = await bench.until(bench.alice.request('PUBLISH', { to: EDGE }));
  assert.equal(other.headers.get('Allow'), 'INVITE, ACK, CANCEL, OPTIONS, MESSAGE');
  const options = await bench.until(bench.alice.request('OPTIONS', { to: EDGE }));
  assert.match(options.headers.get('Allow') ?? '', /MESSAGE$/);
  await bench.close();
});

test('CALL-04 CALL-01 a MESSAGE goes where a call would go, takes no line, and its answer comes back', async () => {
  const bench = relaying();
  bench.alice.sendRaw(messageText(), EDGE);
  const there = await bench.until(bench.carrier.receive('MESSAGE'));
  const { request } = there;
  assert.equal(request.uri, 'sip:442079460000@10.0.1.1:5070');
  assert.equal(request.body.toString(), BODY);
  assert.equal(request.headers.get('Content-Type'), 'text/plain;charset=UTF-8');
  assert.equal(request.headers.get('Max-Forwards'), '69');
  assert.ok(!request.headers.toText().includes('office.example'));
  there.respond(202, { reason: 'Accepted' });
  await bench.settle(200);
  const answer = lastResponse(bench);
  assert.equal(answer?.status, 202);
  assert.equal(answer.headers.get('Call-ID'), 'm1@office.example');
  assert.match(answer.headers.get('To') ?? '', /^<sip:442079460000@office.example>;tag=s\./);
  assert.equal(bench.asked.route[0]?.takesNoLines, true);
  assert.equal(await bench.heldLines(), 0);
  assert.deepEqual(bench.told, []);
  await bench.close();
});

test('CALL-04 CALL-06 a MESSAGE goes out once, whatever pod its repetitions reach, and any pod takes the answer', async () => {
  const bench = relaying();
  const other = bench.addPod();
  bench.pick = () => other;
  bench.alice.sendRaw(messageText(), EDGE);
  const there = await bench.until(bench.carrier.receive('MESSAGE'));
  for (const pod of [bench.server, other]) {
    bench.pick = () => pod;
    bench.alice.sendRaw(messageText(), EDGE);
    await bench.settle(100);
  }
  there.respond(200);
  await bench.settle(100);
  assert.equal(lastResponse(bench)?.status, 200);
  assert.equal(bench.carrier.transcript.count('received', 'MESSAGE'), 1);
  bench.alice.sendRaw(messageText(), EDGE);
  await bench.settle(100);
  assert.equal(bench.alice.transcript.lines.length, 2, 'its repetition has the same answer');
  assert.equal(bench.carrier.transcript.count('received', 'MESSAGE'), 1);
  assert.equal(bench.asked.auth.length, 1);
  // 32 s later nobody repeats it: it is a new one.
  await bench.settle(33_000);
  bench.alice.sendRaw(messageText(), EDGE);
  await bench.until(bench.carrier.receive('MESSAGE'));
  await bench.close();
});

const credentials = { username: 'tandem', password: 'carrier-secret' };

test('AUTH-11 CALL-04 a carrier’s challenge of a MESSAGE is answered with the gateway’s password', async () => {
  const bench = relaying({ carriers: [credentials] });
  bench.alice.sendRaw(messageText(), EDGE);
  (await bench.until(bench.carrier.receive('MESSAGE'))).challenge({ status: 407 });
  const there = await bench.until(bench.carrier.receive('MESSAGE'));
  const { request } = there;
  assert.ok(provesPassword(request, credentials));
  assert.equal(request.headers.get('CSeq'), '2 MESSAGE');
  assert.equal(request.body.toString(), BODY);
  there.respond(200);
  await bench.settle(200);
  const answer = lastResponse(bench);
  assert.deepEqual([answer?.status, answer?.headers.get('CSeq')], [200, '1 MESSAGE']);
  await bench.close();
});

test('AUTH-11 ROUTE-06 CALL-04 a gateway that refuses our password of a MESSAGE has failed, and no loop is made of it', async () => {
  const bench = relaying({ carriers: [credentials, {}] });
  bench.alice.sendRaw(messageText(), EDGE);
  for (let times = 0; times < 2; times += 1) {
    (await bench.until(bench.carrierAt(0).receive('MESSAGE'))).challenge();
  }
  (await bench.until(bench.carrierAt(1).receive('MESSAGE'))).challenge();
  await bench.settle(200);
  assert.equal(lastResponse(bench)?.status, 403);
  assert.equal(lastResponse(bench)?.headers.get('WWW-Authenticate'), undefined);
  assert.equal(bench.carrierAt(0).transcript.count('received', 'MESSAGE'), 2);
  await bench.close();
});

test('ROUTE-06 CALL-04 a MESSAGE goes on after a 503, and the gateway is left out for the time it names', async () => {
  const bench = relaying();
  bench.alice.sendRaw(messageText(), EDGE);
  const first = await bench.until(bench.carrierAt(0).receive('MESSAGE'));
  first.respond(503, { headers: { 'Retry-After': '30' } });
  (await bench.until(bench.carrierAt(1).receive('MESSAGE'))).respond(202, { reason: 'Accepted' });
  await bench.settle(200);
  assert.equal(lastResponse(bench)?.status, 202);
  assert.deepEqual(
    bench.asked.rest.map(({ gateway, seconds }) => [gateway, seconds]),
    [['carrier-a', 30]],
  );
  await bench.close();
});

test('ROUTE-06 CALL-04 a stop code ends the search for who takes a MESSAGE, and so does a gateway that may not be left', async () => {
  const bench = relaying();
  bench.alice.sendRaw(messageText(), EDGE);
  (await bench.until(bench.carrierAt(0).receive('MESSAGE'))).respond(480);
  await bench.settle(200);
  assert.equal(lastResponse(bench)?.status, 480);
  assert.equal(bench.carrierAt(1).transcript.lines.length, 0);
  await bench.close();
  const other = relaying({ carriers: [{ switchUntilConnect: false }, {}] });
  other.alice.sendRaw(messageText(), EDGE);
  (await other.until(other.carrierAt(0).receive('MESSAGE'))).respond(404);
  await other.settle(200);
  assert.equal(lastResponse(other)?.status, 404);
  assert.equal(other.carrierAt(1).transcript.lines.length, 0);
  await other.close();
});

test('ROUTE-06 CALL-04 a gateway that is silent for 10 s is passed over; three are tried, and the best answer goes back', async () => {
  const bench = relaying({ carriers: [{}, {}, {}] });
  const startedMs = bench.clock.now();
  bench.alice.sendRaw(messageText(), EDGE);
  await bench.until(bench.carrierAt(0).receive('MESSAGE'));
  const second = await bench.until(bench.carrierAt(1).receive('MESSAGE'));
  assert.equal(Math.round((bench.clock.now() - startedMs) / 1000), 10);
  second.respond(404);
  (await bench.until(bench.carrierAt(2).receive('MESSAGE'))).respond(500);
  await bench.settle(200);
  assert.equal(lastResponse(bench)?.status, 404);
  await bench.close();
});

test('ROUTE-06 CALL-04 who works on a MESSAGE is waited for; who answers late has it all the same', async () => {
  const bench = relaying();
  bench.alice.sendRaw(messageText(), EDGE);
  const first = await bench.until(bench.carrierAt(0).receive('MESSAGE'));
  first.respond(100);
  await bench.settle(20_000);
  assert.equal(bench.carrierAt(1).transcript.lines.length, 0);
  first.respond(200);
  await bench.settle(200);
  assert.equal(lastResponse(bench)?.status, 200);
  bench.alice.sendRaw(messageText(2), EDGE);
  const silent = await bench.until(bench.carrierAt(0).receive('MESSAGE'));
  await bench.until(bench.carrierAt(1).receive('MESSAGE'));
  silent.respond(202, { reason: 'Accepted' });
  await bench.settle(200);
  assert.equal(lastResponse(bench)?.status, 202);
  await bench.close();
});

test('CALL-04 a MESSAGE that nobody answers is answered by silence, and forgotten', async () => {
  const bench = relaying({ carriers: [{}] });
  bench.alice.sendRaw(messageText(), EDGE);
  await bench.settle(40_000);
  assert.equal(lastResponse(bench), undefined);
  bench.alice.sendRaw(messageText(), EDGE);
  await bench.settle(200);
  assert.equal(bench.asked.auth.length, 2);
  await bench.close();
});

test('CALL-04 CALL-10 4096 MESSAGE requests are kept at most: the next one is told to come back', async () => {
  const bench = relaying();
  bench.authenticate = () => new Promise(() => undefined);
  for (let number = 1; number <= 4096; number += 1) bench.alice.sendRaw(messageText(number), EDGE);
  await bench.settle(100);
  assert.equal(lastResponse(bench), undefined);
  bench.alice.sendRaw(messageText(4097), EDGE);
  await bench.settle(100);
  const refused = lastResponse(bench);
  assert.deepEqual([refused?.status, refused?.headers.get('Retry-After')], [503, '5']);
  bench.server.close();
  await bench.close();
});
test('AUTH-02 CALL-04 the sender of a MESSAGE is challenged, refused, and told where it goes nowhere', async () => {
  const bench = relaying();
  const ask = () => bench.until(bench.alice.request('MESSAGE', { to: EDGE }));
  bench.authenticate = () => Promise.resolve(challenged());
  const challenge = await ask();
  assert.equal(challenge.status, 407);
  assert.ok(challenge.headers.has('Proxy-Authenticate'));
  bench.authenticate = () => Promise.resolve(deniedBy('Suspended'));
  assert.equal((await ask()).status, 403);
  bench.authenticate = () => Promise.reject(new Error('away'));
  const away = await ask();
  assert.deepEqual([away.status, away.headers.get('Retry-After')], [503, '5']);
  const reachable = relaying();
  reachable.route = () => Promise.resolve(unrouted('NoRate'));
  const unrated = reachable.alice.request('MESSAGE', { to: EDGE });
  assert.equal((await reachable.until(unrated)).status, 403);
  await reachable.close();
  assert.equal(bench.carrier.transcript.lines.length, 0);
  await bench.close();
});

const told = [
  { address: '203.0.113.1', port: 5060, network: '10.0.0.0/24' },
  { address: '198.51.100.1', port: 5070, network: '10.0.1.0/24' },
];

test('CALL-07 CALL-04 each side of a MESSAGE is told of the address of its network, and answered where it takes answers', async () => {
  const bench = relaying({ told });
  bench.authenticate = () => Promise.resolve({ ...allowed(), replyAddress: 'via' });
  const moved = messageText().toString().replace('10.0.0.2:5062', '10.0.0.2:5099');
  bench.alice.sendRaw(Buffer.from(moved), EDGE);
  const there = await bench.until(bench.carrier.receive('MESSAGE'));
  const { headers } = there.request;
  assert.match(headers.get('Via') ?? '', /UDP 198\.51\.100\.1:5070;/);
  assert.match(headers.get('From') ?? '', /@198\.51\.100\.1>/);
  there.respond(200);
  await bench.settle(200);
  assert.equal(bench.network.sent.at(-1)?.to.port, 5099);
  bench.route = () => Promise.resolve(unrouted('NoRate'));
  const refused = await bench.until(bench.alice.request('MESSAGE', { to: EDGE }));
  assert.match(refused.headers.get('Warning') ?? '', /^399 203\.0\.113\.1 /);
  await bench.close();
});

test('CALL-07 CALL-12 the gateway of a MESSAGE is told who sends it at the address of its network', async () => {
  const dialog = DialogTerms.fromPartial({
    identityB: identityTermsOf({ trusted: true, uri: 'sip', userPhone: false }),
  });
  const identity = CandidateIdentity.fromPartial({ asserted: '+441632960123' });
  const bench = relaying({ told, carriers: [{ dialog, identity }] });
  bench.alice.sendRaw(messageText(), EDGE);
  const there = await bench.until(bench.carrier.receive('MESSAGE'));
  const { headers } = there.request;
  assert.equal(headers.get('P-Asserted-Identity'), '<sip:+441632960123@198.51.100.1>');
  there.respond(200);
  await bench.close();
});

test('CALL-07 CALL-04 a MESSAGE passes over addresses that no listener reaches, and without others it is refused', async () => {
  const away = '[2001:db8::1]:5070';
  const carriers = [{ addresses: [away, '10.0.1.1:5070'] }];
  const bench = relaying({ told, carriers });
  bench.alice.sendRaw(messageText(), EDGE);
  (await bench.until(bench.carrier.receive('MESSAGE'))).respond(200);
  await bench.close();
  const other = relaying({ told, carriers: [{ addresses: [away] }] });
  const refused = await other.until(other.alice.request('MESSAGE', { to: EDGE }));
  assert.equal(refused.status, 502);
  await other.close();
});

test('CALL-07 CALL-04 a MESSAGE goes to the next gateway where no listener reaches the first', async () => {
  const bench = relaying({ told, carriers: [{ addresses: ['[2001:db8::1]:5070'] }, {}] });
  bench.alice.sendRaw(messageText(), EDGE);
  (await bench.until(bench.carrierAt(1).receive('MESSAGE'))).respond(200);
  await bench.settle(200);
  assert.equal(lastResponse(bench)?.status, 200);
  await bench.close();
});
