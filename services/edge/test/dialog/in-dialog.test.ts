import assert from 'node:assert/strict';
import test from 'node:test';
import type { DialogTerms } from '@tandem/proto/routing';
import { parseUri, serialize } from '@tandem/sip';
import { sdpBody } from '@tandem/testing';
import type { OutgoingCall } from '@tandem/testing';
import { EDGE, EdgeBench } from '../support/edge-bench.ts';

const credentials = { username: 'tandem', password: 'secret' };

test('CALL-04 the caller’s re-INVITE and its ACK travel end to end, the offset of CSeq is kept', async () => {
  const bench = new EdgeBench({ carriers: [credentials] });
  const a = bench.call();
  (await bench.incoming()).challenge();
  const b = await bench.incoming();
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());

  const held = a.reinvite({ sdp: sdpBody({ version: 2, direction: 'sendonly' }) });
  const incoming = await bench.until(b.receive('INVITE'));
  assert.equal(incoming.request.headers.get('CSeq'), '3 INVITE');
  assert.match(incoming.request.body.toString(), /sendonly/);
  incoming.respond(200, {
    sdp: sdpBody({ port: 40_002, version: 2, direction: 'recvonly' }),
    headers: { Contact: '<sip:gw@10.0.1.1:5070>' },
  });
  const answer = await bench.until(held);
  assert.equal(answer.headers.get('CSeq'), '2 INVITE');
  assert.match(answer.body.toString(), /recvonly/);
  assert.equal((await bench.until(b.ack())).headers.get('CSeq'), '3 ACK');
  assert.equal(bench.asked.auth.length, 1);
  await bench.close();
});

test('CALL-04 the callee’s re-INVITE reaches the caller, whose answer and ACK travel back', async () => {
  const bench = new EdgeBench();
  const { a, b } = await bench.answeredCall();
  const held = b.reinvite({ sdp: sdpBody({ version: 2, direction: 'inactive' }) });
  const incoming = await bench.until(a.receive('INVITE'));
  assert.match(incoming.request.body.toString(), /inactive/);
  assert.equal(incoming.request.headers.get('Call-ID'), a.callId);
  incoming.respond(200, { headers: { Contact: '<sip:1001@10.0.0.2:5062>' } });
  assert.equal((await bench.until(held)).status, 200);
  await bench.until(a.ack());
  await bench.close();
});

test('CALL-04 a callee that moves its target is found at the new one, with the token of the re-INVITE', async () => {
  const bench = new EdgeBench();
  const { a, b } = await bench.answeredCall();
  const moved = bench.peer('moved', { address: '10.0.1.9', port: 5099 });
  const held = b.reinvite({ headers: { Contact: '<sip:moved@10.0.1.9:5099>' } });
  const incoming = await bench.until(a.receive('INVITE'));
  incoming.respond(200, { headers: { Contact: '<sip:1001@10.0.0.2:5062>' } });
  await bench.until(held);
  await bench.until(a.ack());
  const bye = a.bye();
  const there = await bench.until(moved.receive('BYE'));
  assert.equal(there.request.uri, 'sip:moved@10.0.1.9:5099');
  there.respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  await moved.close();
  await bench.close();
});

test('CALL-04 a caller that moves its Contact in a re-INVITE is still reached through its socket', async () => {
  const bench = new EdgeBench();
  const { a, b } = await bench.answeredCall();
  const held = a.reinvite({ headers: { Contact: '<sip:other@10.0.0.2:5062>' } });
  (await bench.until(b.receive('INVITE'))).respond(200, {
    headers: { Contact: '<sip:gw@10.0.1.1:5070>' },
  });
  await bench.until(held);
  await bench.until(b.ack());
  const bye = b.bye();
  const incoming = await bench.until(a.receive('BYE'));
  assert.equal(incoming.request.uri, 'sip:other@10.0.0.2:5062');
  incoming.respond(200);
  await bench.until(bye);
  await bench.close();
});

test('CALL-04 a re-INVITE that is refused and cancelled: CANCEL and ACK meet their INVITE', async () => {
  const bench = new EdgeBench();
  const { a, b } = await bench.answeredCall();
  const refused = a.reinvite({ sdp: sdpBody({ version: 2 }) });
  (await bench.until(b.receive('INVITE'))).respond(488, { reason: 'Not Acceptable Here' });
  assert.equal((await bench.until(refused)).status, 488);
  await bench.settle(200);
  assert.equal(bench.carrier.transcript.count('received', 'ACK'), 2);
  await bench.close();
});

