import assert from 'node:assert/strict';
import test from 'node:test';
import { identityTermsOf } from '@tandem/domain';
import { CandidateIdentity, DialogTerms } from '@tandem/proto/routing';
import type { SipResponse } from '@tandem/sip';
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
  const bench = new EdgeBench(options);
  const server = bench.addPod({ relaysMessages: true });
  bench.pick = () => server;
  return bench;
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

test('CALL-04 CALL-06 a MESSAGE that is repeated is sent again to the byte, by whatever pod, and any passes the answer', async () => {
  const bench = relaying();
  bench.alice.sendRaw(messageText(), EDGE);
  const there = await bench.until(bench.carrier.receive('MESSAGE'));
  const other = bench.addPod({ relaysMessages: true });
  bench.pick = () => other;
  bench.alice.sendRaw(messageText(), EDGE);
  await bench.settle(200);
  const heard = bench.carrier.transcript.lines.filter(({ direction }) => direction === 'received');
  assert.equal(heard.length, 2);
  assert.equal(heard[0]?.message.headers.toText(), heard[1]?.message.headers.toText());
  there.respond(200);
  await bench.settle(200);
  assert.equal(lastResponse(bench)?.status, 200);
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
