import assert from 'node:assert/strict';
import type { IncomingCall, OutgoingCall } from '@tandem/testing';
import type { PodsBench } from './pods-bench.ts';

/** The callee answers, the call is acknowledged, the caller hangs up: whatever dies meanwhile. */
export async function complete(bench: PodsBench, a: OutgoingCall, b: IncomingCall): Promise<void> {
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  await hangUp(bench, a, b);
}

/** The caller ends the call. */
export async function hangUp(bench: PodsBench, a: OutgoingCall, b: IncomingCall): Promise<void> {
  const bye = a.bye();
  (await bench.until(b.receive('BYE'))).respond(200);
  assert.equal((await bench.until(bye)).status, 200);
}

/** Nothing is left of the call, and no peer saw a message that it had to refuse. */
export async function assertClean(bench: PodsBench, told: readonly string[]): Promise<void> {
  await bench.settle();
  assert.deepEqual(bench.told.sort(), [...told].sort());
  assert.equal(await bench.heldLines(), 0);
  assert.equal((await bench.store.outbox()).length, 0);
  assert.equal(bench.pendingCalls, 0);
  for (const peer of [bench.alice, ...bench.carriers]) {
    assert.equal(peer.transcript.count('sent', 481), 0, peer.transcript.toString());
  }
  await bench.close();
}