test('CALL-04 INFO, UPDATE, MESSAGE and NOTIFY pass with their bodies, either way', async () => {
  const bench = new EdgeBench();
  const { a, b } = await bench.answeredCall();
  for (const method of ['INFO', 'UPDATE', 'MESSAGE', 'NOTIFY']) {
    const there = a.request(method, { headers: { 'Content-Type': 'text/plain' } });
    (await bench.until(b.receive(method))).respond(200);
    assert.equal((await bench.until(there)).status, 200);
    const back = b.request(method);
    (await bench.until(a.receive(method))).respond(200);
    assert.equal((await bench.until(back)).status, 200);
  }
  await bench.close();
});

test('CALL-04 REFER is refused clearly, to either side', async () => {
  const bench = new EdgeBench();
  const { a, b } = await bench.answeredCall();
  for (const side of [a, b]) {
    const response = await bench.until(
      side.request('REFER', { headers: { 'Refer-To': '<sip:3@example.org>' } }),
    );
    assert.equal(response.status, 403);
    assert.match(response.headers.get('Warning') ?? '', /Transfer is not permitted/);
  }
  await bench.close();
});

const transferable: DialogTerms = {
  sessionIntervalSeconds: 600,
  probeIntervalSeconds: 600,
  relaysRefer: true,
  contact: 'param',
  identityA: 0,
  identityB: 0,
};

test('CALL-04 where it is permitted REFER passes, led through the switch, and what it comes to is told', async () => {
  const bench = new EdgeBench({ carriers: [{ dialog: transferable }] });
  const { a, b } = await bench.answeredCall();
  const refer = a.request('REFER', { headers: { 'Refer-To': '<sip:3001@10.0.0.2:5062>' } });
  const incoming = await bench.until(b.receive('REFER'));
  assert.equal(incoming.request.headers.get('Refer-To'), '<sip:3001@10.0.0.1:5060>');
  incoming.respond(202, { reason: 'Accepted' });
  assert.equal((await bench.until(refer)).status, 202);
  const notify = b.request('NOTIFY', {
    headers: { Event: 'refer', 'Subscription-State': 'active', 'Content-Type': 'text/plain' },
  });
  const told = await bench.until(a.receive('NOTIFY'));
  assert.equal(told.request.headers.get('Event'), 'refer');
  told.respond(200);
  assert.equal((await bench.until(notify)).status, 200);
  const replacing = a.request('REFER', {
    headers: { 'Refer-To': '<sip:3001@10.0.0.2?Replaces=x%3Bto-tag%3D1%3Bfrom-tag%3D2>' },
  });
  assert.equal((await bench.until(replacing)).status, 403);
  await bench.close();
});

test('CALL-04 NOTIFY of a REFER that nobody could make is 481', async () => {
  const bench = new EdgeBench();
  const { b } = await bench.answeredCall();
  const notify = b.request('NOTIFY', { headers: { Event: 'refer;id=1' } });
  assert.equal((await bench.until(notify)).status, 481);
  await bench.close();
});

test('ROUTE-02 a gateway with the token in a parameter of its Contact: both sides hang on to the call', async () => {
  const bench = new EdgeBench({ carriers: [{ dialog: transferable }] });
  const { a, b } = await bench.answeredCall();
  assert.match(b.invite.headers.get('Contact') ?? '', /^<sip:10\.0\.0\.1:5060;tt=[\w-]+>$/);
  const held = a.reinvite();
  const incoming = await bench.until(b.receive('INVITE'));
  assert.match(incoming.request.headers.get('Contact') ?? '', /^<sip:10\.0\.0\.1:5060;tt=/);
  incoming.respond(200, { headers: { Contact: '<sip:gw@10.0.1.1:5070>' } });
  await bench.until(held);
  const bye = b.bye();
  (await bench.until(a.receive('BYE'))).respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  await bench.close();
});

test('CALL-04 PRACK of a reliable provisional response finds the carrier, RAck with its CSeq', async () => {
  const bench = new EdgeBench({ carriers: [credentials] });
  const a = bench.call({ headers: { Supported: '100rel' } });
  (await bench.incoming()).challenge();
  const b = await bench.incoming();
  assert.equal(b.invite.headers.get('Supported'), '100rel');
  b.ring(183, { headers: { Require: '100rel', RSeq: '776' } });
  const provisional = await bench.until(a.provisional(183));
  assert.equal(provisional.headers.get('RSeq'), '776');
  const prack = a.request('PRACK', { headers: { RAck: '776 1 INVITE' } });
  const incoming = await bench.until(b.receive('PRACK'));
  assert.equal(incoming.request.headers.get('RAck'), '776 2 INVITE');
  assert.equal(incoming.request.headers.get('CSeq'), '3 PRACK');
  incoming.respond(200);
  assert.equal((await bench.until(prack)).headers.get('CSeq'), '2 PRACK');
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  await bench.close();
});

