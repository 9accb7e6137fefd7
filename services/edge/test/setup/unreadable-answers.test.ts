import assert from 'node:assert/strict';
import test from 'node:test';
import { Decision } from '@tandem/proto/decision';
import { mendResponse } from '@tandem/sip';
import type { IncomingCall, OutgoingCall } from '@tandem/testing';
import { EDGE, EdgeBench } from '../support/edge-bench.ts';
import { PodsBench } from '../support/pods-bench.ts';

const SDP = ['v=0', 'o=- 1 1 IN IP4 10.0.1.1', 's=-', 'c=IN IP4 10.0.1.1', 't=0 0', ''].join(
  '\r\n',
);

type Changes = Readonly<Record<string, string | readonly string[]>>;

/** The carrier's response as it would be, with these headers instead of its own; an empty one is left out. */
function response(b: IncomingCall, status: string, changes: Changes = {}, body = SDP): string {
  return textOf(status, body, {
    ...mirrored(b.invite.headers),
    To: `${b.invite.headers.get('To') ?? ''};tag=${b.dialog.localTag ?? ''}`,
    Contact: '<sip:42@10.0.1.1:5070>',
    'Content-Type': 'application/sdp',
    ...changes,
  });
}

function mirrored(headers: IncomingCall['invite']['headers']): Record<string, string> {
  const names = ['Via', 'From', 'To', 'Call-ID', 'CSeq'];
  return Object.fromEntries(names.map((name) => [name, headers.get(name) ?? '']));
}

function textOf(status: string, body: string, headers: Changes): string {
  const lines = Object.entries({
    ...headers,
    'Content-Length': headers['Content-Length'] ?? String(body.length),
  });
  const written = lines.flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).flatMap((each) =>
      each === '' ? [] : [`${name}: ${each}`],
    ),
  );
  return [`SIP/2.0 ${status}`, ...written, '', body].join('\r\n');
}

/** Faults that leave Via and CSeq alone. */
const faults: Readonly<Record<string, Changes>> = {
  'a stray quote behind the Contact': { Contact: '<sip:42@10.0.1.1:5070;ob>"' },
  'Contact: *': { Contact: '*' },
  'a Contact that is no SIP URI': { Contact: '<tel:+442079460000>' },
  'a Contact with a blank in it': { Contact: '<sip:4 2@10.0.1.1:5070>' },
  'a Contact without an end': { Contact: '<sip:42@10.0.1.1:5070' },
  'a Contact without a host': { Contact: '<sip:>' },
  'an unreadable Record-Route': { 'Record-Route': '<sip:10.0.1.1;lr' },
  'a Record-Route that is no URI': { 'Record-Route': 'nowhere' },
  'a Session-Expires in words': { 'Session-Expires': 'ten minutes', Supported: 'timer' },
  'an RSeq in words': { RSeq: 'one', Require: '100rel' },
  'a Require that is no option': { Require: '"100rel' },
  'an Allow that is none': { Allow: '<INVITE>' },
  'a Reason without an end': { Reason: 'Q.850;cause=16;text="normal' },
  'a Warning without an end': { Warning: '399 x "y' },
  'Max-Forwards in words': { 'Max-Forwards': 'many' },
  'a Content-Type without a subtype': { 'Content-Type': 'application' },
  'no Content-Type': { 'Content-Type': '' },
  'two of them': { 'Content-Type': ['application/sdp', 'text/plain'] },
  'a Content-Length that is too long': { 'Content-Length': '9999' },
  'a Content-Length that is no number': { 'Content-Length': 'many' },
  'two Content-Lengths': { 'Content-Length': ['1', '2'] },
  'a From without an end': { From: '"1001 <sip:1001@10.0.0.1>;tag=x' },
  'no From': { From: '' },
  'another Call-ID': { 'Call-ID': 'somebody-else' },
  'no Call-ID': { 'Call-ID': '' },
  'a header without a name': { ': ': 'nothing' },
  'a header name that is none': { 'X Y(Z)': 'nothing' },
};

/** Nothing but its branch, and what else is in it, says what an answer is to. */
const unnumbered: Readonly<Record<string, Changes>> = {
  'no CSeq': { CSeq: '' },
  'a CSeq in words': { CSeq: 'one INVITE' },
  'a CSeq without a method': { CSeq: '1' },
  'the method of its CSeq in small letters': { CSeq: '1 invite' },
};

async function assertServed(bench: EdgeBench, a: OutgoingCall, b: IncomingCall): Promise<void> {
  const answer = await bench.until(a.answered());
  assert.ok(mendResponse(answer));
  assert.deepEqual(answer.faults, [], 'the caller gets nothing that it cannot read');
  await bench.until(b.ack());
  const bye = a.bye();
  (await bench.until(b.receive('BYE'))).respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  assert.equal(bench.carrierAt(1).transcript.lines.length, 0, 'no other gateway after an answer');
  assert.deepEqual(bench.told, ['answered', 'ended NormalClearing 200 caller']);
}

