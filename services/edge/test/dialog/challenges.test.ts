import assert from 'node:assert/strict';
import test from 'node:test';
import type { DialogTerms } from '@tandem/proto/routing';
import { cseq, parseCredentials } from '@tandem/sip';
import type { SipRequest } from '@tandem/sip';
import { provesPassword, sdpBody } from '@tandem/testing';
import type { IncomingRequest, ScriptedPeer } from '@tandem/testing';
import { EdgeBench } from '../support/edge-bench.ts';

const credentials = { username: 'tandem', password: 'carrier-secret' };
const options = { carriers: [credentials] };
const contact = { Contact: '<sip:gw@10.0.1.1:5070>' };

function numberOf({ request }: IncomingRequest): number {
  return cseq(request).number;
}

function requests(peer: ScriptedPeer, method: string): SipRequest[] {
  return peer.transcript.lines.flatMap(({ direction, message }) =>
    direction === 'received' && message.kind === 'request' && message.method === method
      ? [message]
      : [],
  );
}

/** What the call's last event says of challenges in the dialog. */
function challengesTold({ events }: EdgeBench): string[] {
  return events.flatMap(({ decisions }) =>
    decisions
      .filter(({ check }) => check === 'dialog-challenge')
      .map(({ result, subject, facts }) => {
        const said = new Map(facts.map(({ name, value }) => [name, value]));
        const rest = said.get('cause') ?? said.get('realms') ?? '';
        return `${result} ${subject} ${said.get('method') ?? ''} ${said.get('code') ?? ''} ${rest}`;
      }),
  );
}

for (const status of [401, 407] as const) {
  test(`AUTH-11 T2-04 a BYE that the carrier challenges with ${String(status)} is sent again with our credentials, and ends the call there too`, async () => {
    const bench = new EdgeBench(options);
    const { a, b } = await bench.answeredCall();
    const bye = a.bye();
    const first = await bench.until(b.receive('BYE'));
    assert.equal(numberOf(first), 2);
    first.challenge({ status, realm: 'one', nonce: 'n4', qop: ['auth'] });
    const second = await bench.until(b.receive('BYE'));
    assert.equal(numberOf(second), 3);
    assert.ok(provesPassword(second.request, credentials));
    const header = status === 401 ? 'Authorization' : 'Proxy-Authorization';
    assert.ok(second.request.headers.has(header));
    assert.notEqual(second.key, first.key);
    second.respond(200);
    const answer = await bench.until(bye);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('CSeq'), '2 BYE');
    await bench.settle();
    assert.equal(requests(bench.carrier, 'BYE').length, 2);
    assert.deepEqual(bench.told, ['answered', 'ended NormalClearing 200 caller', 'noted']);
    assert.deepEqual(challengesTold(bench), [
      `passed routing-gateway carrier-a BYE ${String(status)} one`,
    ]);
    await bench.close();
  });
}

test('AUTH-11 T2-04 a re-INVITE that is challenged: ACK, the next number, the ACK of its 2xx with the credentials, later numbers shifted', async () => {
  const bench = new EdgeBench(options);
  const { a, b } = await bench.answeredCall();
  const hold = a.reinvite({ sdp: sdpBody({ version: 2, direction: 'sendonly' }) });
  const first = await bench.until(b.receive('INVITE'));
  assert.equal(numberOf(first), 2);
  first.challenge({ status: 407 });
  const second = await bench.until(b.receive('INVITE'));
  assert.equal(numberOf(second), 3);
  assert.ok(provesPassword(second.request, credentials));
  assert.deepEqual(second.request.body, first.request.body);
  second.respond(200, { sdp: sdpBody({ version: 2 }), headers: contact });
  const answer = await bench.until(hold);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('CSeq'), '2 INVITE');
  await bench.settle(100);
  const acks = requests(bench.carrier, 'ACK');
  assert.deepEqual(
    acks.map((ack) => ack.headers.get('CSeq')),
    ['1 ACK', '2 ACK', '3 ACK'],
  );
  // RFC 3261 §17.1.1.3: that of the challenge is of its transaction; §13.2.2.4: that of the 2xx has the credentials.
  assert.equal(acks[1]?.headers.get('Via'), first.request.headers.get('Via'));
  assert.equal(acks[1]?.headers.has('Proxy-Authorization'), false);
  assert.equal(
    acks[2]?.headers.get('Proxy-Authorization'),
    second.request.headers.get('Proxy-Authorization'),
  );
  const info = a.request('INFO');
  const relayed = await bench.until(b.receive('INFO'));
  assert.equal(numberOf(relayed), 4);
  relayed.respond(200);
  assert.equal((await bench.until(info)).headers.get('CSeq'), '3 INFO');
  const bye = a.bye();
  const last = await bench.until(b.receive('BYE'));
  assert.equal(numberOf(last), 5);
  last.respond(200);
  assert.equal((await bench.until(bye)).headers.get('CSeq'), '4 BYE');
  await bench.settle();
  assert.deepEqual(bench.told, ['answered', 'ended NormalClearing 200 caller']);
  assert.deepEqual(challengesTold(bench), ['passed routing-gateway carrier-a INVITE 407 carrier']);
  await bench.close();
});

