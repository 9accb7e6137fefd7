import { serialize } from '@tandem/sip';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EDGE, EdgeBench, localAt } from '../support/edge-bench.ts';
import type { ScriptedPeer } from '@tandem/testing';

/** Server and User-Agent of all that a peer has got. */
function named(peer: ScriptedPeer): readonly string[] {
  return peer.transcript.lines
    .filter(({ direction }) => direction === 'received')
    .flatMap(({ message }) => [
      ...message.headers.getAll('Server'),
      ...message.headers.getAll('User-Agent'),
    ]);
}

/** A call with something of everything in it: refused by one carrier, answered by the other, held and ended. */
async function aCall(bench: EdgeBench): Promise<void> {
  const a = bench.call({ headers: { 'User-Agent': 'phone/1' } });
  (await bench.incoming(0)).refuse(503);
  const b = await bench.incoming(1);
  b.ring();
  b.answer();
  await bench.until(a.answered());
  const held = a.reinvite();
  (await bench.until(b.receive('INVITE'))).respond(200, {
    headers: { Contact: '<sip:gw@10.0.1.2:5070>' },
  });
  await bench.until(held);
  const bye = b.bye();
  (await bench.until(a.receive('BYE'))).respond(200);
  await bench.until(bye);
}

test('G2-06 the switch tells nobody what it is, unless it has been given a name', async () => {
  const silent = new EdgeBench();
  await aCall(silent);
  for (const peer of [silent.alice, ...silent.carriers]) assert.deepEqual(named(peer), []);
  await silent.close();

  const told = new EdgeBench({ product: 'Example/2.0' });
  await aCall(told);
  for (const peer of [told.alice, ...told.carriers]) {
    const names = named(peer);
    assert.ok(names.length > 0);
    assert.deepEqual([...new Set(names)], ['Example/2.0']);
  }
  await told.close();
});

test('CALL-06 a pod that has another name repeats the INVITE of a call with the name that the call began with', async () => {
  for (const product of [undefined, 'Example/2.0']) {
    const bench = new EdgeBench({ product });
    bench.call();
    const b = await bench.incoming();
    const record = (await bench.store.get(b.callId))?.record;
    assert.ok(record !== undefined);
    const local = { ...localAt(EDGE), name: 'edge-9', slot: 9, epoch: 99, product: 'Other/1' };
    const other = bench.addPod({ local });
    bench.pick = () => other;
    const seen = bench.carrier.transcript.lines.length;
    other.adopted({ callId: b.callId, record, isEnded: false });
    const repeated = (): Buffer | undefined =>
      bench.carrier.transcript.lines
        .slice(seen)
        .filter(({ direction }) => direction === 'received')
        .map(({ message }) => serialize(message))[0];
    await bench.settle(100);
    assert.equal(repeated()?.toString('latin1'), serialize(b.invite).toString('latin1'));
    await bench.close();
  }
});
