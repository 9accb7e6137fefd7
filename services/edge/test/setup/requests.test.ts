import assert from 'node:assert/strict';
import test from 'node:test';
import type { SipRequest, SipResponse } from '@tandem/sip';
import { userOf } from '@tandem/sip';
import { seededRandom } from '@tandem/testing';
import { EDGE, EdgeBench } from '../support/edge-bench.ts';

test('CALL-02 OPTIONS is answered 200 with what is allowed', async () => {
  const bench = new EdgeBench();
  const response = await bench.until(bench.alice.request('OPTIONS', { to: EDGE }));
  assert.equal(response.status, 200);
  assert.match(response.headers.get('Allow') ?? '', /INVITE, ACK/);
  await bench.close();
});

test('CALL-02 methods out of a dialog: 405 for those we know, 481 for those of a dialog, 501 for others', async () => {
  const bench = new EdgeBench();
  for (const [method, code] of [
    ['REGISTER', 405],
    ['SUBSCRIBE', 405],
    ['MESSAGE', 405],
    ['BYE', 481],
    ['INFO', 481],
    ['REFER', 481],
    ['PRACK', 481],
    ['BREW', 501],
  ] as const) {
    const response = await bench.until(bench.alice.request(method, { to: EDGE }));
    assert.equal(response.status, code, method);
  }
  await bench.close();
});

test('CALL-02 REGISTER and PUBLISH in a dialog are 405 with Allow, and reach nobody', async () => {
  const bench = new EdgeBench();
  const { a, b } = await bench.answeredCall();
  for (const method of ['REGISTER', 'PUBLISH']) {
    const response = await bench.until(a.request(method));
    assert.equal(response.status, 405, method);
    assert.match(response.headers.get('Allow') ?? '', /INVITE, ACK/);
    assert.equal(bench.carrier.transcript.count('received', method), 0);
  }
  const bye = a.bye();
  (await bench.until(b.receive('BYE'))).respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  await bench.close();
});

test('CALL-02 DENY-09 an INVITE to a Contact of ours out of its dialog is 404, and no call', async () => {
  const bench = new EdgeBench();
  await bench.answeredCall();
  const answer = bench.alice.transcript.lines.find(
    ({ direction, message }) =>
      direction === 'received' && message.kind === 'response' && message.status === 200,
  );
  const { uri = '' } =
    /<(?<uri>[^>]+)>/.exec(answer?.message.headers.get('Contact') ?? '')?.groups ?? {};
  const final = await bench.until(bench.alice.invite({ to: EDGE, called: userOf(uri) }).final());
  assert.equal(final.status, 404);
  assert.equal(final.headers.get('Warning'), '399 10.0.0.1 "User not found"');
  await bench.settle(1000);
  assert.equal(bench.asked.auth.length, 1);
  assert.deepEqual(bench.told, ['answered']);
  await bench.close();
});

test('CALL-02 Max-Forwards 0 is 483, on INVITE and OPTIONS alike', async () => {
  const bench = new EdgeBench();
  const headers = { 'Max-Forwards': '0' };
  assert.equal((await bench.until(bench.call({ headers }).final())).status, 483);
  const response = await bench.until(bench.alice.request('OPTIONS', { to: EDGE, headers }));
  assert.equal(response.status, 483);
  assert.deepEqual(bench.told, []);
  await bench.close();
});

test('CALL-02 an extension nobody here knows is 420 with Unsupported; those that pass through are not', async () => {
  const bench = new EdgeBench();
  const refused = await bench.until(bench.call({ headers: { Require: 'gruu' } }).final());
  assert.equal(refused.status, 420);
  assert.equal(refused.headers.get('Unsupported'), 'gruu');
  bench.call({ headers: { Require: '100rel' } });
  const b = await bench.incoming();
  assert.equal(b.invite.headers.get('Require'), '100rel');
  await bench.close();
});

test('CALL-02 Max-Forwards goes down by one on each leg', async () => {
  const bench = new EdgeBench();
  bench.call({ headers: { 'Max-Forwards': '12' } });
  assert.equal((await bench.incoming()).invite.headers.get('Max-Forwards'), '11');
  await bench.close();
});

const head = [
  'Via: SIP/2.0/UDP 10.0.0.3:5062;branch=z9hG4bKraw',
  'Max-Forwards: 70',
  'From: <sip:1001@10.0.0.3>;tag=raw',
  'To: <sip:442079460000@10.0.0.1>',
  'Call-ID: raw@10.0.0.3',
];
/** A socket that sends whatever it is told and keeps what comes. */
function probeOf(bench: EdgeBench): {
  readonly send: (raw: string | Buffer) => void;
  readonly received: (SipRequest | SipResponse)[];
} {
  const received: (SipRequest | SipResponse)[] = [];
  const listener = { onMessage: (each: SipRequest | SipResponse) => void received.push(each) };
  const socket = bench.network.open({ address: '10.0.0.3', port: 5062, listener });
  return {
    received,
    send: (raw) => {
      socket.send(Buffer.from(raw as string, 'latin1'), EDGE.address, EDGE.port);
    },
  };
}

