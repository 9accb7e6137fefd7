import assert from 'node:assert/strict';
import test from 'node:test';
import { FakeClock } from '../src/fake-clock.ts';
import { ScriptedPeer } from '../src/scripted-peer.ts';
import { SimulatedNetwork, type SimulatedNetworkOptions } from '../src/simulated-network.ts';

const alicePlace = { address: '10.0.0.1', port: 5060 };
const bobPlace = { address: '10.0.0.2', port: 5060 };
const credentials = { username: '1001', password: 'tandem-demo' };

interface Stage {
  readonly clock: FakeClock;
  readonly network: SimulatedNetwork;
  readonly alice: ScriptedPeer;
  readonly bob: ScriptedPeer;
}

function stage(options: Partial<SimulatedNetworkOptions> = {}): Stage {
  const clock = new FakeClock();
  const network = new SimulatedNetwork({ clock, ...options });
  const timeoutMs = 60_000;
  const alice = ScriptedPeer.onNetwork(network, clock, {
    ...alicePlace,
    user: '1001',
    credentials,
    timeoutMs,
  });
  const bob = ScriptedPeer.onNetwork(network, clock, { ...bobPlace, user: 'bob', timeoutMs });
  return { clock, network, alice, bob };
}

async function closeAll({ alice, bob }: Stage): Promise<void> {
  await alice.close();
  await bob.close();
}

test('CALL-02 a call rings, is answered, acknowledged and hung up', async () => {
  const play = stage();
  const { clock, alice, bob } = play;
  const call = alice.invite({ to: bobPlace, called: '4420' });
  const incoming = await clock.until(bob.receiveCall());
  assert.equal(incoming.invite.uri, 'sip:4420@10.0.0.2:5060');
  incoming.ring();
  await clock.until(call.provisional(180));
  incoming.answer();
  const ok = await clock.until(call.answered());
  assert.match(ok.body.toString(), /m=audio 40002/);
  await clock.until(incoming.ack());

  const hangUp = call.bye();
  const bye = await clock.until(incoming.receive('BYE'));
  bye.respond(200);
  assert.equal((await clock.until(hangUp)).status, 200);
  await closeAll(play);
});

test('CALL-02 the callee hangs up and re-INVITE works from either side', async () => {
  const play = stage();
  const { clock, alice, bob } = play;
  const call = alice.invite({ to: bobPlace, called: '4420' });
  const incoming = await clock.until(bob.receiveCall());
  incoming.answer();
  await clock.until(call.answered());
  await clock.until(incoming.ack());

  const hold = call.reinvite({ sdp: 'v=0\r\n' });
  const held = await clock.until(incoming.receive('INVITE'));
  held.respond(200, { sdp: 'v=0\r\n', headers: { Contact: '<sip:moved@10.0.0.2:5060>' } });
  assert.equal((await clock.until(hold)).status, 200);
  await clock.until(incoming.ack());
  assert.equal(call.dialog.remoteTarget, 'sip:moved@10.0.0.2:5060');

  const refused = incoming.reinvite();
  (await clock.until(call.receive('INVITE'))).respond(486);
  assert.equal((await clock.until(refused)).status, 486);

  const hangUp = incoming.bye();
  (await clock.until(call.receive('BYE'))).respond(200);
  assert.equal((await clock.until(hangUp)).status, 200);
  await closeAll(play);
});

for (const status of [401, 407] as const) {
  test(`AUTH-11 a challenge with ${String(status)} is answered once, with the password`, async () => {
    const play = stage();
    const { clock, alice, bob } = play;
    const call = alice.invite({ to: bobPlace, called: '4420' });
    const first = await clock.until(bob.receiveCall());
    first.challenge({ status });
    const second = await clock.until(bob.receiveCall());
    assert.equal(second.callId, first.callId);
    assert.ok(second.proves(credentials));
    assert.equal(second.proves({ ...credentials, password: 'wrong' }), false);
    assert.equal(second.proves({ ...credentials, username: 'other' }), false);
    assert.equal(first.proves(credentials), false);
    second.challenge({ status });
    assert.equal((await clock.until(call.final())).status, status);
    await assert.rejects(clock.until(call.answered(10)), /waited 10 ms in vain/);
    await closeAll(play);
  });
}

test('DENY-17 a cancelled call gets 200 to its CANCEL and 487 to its INVITE', async () => {
  const play = stage();
  const { clock, alice, bob } = play;
  const call = alice.invite({ to: bobPlace, called: '4420' });
  const incoming = await clock.until(bob.receiveCall());
  incoming.ring();
  await clock.until(call.provisional());
  const cancelled = call.cancel({ Reason: 'SIP;cause=200' });
  await clock.until(incoming.cancelled());
  assert.equal((await clock.until(cancelled)).status, 200);
  await assert.rejects(clock.until(call.answered()), /not answered: 487 Request Terminated/);
  assert.equal(call.provisionals, 1);
  assert.equal(alice.transcript.count('sent', 'ACK'), 1);
  await closeAll(play);
});

