import assert from 'node:assert/strict';
import test from 'node:test';
import { sdpBody } from '@tandem/testing';
import type { IncomingCall, OutgoingCall, ScriptedPeer } from '@tandem/testing';
import { anchoring } from '../support/anchored-bench.ts';
import type { EdgeBench } from '../support/edge-bench.ts';
import { RELAYS, idOf, relayIn } from '../support/simulated-relays.ts';
import type { SimulatedRelays } from '../support/simulated-relays.ts';

const contacts = {
  a: { Contact: '<sip:1001@10.0.0.2:5062>' },
  b: { Contact: '<sip:gw@10.0.1.1:5070>' },
};

interface Disagreeing {
  readonly bench: EdgeBench;
  readonly relays: SimulatedRelays;
  readonly a: OutgoingCall;
  readonly b: IncomingCall;
  /** The relay that has the call, and the other one. */
  readonly named: string;
  readonly other: string;
}

/**
 * A call that is up, and two pods: the first takes its relay for dead, the second does not. They get what comes in turns, the first
 * one first.
 */
async function disagreeing(): Promise<Disagreeing> {
  const { bench, relays } = anchoring();
  const { a, b } = await bench.answeredCall();
  const named = relayIn(b.invite);
  const other = RELAYS.find((each) => each !== named) ?? '';
  const media = relays.mediaOfNewProcess();
  const second = bench.addPod({ bodyStep: media, media });
  await takenForDead(bench, relays, named);
  let count = 0;
  bench.pick = () => (count++ % 2 === 0 ? bench.server : second);
  return { bench, relays, a, b, named, other };
}

/** The first pod does not ask this relay any more; it lives, and has what it had. */
async function takenForDead(
  bench: EdgeBench,
  relays: SimulatedRelays,
  host: string,
): Promise<void> {
  const relay = relays.pool.byId(idOf(host));
  assert.ok(relay !== undefined);
  relays.dead.add(host);
  await bench.until(relays.pool.ask(relay, { command: 'ping' }));
  relays.dead.delete(host);
}

/** The descriptions of all messages of a kind that a peer has received, once each. */
function descriptions(peer: ScriptedPeer, isOfKind: (name: string) => boolean): string[] {
  const bodies = peer.transcript.lines.flatMap(({ direction, message }) => {
    const name = message.kind === 'request' ? message.method : String(message.status);
    const isDescribed = message.body.length > 0 && direction === 'received' && isOfKind(name);
    return isDescribed ? [message.body.toString('latin1')] : [];
  });
  return [...new Set(bodies)];
}

for (const side of ['a', 'b'] as const) {
  for (const method of ['INVITE', 'UPDATE']) {
    test(`CALL-06 CALL-08 an ${method} of ${side} that is repeated to pods which take different relays for dead offers the same, and is answered where it offered`, async () => {
      const { bench, a, b, other } = await disagreeing();
      const [asking, asked] = side === 'a' ? [a, b] : [b, a];
      const offer = { sdp: sdpBody({ version: 2 }), headers: contacts[side] };
      const answered =
        method === 'INVITE' ? asking.reinvite(offer) : asking.request('UPDATE', offer);
      const peer = side === 'a' ? bench.carrier : bench.alice;
      const before = peer.transcript.count('received', method);
      const incoming = await bench.until(asked.receive(method));
      await bench.settle(2000);
      assert.ok(peer.transcript.count('received', method) >= before + 2);
      assert.equal(relayIn(incoming.request), other);
      const offers = descriptions(peer, (name) => name === method);
      assert.equal(offers.filter((each) => each.includes(' 2 IN ')).length, 1);
      const answer = sdpBody({ port: 40_002, version: 2 });
      incoming.respond(200, { sdp: answer, headers: contacts[side === 'a' ? 'b' : 'a'] });
      assert.equal(relayIn(await bench.until(answered)), other);
      await bench.close();
    });
  }

  test(`CALL-06 CALL-08 a 200 that offers, repeated to ${side} by pods which take different relays for dead, offers the same, and the ACK answers where it did`, async () => {
    const { bench, a, b, other } = await disagreeing();
    const [asking, asked] = side === 'a' ? [a, b] : [b, a];
    const [first, second] = [bench.pick(), bench.pick()];
    const turns = [second, first, second, second];
    bench.pick = () => turns.shift() ?? first;
    const answered = asking.reinvite({ headers: contacts[side], answer: sdpBody({ version: 3 }) });
    const incoming = await bench.until(asked.receive('INVITE'));
    const offer = sdpBody({ port: 40_002, version: 2 });
    const described = { sdp: offer, headers: contacts[side === 'a' ? 'b' : 'a'] };
    const response = incoming.respond(200, described);
    assert.equal(relayIn(await bench.until(answered)), other);
    assert.equal(relayIn(await bench.until(asked.ack())), other);
    const peer = side === 'a' ? bench.alice : bench.carrier;
    const before = peer.transcript.count('received', '200');
    incoming.repeat(response);
    await bench.settle(200);
    assert.equal(peer.transcript.count('received', '200'), before + 1);
    const all = descriptions(peer, (name) => name === '200');
    assert.equal(all.filter((each) => each.includes(' 2 IN ')).length, 1);
    await bench.close();
  });
}
