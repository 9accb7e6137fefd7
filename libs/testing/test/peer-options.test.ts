import assert from 'node:assert/strict';
import test from 'node:test';
import { serialize } from '@tandem/sip';
import { FakeClock } from '../src/fake-clock.ts';
import { sdpBody } from '../src/message-templates.ts';
import { ScriptedPeer } from '../src/scripted-peer.ts';
import { SimulatedNetwork } from '../src/simulated-network.ts';

const credentials = { username: '1001', password: 'tandem-demo' };

function stage(): { clock: FakeClock; alice: ScriptedPeer; bob: ScriptedPeer } {
  const clock = new FakeClock();
  const network = new SimulatedNetwork({ clock });
  const alice = ScriptedPeer.onNetwork(network, clock, {
    address: '2001:db8::1',
    port: 5060,
    credentials,
  });
  const bob = ScriptedPeer.onNetwork(network, clock, { address: '2001:db8::2', port: 5060 });
  return { clock, alice, bob };
}

test('CALL-02 an INVITE carries what the script gives it, IPv6 in brackets', async () => {
  const { clock, alice, bob } = stage();
  const call = alice.invite({
    to: bob.local,
    called: '4420',
    from: '"A" <sip:a@a.example>',
    callId: 'my-call',
    sdp: sdpBody({ address: '2001:db8::1', direction: 'inactive' }),
    headers: { 'Max-Forwards': '3', 'X-Test': ['1', '2'] },
  });
  assert.equal(call.callId, 'my-call');
  const { invite } = await clock.until(bob.receiveCall());
  assert.equal(invite.uri, 'sip:4420@[2001:db8::2]:5060');
  assert.match(invite.headers.get('From') ?? '', /^"A" <sip:a@a\.example>;tag=/);
  assert.deepEqual(invite.headers.getAll('Max-Forwards'), ['3']);
  assert.deepEqual(invite.headers.getAll('X-Test'), ['1', '2']);
  assert.match(invite.body.toString(), /c=IN IP6 2001:db8::1\r\n[^]*a=inactive\r\n$/);
  assert.equal(invite.headers.get('Contact'), '<sip:peer@[2001:db8::1]:5060>');
});

test('CALL-02 a response carries what the script gives it', async () => {
  const { clock, alice, bob } = stage();
  const call = alice.invite({ to: bob.local, called: '4420' });
  const incoming = await clock.until(bob.receiveCall());
  incoming.ring(199, { reason: 'Early Dialog Terminated', toTag: 'mine' });
  const early = await clock.until(call.provisional(199));
  assert.equal(early.reason, 'Early Dialog Terminated');
  assert.match(early.headers.get('To') ?? '', /;tag=mine$/);
  incoming.ring(100);
  incoming.refuse(599, { headers: { Warning: '399 b "full"' } });
  const final = await clock.until(call.final());
  assert.equal(final.reason, 'Whatever');
  assert.equal(final.headers.get('Warning'), '399 b "full"');
  await assert.rejects(
    clock.until(call.provisional(180, 50)),
    /waited 50 ms in vain for 180 to INVITE/,
  );
});

test('AUTH-11 a challenge that nobody can answer is final', async () => {
  const { clock, alice, bob } = stage();
  const call = alice.invite({ to: bob.local, called: '4420' });
  const incoming = await clock.until(bob.receiveCall());
  incoming.refuse(401, {
    headers: { 'WWW-Authenticate': ['Basic realm="x"', 'Digest realm="x",nonce="n",algorithm=X'] },
  });
  assert.equal((await clock.until(call.final())).status, 401);
});

test('AUTH-11 an unknown algorithm or other user in the credentials proves nothing', async () => {
  const { clock, alice, bob } = stage();
  for (const Authorization of [
    'Digest username="1001",realm="r",nonce="n",uri="sip:b",response="0",algorithm=X',
    'Digest username="x",realm="r",nonce="n",uri="sip:b",response="0"',
  ]) {
    alice.invite({ to: bob.local, called: '4420', headers: { Authorization } });
    assert.equal((await clock.until(bob.receiveCall())).proves(credentials), false);
  }
});

test('CALL-02 the ACK of an endpoint of RFC 2543 reaches the call although it repeats the Via', async () => {
  const { clock, alice, bob } = stage();
  const call = alice.invite({
    to: bob.local,
    called: '4420',
    isAckAutomatic: false,
    headers: { Via: 'SIP/2.0/UDP [2001:db8::1]:5060' },
  });
  const incoming = await clock.until(bob.receiveCall());
  const ok = incoming.answer();
  await clock.advanceSettled(10);
  const ack = call.dialog.request('ACK', alice.local, 'x');
  ack.uri = call.invite.uri;
  ack.headers.set('Via', 'SIP/2.0/UDP [2001:db8::1]:5060');
  ack.headers.set('To', ok.headers.get('To') ?? '');
  alice.sendRaw(serialize(ack), bob.local);
  const received = await clock.until(incoming.ack());
  assert.equal(received.method, 'ACK');
  await clock.advanceSettled(5000);
  assert.equal(bob.transcript.count('sent', 200), 1);
});

test('CALL-02 a 200 that is never acknowledged is given up after 64 × T1', async () => {
  const { clock, alice, bob } = stage();
  alice.invite({ to: bob.local, called: '4420', isAckAutomatic: false });
  const incoming = await clock.until(bob.receiveCall());
  incoming.answer();
  await clock.advanceSettled(120_000);
  assert.equal(bob.transcript.count('sent', 200), 11);
  assert.equal(clock.pending, 0);
});

test('CALL-02 a CANCEL after the answer is answered 200 and changes nothing', async () => {
  const { clock, alice, bob } = stage();
  const call = alice.invite({ to: bob.local, called: '4420' });
  const incoming = await clock.until(bob.receiveCall());
  incoming.answer();
  await clock.until(call.answered());
  assert.equal((await clock.until(call.cancel())).status, 200);
  assert.equal(bob.transcript.count('sent', 487), 0);
});