test('CALL-02 a CANCEL of nothing is answered 481', async () => {
  const play = stage();
  const { clock, alice, bob } = play;
  const response = await clock.until(alice.request('CANCEL', { to: bobPlace }));
  assert.equal(response.status, 481);
  assert.equal(bob.transcript.count('sent', 481), 1);
  await closeAll(play);
});

test('REG-01 a request out of a dialog is answered, and challenged once', async () => {
  const play = stage();
  const { clock, alice, bob } = play;
  const registered = alice.request('REGISTER', {
    to: bobPlace,
    requestUri: 'sip:tandem',
    from: '<sip:1001@tandem>',
    headers: { Expires: '60', Contact: ['<sip:a@10.0.0.1>', '<sip:b@10.0.0.1>'] },
  });
  const first = await clock.until(bob.receive('REGISTER'));
  assert.equal(first.request.headers.getAll('Contact').length, 2);
  first.challenge();
  const second = await clock.until(bob.receive('REGISTER'));
  assert.match(second.request.headers.get('Authorization') ?? '', /username="1001"/);
  second.respond(200);
  assert.equal((await clock.until(registered)).status, 200);

  const asked = bob.request('OPTIONS', { to: alicePlace });
  (await clock.until(alice.receive('OPTIONS'))).respond(200);
  assert.equal((await clock.until(asked)).status, 200);
  await closeAll(play);
});

test('CALL-02 a BYE in a dialog is challenged and answered', async () => {
  const play = stage();
  const { clock, alice, bob } = play;
  const call = alice.invite({ to: bobPlace, called: 'sip:4420@10.0.0.2', sdp: null });
  const incoming = await clock.until(bob.receiveCall());
  assert.equal(incoming.invite.body.length, 0);
  incoming.progress();
  await clock.until(call.provisional(183));
  incoming.answer();
  await clock.until(call.answered());
  const hangUp = call.bye();
  (await clock.until(incoming.receive('BYE'))).challenge({ status: 407 });
  (await clock.until(incoming.receive('BYE'))).respond(200);
  assert.equal((await clock.until(hangUp)).status, 200);
  await closeAll(play);
});

test('CALL-02 a 2xx is repeated until it is acknowledged, each time by the same ACK', async () => {
  const play = stage();
  const { clock, alice, bob } = play;
  const call = alice.invite({ to: bobPlace, called: '4420', isAckAutomatic: false });
  const incoming = await clock.until(bob.receiveCall());
  incoming.answer();
  await clock.until(call.answered());
  await clock.advanceSettled(1800);
  assert.equal(bob.transcript.count('sent', 200), 3);
  call.acknowledge();
  await clock.until(incoming.ack());
  await clock.advanceSettled(60_000);
  assert.equal(bob.transcript.count('sent', 200), 3);
  await closeAll(play);
});

test('CALL-02 a silent callee ends the INVITE by timer B and names what was sent', async () => {
  const play = stage();
  const { clock, network, alice } = play;
  network.cut(bobPlace.address);
  const call = alice.invite({ to: bobPlace, called: '4420' });
  await assert.rejects(clock.until(call.final()), /INVITE: timeout\n {2}→ 10.0.0.2:5060 INVITE/);
  assert.equal(alice.transcript.count('sent', 'INVITE'), 7);
  await assert.rejects(clock.until(call.cancel()), /CANCEL: timeout/);
  await assert.rejects(clock.until(alice.request('OPTIONS', { to: bobPlace })), /OPTIONS: timeout/);
  await assert.rejects(clock.until(call.bye()), /BYE: timeout/);
  network.restore(bobPlace.address);
  await closeAll(play);
  assert.equal(clock.pending, 0);
});

test('CALL-10 raw bytes go out as they are and are counted by the other side', async () => {
  const play = stage();
  const { clock, network, alice, bob } = play;
  alice.sendRaw('nothing of SIP\r\n\r\n', bobPlace);
  alice.sendRaw(Buffer.from([0xff, 0xfe, 1, 2, 3, 4]), bobPlace);
  await clock.advanceSettled(10);
  assert.equal(network.sent.length, 2);
  assert.equal(bob.transcript.lines.length, 0);
  await closeAll(play);
});

for (const seed of [1, 2, 3, 4, 5]) {
  test(`CALL-02 with a third of all datagrams lost the call is still made (${String(seed)})`, async () => {
    const play = stage({ seed, loss: 0.33, duplication: 0.1, reordering: 0.1, maxLatencyMs: 30 });
    const { clock, alice, bob } = play;
    const call = alice.invite({ to: bobPlace, called: '4420' });
    const incoming = await clock.until(bob.receiveCall());
    incoming.answer();
    await clock.until(call.answered());
    await clock.until(incoming.ack());
    const hangUp = call.bye();
    (await clock.until(incoming.receive('BYE'))).respond(200);
    assert.equal((await clock.until(hangUp)).status, 200);
    await closeAll(play);
  });
}
