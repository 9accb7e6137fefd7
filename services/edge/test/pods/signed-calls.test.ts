import assert from 'node:assert/strict';
import test from 'node:test';
import { CandidateIdentity } from '@tandem/proto/routing';
import { serialize } from '@tandem/sip';
import type { SipRequest } from '@tandem/sip';
import type { FaultStep } from '../../src/faults.ts';
import { assertClean, hangUp } from '../support/pod-calls.ts';
import { PodsBench } from '../support/pods-bench.ts';
import { TestSigner } from '../support/test-signer.ts';

const identity = CandidateIdentity.fromPartial({
  asserted: '+441632960123',
  signature: {
    attestation: 'A',
    because: 'a number of its account',
    certificate: 'main',
    x5u: 'https://certificates.example.org/main.pem',
    origid: 'o-1',
    number: '+441632960123',
  },
});

async function signing(): Promise<{ bench: PodsBench; signer: TestSigner }> {
  let signer: TestSigner | undefined;
  const bench = await PodsBench.start({
    carriers: [{ identity }],
    signer: (clock) => (signer = new TestSigner(clock)),
  });
  assert.ok(signer !== undefined);
  return { bench, signer };
}

function invitesOf(bench: PodsBench): SipRequest[] {
  return bench.carrier.transcript.lines.flatMap(({ direction, message }) =>
    direction === 'received' && message.kind === 'request' && message.method === 'INVITE'
      ? [message]
      : [],
  );
}

const ANSWERED = ['answered', 'ended NormalClearing 200 caller'];
const afterRecord: readonly FaultStep[] = ['after-write-ahead', 'after-trying', 'after-invite'];
for (const step of afterRecord) {
  test(`CALL-12 edge.md §5: a pod that dies ${step}: the repeated INVITE has the same signature`, async () => {
    const { bench, signer } = await signing();
    bench.killAt(step);
    const a = bench.call();
    const b = await bench.incoming();
    await bench.settle(3000);
    b.ring();
    b.answer();
    await bench.until(a.answered());
    await bench.until(b.ack());
    const invites = invitesOf(bench);
    assert.ok(invites[0]?.headers.get('Identity')?.includes(';ppt=shaken'));
    assert.equal(new Set(invites.map((each) => serialize(each).toString('latin1'))).size, 1);
    assert.equal(signer.asked.length, 1);
    await hangUp(bench, a, b);
    await assertClean(bench, ANSWERED);
  });
}

test('CALL-12 edge.md §5: a pod that dies while a call is being signed costs a moment, not the call', async () => {
  const { bench, signer } = await signing();
  signer.delays.push(300);
  const a = bench.call();
  while (signer.asked.length === 0) await bench.settle(5);
  // The stub of the record stands, since it takes its time.
  await bench.settle(250);
  const [owner] = bench.pods.filter((pod) => pod.server.pendingCalls > 0);
  assert.ok(owner !== undefined);
  bench.kill(owner);
  const b = await bench.incoming();
  assert.equal(signer.asked.length, 2);
  b.ring();
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  assert.equal(new Set(invitesOf(bench).map(({ headers }) => headers.get('Identity'))).size, 1);
  await hangUp(bench, a, b);
  await assertClean(bench, ANSWERED);
});