for (const [what, changes] of Object.entries({ ...faults, ...unnumbered })) {
  test(`DENY-16 a 200 with ${what} is an answer: acknowledged, passed on, hung up`, async () => {
    const bench = new EdgeBench();
    const a = bench.call();
    const b = await bench.incoming();
    bench.carrier.sendRaw(response(b, '200 OK', changes), EDGE);
    await assertServed(bench, a, b);
    await bench.close();
  });

  test(`DENY-16 a 183 and a 486 with ${what}: the one rings, the other is the carrier's own refusal`, async () => {
    const bench = new EdgeBench();
    const a = bench.call();
    const b = await bench.incoming();
    bench.carrier.sendRaw(response(b, '183 Session Progress', changes), EDGE);
    await bench.until(a.provisional(183));
    await bench.settle(15_000);
    bench.carrier.sendRaw(response(b, '486 Busy Here', changes, ''), EDGE);
    assert.equal((await bench.until(a.final())).status, 486);
    await bench.settle(100);
    assert.equal(bench.carrier.transcript.count('received', 'ACK'), 1);
    assert.equal(bench.carrierAt(1).transcript.lines.length, 0);
    await bench.close();
  });
}

test('DENY-16 what was wrong with an answer is in its decisions, in the words of the parser', async () => {
  const bench = new EdgeBench();
  const a = bench.call();
  const b = await bench.incoming();
  bench.carrier.sendRaw(response(b, '200 OK', { Contact: '<sip:42@10.0.1.1:5070;ob>"' }), EDGE);
  await assertServed(bench, a, b);
  const decisions = (bench.events[0]?.decisions ?? []).map((each) =>
    each instanceof Uint8Array ? Decision.decode(each) : each,
  );
  const noted = decisions.find(({ check }) => check === 'malformed-response');
  assert.equal(noted?.subject, 'routing-gateway carrier-a');
  assert.deepEqual(
    noted.facts.map(({ name, value }) => `${name}: ${value}`),
    [
      'code: 200',
      'faults: Contact: after the URI only parameters may follow',
      'address: 10.0.1.1:5070',
    ],
  );
  await bench.close();
});

test('DENY-16 without a Contact that can be read ACK and BYE have the Request-URI of the INVITE', async () => {
  const bench = new EdgeBench();
  const a = bench.call();
  const b = await bench.incoming();
  bench.carrier.sendRaw(response(b, '200 OK', { Contact: '*' }), EDGE);
  await bench.until(a.answered());
  assert.equal((await bench.until(b.ack())).uri, b.invite.uri);
  const bye = a.bye();
  const there = await bench.until(b.receive('BYE'));
  assert.equal(there.request.uri, b.invite.uri);
  there.respond(200);
  await bench.until(bye);
  await bench.close();
});

test('DENY-16 a To that cannot be read keeps its tag; one without a tag is answered all the same', async () => {
  for (const to of ['"42 <sip:42@10.0.1.1>;tag=TAG', '<sip:42@10.0.1.1>;;tag=TAG;=', 'TAG', '']) {
    const bench = new EdgeBench();
    const a = bench.call();
    const b = await bench.incoming();
    const tag = b.dialog.localTag ?? '';
    bench.carrier.sendRaw(response(b, '200 OK', { To: to.replace('TAG', tag) }), EDGE);
    await bench.until(a.answered());
    await bench.settle(100);
    const acks = bench.carrier.transcript.lines.filter(
      ({ message }) => message.kind === 'request' && message.method === 'ACK',
    );
    assert.equal(acks.length, 1, to);
    if (to.includes(';tag=')) {
      assert.ok(acks[0]?.message.headers.get('To')?.endsWith(`;tag=${tag}`), to);
    }
    assert.equal(bench.carrierAt(1).transcript.lines.length, 0);
    await bench.close();
  }
});

test('DENY-16 a late 200 that cannot be read well is acknowledged and hung up', async () => {
  for (const changes of Object.values(faults)) {
    const bench = new EdgeBench();
    const a = bench.call();
    const b = await bench.incoming();
    b.ring();
    await bench.until(a.provisional(180));
    const cancelled = a.cancel();
    await bench.settle(1);
    bench.carrier.sendRaw(response(b, '200 OK', changes), EDGE);
    assert.equal((await bench.until(cancelled)).status, 200);
    await bench.settle(1000);
    const heard = ['ACK', 'BYE'].map((method) =>
      bench.carrier.transcript.count('received', method),
    );
    assert.ok((heard[0] ?? 0) > 0 && (heard[1] ?? 0) > 0, JSON.stringify([changes, heard]));
    await bench.close();
  }
});

