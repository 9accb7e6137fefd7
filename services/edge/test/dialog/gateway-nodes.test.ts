import assert from 'node:assert/strict';
import test from 'node:test';
import type { OutgoingCall } from '@tandem/testing';
import type { AuthenticateReply } from '@tandem/proto/edge-replies';
import { allowed } from '../support/call-samples.ts';
import { EdgeBench } from '../support/edge-bench.ts';
import { RawPeer } from '../regression/raw-peer.ts';

/** Alice is one node of a trunk: 10.0.0.2. */
const LIST = ['10.9.9.9', '10.0.0.2/31'];
const OTHER_NODE = { address: '10.0.0.3', port: 5062 };
const LISTED_NODE = { address: '10.9.9.9', port: 5062 };
const STRANGER = { address: '10.0.0.4', port: 5062 };

function allowedFrom(callerAddresses: readonly string[]): AuthenticateReply {
  return { ...allowed(), callerAddresses: [...callerAddresses] };
}

function benchOf(list: readonly string[]): EdgeBench {
  const bench = new EdgeBench();
  bench.authenticate = () => Promise.resolve(allowedFrom(list));
  return bench;
}

/** Far above what alice counts to. */
let sequence = 100;

/** A request in alice's dialog, as another node of hers sends it. */
function inDialog(
  a: OutgoingCall,
  method: string,
  from: { readonly address: string; readonly port: number },
): string[] {
  const { dialog } = a;
  if (method !== 'ACK') sequence += 1;
  const at = `${from.address}:${String(from.port)}`;
  return [
    `${method} ${dialog.remoteTarget} SIP/2.0`,
    `Via: SIP/2.0/UDP ${at};branch=z9hG4bK${method}${String(sequence)}`,
    'Max-Forwards: 70',
    `From: ${dialog.localParty}`,
    `To: ${dialog.remoteParty}`,
    `Call-ID: ${dialog.callId}`,
    `CSeq: ${String(sequence)} ${method}`,
    ...(method === 'BYE' || method === 'ACK' ? [] : [`Contact: <sip:1001@${at}>`]),
  ];
}

function cancelOf(a: OutgoingCall): string[] {
  const { headers, uri } = a.invite;
  const copied = ['Via', 'From', 'To', 'Call-ID'].map(
    (name) => `${name}: ${headers.get(name) ?? ''}`,
  );
  return [`CANCEL ${uri} SIP/2.0`, ...copied, 'Max-Forwards: 70', 'CSeq: 1 CANCEL'];
}

for (const storeIs of ['up', 'away'] as const) {
  test(`AUTH-01 any node of a trunk may hang up its call; the store is ${storeIs}`, async () => {
    for (const node of [OTHER_NODE, LISTED_NODE]) {
      const bench = benchOf(LIST);
      const { a, b } = await bench.answeredCall();
      // The pod that had the call is gone.
      const other = bench.addPod();
      bench.pick = () => other;
      if (storeIs === 'away') bench.breakStore('tokens', 'saveTokens', 'get', 'end', 'adopt');
      const peer = new RawPeer(bench, node);
      const heard = bench.until(b.receive('BYE'));
      await peer.send(...inDialog(a, 'BYE', node));
      (await heard).respond(200);
      await bench.settle(1000);
      assert.equal(peer.responses(200).length, 1, node.address);
      await bench.close();
    }
  });

  test(`AUTH-01 a re-INVITE of one node, then the BYE of another; the store is ${storeIs}`, async () => {
    const bench = benchOf(LIST);
    const { a, b } = await bench.answeredCall();
    if (storeIs === 'away') bench.breakStore('tokens', 'saveTokens', 'get', 'end', 'adopt');
    const other = new RawPeer(bench, OTHER_NODE);
    const listed = new RawPeer(bench, LISTED_NODE);
    const heard = bench.until(b.receive('INVITE'));
    await other.send(...inDialog(a, 'INVITE', OTHER_NODE));
    (await heard).respond(200, { headers: { Contact: '<sip:gw@10.0.1.1:5070>' } });
    await bench.settle(1000);
    const [answer] = other.responses(200);
    assert.ok(answer !== undefined);
    a.dialog.refresh(answer);
    await other.send(...inDialog(a, 'ACK', OTHER_NODE));
    // The target that the callee gave then, and the caller's that it was told, hold for every node.
    const ended = bench.until(b.receive('BYE'));
    await listed.send(...inDialog(a, 'BYE', LISTED_NODE));
    (await ended).respond(200);
    await bench.settle(1000);
    assert.equal(listed.responses(200).length, 1);
    await bench.close();
  });

  test(`AUTH-01 the callee moves, then another node hangs up; the store is ${storeIs}`, async () => {
    const bench = benchOf(LIST);
    const { a, b } = await bench.answeredCall();
    if (storeIs === 'away') bench.breakStore('tokens', 'saveTokens', 'get', 'end', 'adopt');
    const held = b.reinvite();
    const incoming = await bench.until(a.receive('INVITE'));
    incoming.respond(200, { headers: { Contact: '<sip:1001@10.0.0.2:5062>' } });
    assert.equal((await bench.until(held)).status, 200);
    const node = new RawPeer(bench, LISTED_NODE);
    const ended = bench.until(b.receive('BYE'));
    await node.send(...inDialog(a, 'BYE', LISTED_NODE));
    (await ended).respond(200);
    await bench.settle(1000);
    assert.equal(node.responses(200).length, 1);
    await bench.close();
  });
}