for (const method of ['INFO', 'UPDATE', 'MESSAGE', 'NOTIFY', 'OPTIONS']) {
  test(`AUTH-11 T2-04 a challenged ${method} is answered, and the next request is shifted`, async () => {
    const bench = new EdgeBench(options);
    const { a, b } = await bench.answeredCall();
    const sent = a.request(method, { headers: { Event: 'presence' } });
    (await bench.until(b.receive(method))).challenge({ status: 401, algorithm: 'SHA-256' });
    const second = await bench.until(b.receive(method));
    assert.ok(provesPassword(second.request, credentials));
    assert.equal(numberOf(second), 3);
    second.respond(200, { headers: contact });
    const answer = await bench.until(sent);
    assert.equal(answer.headers.get('CSeq'), `2 ${method}`);
    const bye = a.bye();
    const last = await bench.until(b.receive('BYE'));
    assert.equal(numberOf(last), 4);
    last.respond(200);
    await bench.until(bye);
    await bench.close();
  });
}

test('AUTH-11 T2-04 a challenged REFER goes on to the carrier where it may pass', async () => {
  const dialog: DialogTerms = {
    sessionIntervalSeconds: 600,
    probeIntervalSeconds: 0,
    relaysRefer: true,
    contact: 'user',
    identityA: 0,
    identityB: 0,
  };
  const bench = new EdgeBench({ carriers: [{ ...credentials, dialog }] });
  const { a, b } = await bench.answeredCall();
  const refer = a.request('REFER', { headers: { 'Refer-To': '<sip:442079460001@10.0.0.1>' } });
  (await bench.until(b.receive('REFER'))).challenge({ status: 407 });
  const second = await bench.until(b.receive('REFER'));
  assert.ok(provesPassword(second.request, credentials));
  second.respond(202);
  assert.equal((await bench.until(refer)).status, 202);
  await bench.close();
});

test('AUTH-11 T2-04 a PRACK in an early dialog is answered; what RAck names keeps its number, also in the next one', async () => {
  const bench = new EdgeBench(options);
  const a = bench.call({ headers: { Supported: '100rel' } });
  const b = await bench.incoming();
  for (const [rseq, number] of [
    [1, 2],
    [2, 4],
  ] as const) {
    b.ring(183, { headers: { Require: '100rel', RSeq: String(rseq) } });
    await bench.until(a.provisional(183));
    const prack = a.request('PRACK', { headers: { RAck: `${String(rseq)} 1 INVITE` } });
    let relayed = await bench.until(b.receive('PRACK'));
    assert.equal(numberOf(relayed), number);
    if (rseq === 1) {
      relayed.challenge({ status: 407 });
      relayed = await bench.until(b.receive('PRACK'));
      assert.equal(numberOf(relayed), 3);
      assert.ok(provesPassword(relayed.request, credentials));
    }
    assert.equal(relayed.request.headers.get('RAck'), `${String(rseq)} 1 INVITE`);
    relayed.respond(200);
    assert.equal((await bench.until(prack)).status, 200);
  }
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  const bye = a.bye();
  const last = await bench.until(b.receive('BYE'));
  assert.equal(numberOf(last), 5);
  last.respond(200);
  await bench.until(bye);
  await bench.settle();
  // The decision came before the call had an event, and stands in its last one.
  assert.deepEqual(challengesTold(bench), ['passed routing-gateway carrier-a PRACK 407 carrier']);
  await bench.close();
});

test('AUTH-11 T2-06 two hops that challenge a BYE one after the other get both credentials', async () => {
  const bench = new EdgeBench(options);
  const { a, b } = await bench.answeredCall();
  const bye = a.bye();
  (await bench.until(b.receive('BYE'))).challenge({ status: 407, realm: 'one' });
  (await bench.until(b.receive('BYE'))).challenge({ status: 401, realm: 'two' });
  const third = await bench.until(b.receive('BYE'));
  assert.equal(numberOf(third), 4);
  const { headers } = third.request;
  assert.equal(parseCredentials(headers.get('Proxy-Authorization') ?? '').realm, 'one');
  assert.equal(parseCredentials(headers.get('Proxy-Authorization') ?? '').nc, '00000002');
  assert.equal(parseCredentials(headers.get('Authorization') ?? '').realm, 'two');
  third.respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  await bench.close();
});