const statusOf = (received: SipRequest | SipResponse): number =>
  received.kind === 'response' ? received.status : 0;
const message = (first: string, ...lines: readonly string[]): string =>
  [first, ...lines, '', ''].join('\r\n');

test('CALL-10 requests that cannot be served are answered 400 where an answer can be formed', async () => {
  const cases = [
    message('INVITE sip:1@10.0.0.1 SIP/2.0', ...head, 'CSeq: 1 INVITE', 'Content-Length: -5'),
    message('INVITE sip:1@10.0.0.1 SIP/2.0', ...head, 'CSeq: 1 BYE'),
    message('OPTIONS sip:1@10.0.0.1 SIP/2.0', ...head, 'CSeq: x OPTIONS'),
    message('OPTIONS sip:1@10.0.0.1 SIP/2.0', ...head, 'CSeq: 1 OPTIONS', 'From: <sip:2@x>;tag=2'),
    message('INVITE sip:1@10.0.0.1 SIP/2.0', ...head, 'CSeq: 1 INVITE', 'Contact: "no end'),
  ];
  for (const raw of cases) {
    const bench = new EdgeBench();
    const probe = probeOf(bench);
    probe.send(raw);
    await bench.settle(100);
    assert.deepEqual(probe.received.map(statusOf), [400], raw);
    assert.equal(bench.asked.auth.length, 0);
    await bench.close();
  }
});

test('CALL-10 a malformed ACK, a stray ACK and stray responses are dropped without an answer', async () => {
  const bench = new EdgeBench();
  const probe = probeOf(bench);
  const responseLines = head.map((line) => line.replace('10.0.0.3:5062', '10.0.0.1:5060'));
  for (const raw of [
    message('ACK sip:1@10.0.0.1 SIP/2.0', ...head, 'CSeq: 1 BYE'),
    message('ACK sip:1@10.0.0.1 SIP/2.0', ...head, 'CSeq: 1 ACK'),
    message(
      'ACK sip:1@10.0.0.1 SIP/2.0',
      ...head.slice(0, 3),
      'To: <sip:1@x>;tag=1',
      'Call-ID: 1',
      'CSeq: 1 ACK',
    ),
    message('SIP/2.0 200 OK', ...responseLines, 'CSeq: 1 INVITE'),
    message('SIP/2.0 200 OK', ...responseLines),
    message('SIP/2.0 200 OK', ...responseLines, 'CSeq: 1 INVITE').replace(
      'z9hG4bKraw',
      'z9hG4bK-sraw',
    ),
    message('SIP/2.0 200 OK', ...responseLines, 'CSeq: 1 BYE').replace(
      'z9hG4bKraw',
      'z9hG4bK-hraw',
    ),
  ]) {
    probe.send(raw);
  }
  await bench.settle(1000);
  assert.deepEqual(probe.received, []);
  assert.deepEqual(bench.told, []);
  await bench.close();
});

test('CALL-10 random bytes, 64 KiB, long headers and a thousand Vias: no answer or 400, and the next call works', async () => {
  const bench = new EdgeBench();
  const probe = probeOf(bench);
  const random = seededRandom(11);
  const noise = Buffer.from(Array.from({ length: 2000 }, () => Math.floor(random() * 256)));
  const vias = Array.from(
    { length: 1000 },
    (_, at) => `Via: SIP/2.0/UDP 10.0.0.3;branch=z9hG4bK${String(at)}`,
  );
  for (const raw of [
    noise,
    Buffer.alloc(65_507, 65),
    message(
      'OPTIONS sip:1@10.0.0.1 SIP/2.0',
      ...head,
      'CSeq: 1 OPTIONS',
      `X: ${'x'.repeat(10_000)}`,
    ),
    message('OPTIONS sip:1@10.0.0.1 SIP/2.0', ...vias, ...head.slice(1), 'CSeq: 1 OPTIONS'),
    '',
    '\r\n\r\n',
    'INVITE',
  ]) {
    probe.send(raw);
  }
  await bench.settle(1000);
  assert.ok(probe.received.map(statusOf).every((status) => [200, 400].includes(status)));
  await bench.answeredCall();
  assert.deepEqual(bench.told, ['answered']);
  await bench.close();
});

test('CALL-10 every prefix of an INVITE is harmless', async () => {
  const bench = new EdgeBench();
  const probe = probeOf(bench);
  const invite = message(
    'INVITE sip:1@10.0.0.1 SIP/2.0',
    ...head,
    'CSeq: 1 INVITE',
    'Content-Length: 0',
  );
  for (let length = 0; length < invite.length - 4; length++) {
    probe.send(invite.slice(0, length));
  }
  await bench.settle(1000);
  assert.ok(probe.received.map(statusOf).every((status) => [400, 405, 501, 505].includes(status)));
  await bench.close();
});