test('CALL-04 an answer in a dialog passes whatever is wrong with it', async () => {
  for (const [what, changes] of Object.entries(faults)) {
    const bench = new EdgeBench();
    const { a, b } = await bench.answeredCall();
    for (const method of ['INVITE', 'INFO', 'BYE']) {
      const answered = method === 'INVITE' ? a.reinvite() : a.request(method);
      const { request } = await bench.until(b.receive(method));
      const headers = { ...mirrored(request.headers), Contact: '<sip:42@10.0.1.1:5070>' };
      bench.carrier.sendRaw(textOf('200 OK', SDP, { ...headers, ...changes }), EDGE);
      assert.equal((await bench.until(answered)).status, 200, `${method}: ${what}`);
    }
    await bench.close();
  }
});

test('CALL-05 an answer to a request of the switch’s own counts, whatever is wrong with it', async () => {
  for (const [what, changes] of Object.entries(faults)) {
    const bench = new EdgeBench();
    const a = bench.call();
    const b = await bench.incoming();
    b.ring();
    await bench.until(a.provisional(180));
    void a.cancel();
    await bench.settle(1);
    b.answer();
    const { request } = await bench.until(b.receive('BYE'));
    bench.carrier.sendRaw(textOf('200 OK', '', { ...mirrored(request.headers), ...changes }), EDGE);
    const before = bench.carrier.transcript.count('received', 'BYE');
    await bench.settle(5000);
    assert.equal(bench.carrier.transcript.count('received', 'BYE'), before, what);
    await bench.close();
  }
});

test('CALL-10 a response of which nothing says whose it is is dropped', async () => {
  const bench = new EdgeBench();
  const a = bench.call();
  const b = await bench.incoming();
  for (const changes of [{ Via: '' }, { Via: 'SIP/2.0/UDP x' }]) {
    bench.carrier.sendRaw(response(b, '200 OK', changes), EDGE);
  }
  await bench.settle(100);
  bench.carrier.sendRaw(response(b, '486 Busy Here', {}, ''), EDGE);
  assert.equal((await bench.until(a.final())).status, 486);
  await bench.close();
});

for (const line of ['SIP/2.0 700 Later', 'SIP/2.0 99 Early', 'SIP/2.0 2000 OK', 'SIP/3.0 200 OK']) {
  test(`DENY-16 an answer that begins with ${line} is none, and ends the attempt at once`, async () => {
    const bench = new EdgeBench();
    const a = bench.call();
    const b = await bench.incoming();
    bench.carrier.sendRaw(response(b, '200 OK', {}, '').replace('SIP/2.0 200 OK', line), EDGE);
    (await bench.incoming(1)).refuse(486);
    assert.equal((await bench.until(a.final())).status, 486);
    await bench.settle(100);
    assert.equal(bench.carrier.transcript.count('received', 'ACK'), 1);
    const ended = bench.events.find(({ type }) => type === 'ended');
    assert.equal(ended?.attempts[0]?.code, 502);
    await bench.close();
  });
}

test('CALL-02 the version of an answer is compared without case', async () => {
  const bench = new EdgeBench();
  const a = bench.call();
  const b = await bench.incoming();
  bench.carrier.sendRaw(response(b, '200 OK').replace('SIP/2.0 200', 'sip/2.0 200'), EDGE);
  await assertServed(bench, a, b);
  await bench.close();
});

test('CALL-02 the Via of an answer counts by its branch, whatever else is wrong with it', async () => {
  for (const damage of [';received=', ';rport=;;x="', ', garbage', ';ttl="']) {
    const bench = new EdgeBench();
    const a = bench.call();
    const b = await bench.incoming();
    const via = b.invite.headers.get('Via') ?? '';
    bench.carrier.sendRaw(response(b, '200 OK', { Via: via + damage }), EDGE);
    await assertServed(bench, a, b);
    await bench.close();
  }
});

test('CALL-06 an answer that cannot be read well reaches the pod that has the call, and is served there', async () => {
  for (const changes of [{ Contact: '*' }, { 'Content-Length': '9999' }, { From: '' }]) {
    const bench = await PodsBench.start({ carriers: [{}, {}] });
    const { a, b } = await bench.ringing();
    const owner = await bench.ownerOf(b.callId);
    bench.prefer = () => bench.pods.find((pod) => pod !== owner);
    bench.carrier.sendRaw(response(b, '200 OK', changes), EDGE);
    await bench.until(a.answered());
    await bench.until(b.ack());
    assert.equal(bench.carrierAt(1).transcript.lines.length, 0);
    await bench.close();
  }
});
