import assert from 'node:assert/strict';
import test from 'node:test';
import { freeTcpPort, freeUdpPort } from '../src/free-port.ts';
import { ScriptedPeer } from '../src/scripted-peer.ts';

for (const address of ['127.0.0.1', '::1']) {
  test(`CALL-02 two peers on ${address} make a call over real sockets`, async () => {
    const port = await freeUdpPort(address);
    const alice = await ScriptedPeer.onUdp({ address, user: 'alice', port });
    const bob = await ScriptedPeer.onUdp({ address, user: 'bob' });
    assert.equal(alice.local.port, port);
    const call = alice.invite({ to: bob.local, called: '4420' });
    const incoming = await bob.receiveCall();
    incoming.ring();
    incoming.answer();
    await call.answered();
    await incoming.ack();
    const hangUp = incoming.bye();
    (await call.receive('BYE')).respond(200);
    assert.equal((await hangUp).status, 200);

    const asked = alice.request('OPTIONS', { to: bob.local });
    (await bob.receive('OPTIONS')).respond(200);
    assert.equal((await asked).status, 200);
    await alice.close();
    await bob.close();
  });
}

test('CALL-02 a free TCP port is a port', async () => {
  assert.ok((await freeTcpPort()) > 1024);
});