test('AUTH-01 who is in no list is refused, and so is everybody where the caller proved itself by password', async () => {
  for (const [list, from] of [
    [LIST, STRANGER],
    [[], OTHER_NODE],
    // A list that does not hold who called is not the list of who called.
    [['10.0.0.3'], OTHER_NODE],
  ] as const) {
    const bench = benchOf(list);
    const { a } = await bench.answeredCall();
    const peer = new RawPeer(bench, from);
    await peer.send(...inDialog(a, 'BYE', from));
    assert.equal(peer.responses(403).length, 1);
    assert.equal(bench.carrier.transcript.count('received', 'BYE'), 0);
    await bench.close();
  }
});

test('AUTH-01 of a long list every address may speak, in the early dialog too, and the token stays inline', async () => {
  const list = Array.from(
    { length: 400 },
    (_, at) => `10.7.${String(at >> 8)}.${String(at & 255)}`,
  );
  const bench = benchOf([...list, '10.0.0.2']);
  const a = bench.call({ headers: { Supported: '100rel' } });
  const b = await bench.incoming();
  b.ring();
  await bench.until(a.provisional(180));
  const at = { address: '10.7.1.143', port: 5062 };
  const node = new RawPeer(bench, at);
  const heard = bench.until(b.receive('INFO'));
  await node.send(...inDialog(a, 'INFO', at));
  (await heard).respond(200);
  await bench.settle(100);
  assert.equal(node.responses(200).length, 1);
  assert.match(a.dialog.remoteTarget, /^sip:[\w-]{100,240}@/);
  b.answer();
  await bench.until(a.answered());
  const ended = bench.until(b.receive('BYE'));
  await node.send(...inDialog(a, 'BYE', at));
  (await ended).respond(200);
  await bench.close();
});

test('AUTH-01 another node of the trunk may take the call back, at once and while it rings; a stranger may not', async () => {
  for (const rings of [false, true]) {
    const bench = benchOf(LIST);
    let decide: (reply: AuthenticateReply) => void = () => undefined;
    if (!rings) {
      bench.authenticate = () =>
        new Promise((resolve) => {
          decide = resolve;
        });
    }
    const a = bench.call();
    const stranger = new RawPeer(bench, STRANGER);
    const node = new RawPeer(bench, OTHER_NODE);
    if (rings) {
      (await bench.incoming()).ring();
      await bench.until(a.provisional(180));
      await stranger.send(...cancelOf(a));
      assert.equal(stranger.responses(481).length, 1);
    } else {
      await bench.settle(10);
    }
    await node.send(...cancelOf(a));
    decide(allowedFrom(LIST));
    assert.equal((await bench.until(a.final())).status, 487);
    await bench.settle(100);
    assert.equal(node.responses(200).length, 1);
    assert.equal(bench.carrierAt(1).transcript.lines.length, 0);
    await bench.close();
  }
});

test('AUTH-01 after another pod has adopted the call, any node of the trunk may take it back or hang up', async () => {
  const bench = benchOf(LIST);
  const a = bench.call();
  const b = await bench.incoming();
  b.ring();
  await bench.until(a.provisional(180));
  const { callId } = b;
  const other = bench.addPod();
  const record = (await bench.store.get(callId))?.record;
  assert.ok(record !== undefined);
  bench.pick = () => other;
  other.adopted({ callId, record, isEnded: false });
  const node = new RawPeer(bench, LISTED_NODE);
  await node.send(...cancelOf(a));
  assert.equal(node.responses(200).length, 1);
  await bench.until(b.cancelled());
  await bench.close();
});