test('AUTH-11 a stale nonce in the dialog is answered again, and three times at most', async () => {
  const bench = new EdgeBench(options);
  const { a, b } = await bench.answeredCall();
  const info = a.request('INFO');
  for (let round = 0; round < 4; round++) {
    const asked = await bench.until(b.receive('INFO'));
    assert.equal(numberOf(asked), 2 + round);
    asked.challenge({ status: 407, stale: round > 0 });
  }
  assert.equal((await bench.until(info)).status, 403);
  await bench.settle();
  assert.equal(requests(bench.carrier, 'INFO').length, 4);
  await bench.close();
});

test('AUTH-11 T2-04 a carrier that refuses our password for the BYE: the call is ended here, the caller told 403, and the decision says so', async () => {
  const bench = new EdgeBench(options);
  const { a, b } = await bench.answeredCall();
  const bye = a.bye();
  (await bench.until(b.receive('BYE'))).challenge({ status: 407 });
  (await bench.until(b.receive('BYE'))).challenge({ status: 407 });
  const answer = await bench.until(bye);
  assert.equal(answer.status, 403);
  assert.equal(answer.headers.has('Proxy-Authenticate'), false);
  await bench.settle();
  assert.equal(requests(bench.carrier, 'BYE').length, 2);
  assert.equal(await bench.heldLines(), 0);
  assert.deepEqual(bench.told, ['answered', 'ended NormalClearing 200 caller', 'noted', 'noted']);
  assert.deepEqual(challengesTold(bench), [
    'passed routing-gateway carrier-a BYE 407 carrier',
    'failed routing-gateway carrier-a BYE 407 the gateway refused our username or password',
  ]);
  assert.ok(!JSON.stringify(bench.events).includes(credentials.password));
  await bench.close();
});

test('AUTH-11 a gateway without credentials: 403 to the caller as ever, its ACK reaches the carrier, the call goes on', async () => {
  const bench = new EdgeBench();
  const { a, b } = await bench.answeredCall();
  const hold = a.reinvite();
  const asked = await bench.until(b.receive('INVITE'));
  asked.challenge({ status: 407 });
  assert.equal((await bench.until(hold)).status, 403);
  await bench.settle(1000);
  const ack = requests(bench.carrier, 'ACK').at(-1);
  assert.equal(ack?.headers.get('Via'), asked.request.headers.get('Via'));
  const bye = a.bye();
  const last = await bench.until(b.receive('BYE'));
  assert.equal(numberOf(last), 3);
  last.respond(200);
  await bench.until(bye);
  assert.deepEqual(challengesTold(bench), [
    'failed routing-gateway carrier-a INVITE 407 the gateway wants credentials and none are configured',
  ]);
  await bench.close();
});

test('AUTH-11 a caller’s side that challenges the carrier: 403 to the carrier, and nobody is given a password', async () => {
  const bench = new EdgeBench(options);
  const { a, b } = await bench.answeredCall();
  const info = b.request('INFO');
  (await bench.until(a.receive('INFO'))).challenge({ status: 401 });
  assert.equal((await bench.until(info)).status, 403);
  const bye = b.bye();
  (await bench.until(a.receive('BYE'))).challenge({ status: 401 });
  assert.equal((await bench.until(bye)).status, 403);
  await bench.settle();
  assert.equal(requests(bench.alice, 'INFO').length, 1);
  assert.deepEqual(bench.told, ['answered', 'ended NormalClearing 200 callee', 'noted']);
  await bench.close();
});

test('AUTH-11 a re-INVITE that is refused after its challenge has its ACK in the transaction that was refused', async () => {
  const bench = new EdgeBench(options);
  const { a, b } = await bench.answeredCall();
  const hold = a.reinvite();
  (await bench.until(b.receive('INVITE'))).challenge({ status: 407 });
  const second = await bench.until(b.receive('INVITE'));
  second.respond(488);
  assert.equal((await bench.until(hold)).status, 488);
  await bench.settle(1000);
  const ack = requests(bench.carrier, 'ACK').at(-1);
  assert.equal(ack?.headers.get('CSeq'), '3 ACK');
  assert.equal(ack.headers.get('Via'), second.request.headers.get('Via'));
  await bench.close();
});

