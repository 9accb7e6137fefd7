import assert from 'node:assert/strict';
import test from 'node:test';
import { AuthenticateReply } from '@tandem/proto/edge-replies';
import { to } from '@tandem/sip';
import { messagesDropped } from '../../src/telemetry.ts';
import { RawPeer } from '../regression/raw-peer.ts';
import { challenged } from '../support/call-samples.ts';
import { EdgeBench } from '../support/edge-bench.ts';

const address = '10.0.0.77';

function invite(callId: string, userAgent = 'a phone'): string[] {
  return [
    'INVITE sip:442079460000@10.0.0.1 SIP/2.0',
    `Via: SIP/2.0/UDP ${address}:5077;branch=z9hG4bK${callId}`,
    'From: <sip:1001@10.0.0.1>;tag=a',
    'To: <sip:442079460000@10.0.0.1>',
    `Call-ID: ${callId}`,
    'CSeq: 1 INVITE',
    `User-Agent: ${userAgent}`,
    `Contact: <sip:1001@${address}:5077>`,
    'Max-Forwards: 70',
  ];
}

function turnedAway(unanswered: boolean, blockedForMs = 0): AuthenticateReply {
  const value = { reason: 'Suspended', unrecorded: true, unanswered };
  return AuthenticateReply.fromPartial({ outcome: { $case: 'deny', value }, blockedForMs });
}

test('DENY-08 who has not proved himself is refused without a call, a step of the store or a CDR, the same on each pod', async () => {
  const bench = new EdgeBench();
  bench.authenticate = () => Promise.resolve(turnedAway(false));
  const other = bench.addPod();
  const peer = new RawPeer(bench, { address, port: 5077 });
  await peer.send(...invite('one'));
  bench.pick = () => other;
  await peer.send(...invite('one'));
  await bench.settle();
  const [first, second] = peer.responses(403);
  assert.ok(first !== undefined && second !== undefined);
  assert.equal(to(first).tag, to(second).tag);
  assert.match(first.headers.get('Warning') ?? '', /"Authentication failed"/);
  assert.deepEqual(bench.storeSteps(), []);
  assert.deepEqual(bench.told, []);
  assert.equal(bench.server.pendingCalls + other.pendingCalls, 0);
  await bench.close();
});

test('AUTH-08 AUTH-09 what auth has no answer for gets none, and a source that is black-listed is not asked about again', async () => {
  const bench = new EdgeBench();
  bench.authenticate = () => Promise.resolve(turnedAway(true, 1500));
  const peer = new RawPeer(bench, { address, port: 5077 });
  await peer.send(...invite('one'));
  await bench.settle(10);
  assert.equal(bench.asked.auth.length, 1);
  for (const callId of ['two', 'three', 'four']) await peer.send(...invite(callId));
  await bench.settle(10);
  assert.equal(bench.asked.auth.length, 1);
  bench.authenticate = () => Promise.resolve(challenged(407));
  await bench.settle(1500);
  // The one that asks auth again finds that it is lifted.
  await peer.send(...invite('five'));
  await bench.settle(10);
  await peer.send(...invite('six'));
  await bench.settle(10);
  assert.equal(bench.asked.auth.length, 3);
  assert.equal(peer.responses(407).length, 2);
  assert.equal(peer.responses(403).length, 0);
  assert.deepEqual(bench.storeSteps(), []);
  assert.equal(bench.server.pendingCalls, 0);
  await bench.close();
});

test('AUTH-08 scanners are dropped without an answer, whatever they ask for; the list is what auth says it is', async () => {
  const bench = new EdgeBench();
  bench.authenticate = () => Promise.resolve(challenged(407));
  const peer = new RawPeer(bench, { address, port: 5077 });
  const before = messagesDropped.total;
  await peer.send(...invite('one', 'Friendly-Scanner 1.0'));
  for (const method of ['OPTIONS', 'REGISTER']) {
    const lines = invite(`x${method}`, 'sipvicious').map((line) => line.replace('INVITE', method));
    await peer.send(...lines);
  }
  await bench.settle(10);
  assert.equal(messagesDropped.total - before, 3);
  for (const status of [200, 403, 405, 407]) assert.equal(peer.responses(status).length, 0);
  const scanners = { names: ['mine'] };
  bench.authenticate = () => Promise.resolve({ ...challenged(407), scanners });
  await peer.send(...invite('two'));
  await bench.settle(10);
  await peer.send(...invite('three', 'MineSweeper'));
  await peer.send(...invite('four', 'friendly-scanner'));
  await bench.settle(10);
  assert.equal(peer.responses(407).length, 2);
  await bench.close();
});