test('CALL-06 a request with a token from a source that is none of the call is 403 and changes nothing', async () => {
  const bench = new EdgeBench();
  const { a, b } = await bench.answeredCall();
  const thief = bench.peer('thief', { address: '10.6.6.6', port: 5060 });
  const response = await bench.until(
    thief.request('BYE', {
      to: EDGE,
      requestUri: a.dialog.remoteTarget,
      headers: {
        From: a.dialog.localParty,
        To: a.dialog.remoteParty,
        'Call-ID': a.callId,
        CSeq: '9 BYE',
      },
    }),
  );
  assert.equal(response.status, 403);
  assert.match(response.headers.get('Warning') ?? '', /Source address is not of this call/);
  assert.deepEqual(bench.told, ['answered']);
  assert.equal(bench.carrier.transcript.count('received', 'BYE'), 0);
  const bye = a.bye();
  (await bench.until(b.receive('BYE'))).respond(200);
  await bench.until(bye);
  await thief.close();
  await bench.close();
});

test('CALL-06 a token or tag that was tampered with is 481', async () => {
  const bench = new EdgeBench();
  const { a } = await bench.answeredCall();
  const { user = '' } = parseUri(a.dialog.remoteTarget);
  a.dialog.remoteTarget = a.dialog.remoteTarget.replace(
    user,
    user.slice(0, -2) + (user.endsWith('AA') ? 'BB' : 'AA'),
  );
  a.dialog.remoteParty = a.dialog.remoteParty.replace(/tag=....../, 'tag=AAAAAA');
  assert.equal((await bench.until(a.bye())).status, 481);
  assert.deepEqual(bench.told, ['answered']);
  await bench.close();
});

test('CALL-01 nothing of one side’s network stands in what the other side receives', async () => {
  const bench = new EdgeBench();
  const { a, b } = await bench.answeredCall({ headers: { 'User-Agent': 'secret-phone' } });
  await reinviteByBoth(bench, a, b);
  const bye = a.bye();
  (await bench.until(b.receive('BYE'))).respond(200, { headers: { Server: 'secret-sbc' } });
  await bench.until(bye);
  for (const [peer, hidden] of [
    [bench.alice, ['10.0.1.1', b.callId, 'secret-sbc']],
    [bench.carrier, ['10.0.0.2', a.callId, 'secret-phone']],
  ] as const) {
    for (const { direction, message } of peer.transcript.lines) {
      if (direction !== 'received') continue;
      const text = serialize(message).toString('latin1');
      for (const word of hidden) assert.ok(!text.includes(word), `${word} in\n${text}`);
    }
  }
  await bench.close();
});

async function reinviteByBoth(
  bench: EdgeBench,
  a: OutgoingCall,
  b: Awaited<ReturnType<EdgeBench['incoming']>>,
): Promise<void> {
  const there = a.reinvite();
  (await bench.until(b.receive('INVITE'))).respond(200, {
    headers: { Contact: '<sip:gw@10.0.1.1:5070>' },
  });
  await bench.until(there);
  const back = b.reinvite();
  (await bench.until(a.receive('INVITE'))).respond(200, {
    headers: { Contact: '<sip:1001@10.0.0.2:5062>' },
  });
  await bench.until(back);
}

test('CALL-06 a gateway that cannot bear long headers gets a reference in a re-INVITE too', async () => {
  const bench = new EdgeBench({ carriers: [{ tokens: 'stored' }] });
  const { a, b } = await bench.answeredCall();
  const held = a.reinvite();
  const incoming = await bench.until(b.receive('INVITE'));
  const contact = incoming.request.headers.get('Contact') ?? '';
  assert.ok(contact.length < 100, contact);
  incoming.respond(200, { headers: { Contact: '<sip:gw@10.0.1.1:5070>' } });
  await bench.until(held);
  await bench.until(b.ack());
  const bye = b.bye();
  (await bench.until(a.receive('BYE'))).respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  await bench.close();
});

test('CALL-02 a carrier that answers from another of its addresses may hang up from there', async () => {
  const bench = new EdgeBench({ carriers: [{ addresses: ['10.0.1.1:5070', '10.0.1.8:5070'] }] });
  const other = bench.peer('other', { address: '10.0.1.8', port: 5070 });
  const { a, b } = await bench.answeredCall();
  const bye = other.request('BYE', {
    to: EDGE,
    requestUri: b.dialog.remoteTarget,
    headers: {
      From: b.dialog.localParty,
      To: b.dialog.remoteParty,
      'Call-ID': b.callId,
      CSeq: '1 BYE',
    },
  });
  const response = await bench.until(Promise.race([bye, answerBye(a)]));
  assert.notEqual(response?.status, 403);
  assert.equal((await bench.until(bye)).status, 200);
  await other.close();
  await bench.close();
});

async function answerBye(a: OutgoingCall): Promise<undefined> {
  (await a.receive('BYE')).respond(200);
}