test('AUTH-11 the CANCEL of a re-INVITE that was challenged has its number and branch', async () => {
  const bench = new EdgeBench(options);
  const { a, b } = await bench.answeredCall();
  const hold = a.reinvite();
  (await bench.until(b.receive('INVITE'))).challenge({ status: 407 });
  const second = await bench.until(b.receive('INVITE'));
  second.respond(100);
  await bench.settle(100);
  const invite = requestOf(bench.alice, 'INVITE');
  const { headers } = invite;
  bench.alice.sendRaw(
    [
      `CANCEL ${invite.uri} SIP/2.0`,
      `Via: ${headers.get('Via') ?? ''}`,
      'Max-Forwards: 70',
      `From: ${headers.get('From') ?? ''}`,
      `To: ${headers.get('To') ?? ''}`,
      `Call-ID: ${headers.get('Call-ID') ?? ''}`,
      'CSeq: 2 CANCEL',
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n'),
    { address: '10.0.0.1', port: 5060 },
  );
  await bench.settle(100);
  const cancel = requestOf(bench.carrier, 'CANCEL', 'received');
  assert.equal(cancel.headers.get('CSeq'), '3 CANCEL');
  assert.equal(cancel.headers.get('Via'), second.request.headers.get('Via'));
  second.respond(487);
  assert.equal((await bench.until(hold)).status, 487);
  await bench.close();
});

test('AUTH-11 two requests under way that are both challenged each get a number that is free', async () => {
  const bench = new EdgeBench(options);
  const { a, b } = await bench.answeredCall();
  const infos = [a.request('INFO'), a.request('INFO')];
  const asked = [await bench.until(b.receive('INFO')), await bench.until(b.receive('INFO'))];
  assert.deepEqual(asked.map(numberOf), [2, 3]);
  for (const each of asked) each.challenge({ status: 407 });
  for (const number of [4, 5]) {
    const again = await bench.until(b.receive('INFO'));
    assert.equal(numberOf(again), number);
    again.respond(200);
  }
  const answers = await bench.until(Promise.all(infos));
  assert.deepEqual(
    answers.map(({ headers }) => headers.get('CSeq')),
    ['2 INFO', '3 INFO'],
  );
  await bench.close();
});

test('AUTH-11 a caller that repeats its request meanwhile has what went out in its place repeated, never the old number again', async () => {
  const bench = new EdgeBench(options);
  const { a, b } = await bench.answeredCall();
  const info = a.request('INFO');
  (await bench.until(b.receive('INFO'))).challenge({ status: 407 });
  const second = await bench.until(b.receive('INFO'));
  await bench.settle(3000);
  const numbers = requests(bench.carrier, 'INFO').map((request) => cseq(request).number);
  assert.deepEqual(numbers.slice(0, 2), [2, 3]);
  assert.ok(numbers.length > 2);
  assert.ok(numbers.slice(1).every((number) => number === 3));
  second.respond(200);
  assert.equal((await bench.until(info)).status, 200);
  await bench.close();
});

test('AUTH-11 a challenged re-INVITE that is lost on the way is repeated though its caller has a 100', async () => {
  const bench = new EdgeBench(options);
  const { a, b } = await bench.answeredCall();
  const hold = a.reinvite();
  const first = await bench.until(b.receive('INVITE'));
  first.respond(100);
  await bench.settle(50);
  first.challenge({ status: 407 });
  // The challenge is on its way; what is said to it is lost.
  bench.network.cut('10.0.1.1');
  await bench.settle(100);
  bench.network.restore('10.0.1.1');
  const second = await bench.until(b.receive('INVITE'));
  assert.equal(numberOf(second), 3);
  second.respond(200, { headers: contact });
  assert.equal((await bench.until(hold)).status, 200);
  await bench.close();
});

test('AUTH-11 with the store away a challenge is 503 to the caller, whose BYE has ended the call all the same', async () => {
  const bench = new EdgeBench(options);
  const { a, b } = await bench.answeredCall();
  const bye = a.bye();
  const first = await bench.until(b.receive('BYE'));
  bench.breakStore('challengeFacts', 'answerChallenge', 'note');
  first.challenge({ status: 407 });
  const answer = await bench.until(bye);
  assert.equal(answer.status, 503);
  assert.ok(answer.headers.has('Retry-After'));
  assert.deepEqual(bench.told, ['answered', 'ended NormalClearing 200 caller']);
  await bench.close();
});

test('AUTH-11 a call whose carrier challenges nothing asks the store no more than any other', async () => {
  const steps = async (carriers: readonly object[]): Promise<string[]> => {
    const bench = new EdgeBench({ carriers });
    const { a, b } = await bench.answeredCall();
    const bye = a.bye();
    (await bench.until(b.receive('BYE'))).respond(200);
    await bench.until(bye);
    await bench.settle();
    await bench.close();
    return bench.storeSteps();
  };
  assert.deepEqual(await steps([credentials]), await steps([{}]));
});

function requestOf(
  peer: ScriptedPeer,
  method: string,
  wanted: 'sent' | 'received' = 'sent',
): SipRequest {
  const found = peer.transcript.lines.findLast(
    ({ direction, message }) =>
      direction === wanted && message.kind === 'request' && message.method === method,
  )?.message;
  assert.ok(found?.kind === 'request');
  return found;
}
