import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryLimits } from '@tandem/limits';
import { startTelemetry } from '@tandem/telemetry';
import { openOtlpReceiver } from '@tandem/testing';
import type { OtlpReceiver } from '@tandem/testing';
import { memoryCallStore } from '../src/adapters/memory-call-store.ts';
import { EdgeStatus } from '../src/api/edge-status.ts';
import { systemClock } from '../src/app.ts';
import { judge } from '../src/core/network/network-verdict.ts';
import type { Pod, PodRegistry } from '../src/ports.ts';
import { callsAdopted, openConnections } from '../src/telemetry.ts';
import { answerOf, newCallId, writeAheadOf } from './support/call-store-contract.ts';

const pod: Pod = {
  name: 'edge-2',
  slot: 1,
  epoch: 9,
  role: 'worker',
  address: '10.0.0.2:7000',
  isDraining: true,
};

/** Value and attributes of a metric's points. */
function pointsOf(receiver: OtlpReceiver, name: string): Record<string, unknown>[] {
  const metric = receiver.metrics().find((candidate) => candidate.name === `tandem.edge.${name}`);
  return (metric?.points ?? []).map((point) => Object.fromEntries(point));
}

test('OPS-06 the state of a pod and what all pods share arrive at the collector as gauges', async () => {
  const receiver = await openOtlpReceiver();
  const telemetry = await startTelemetry('edge', {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
  });
  const store = memoryCallStore(systemClock, memoryLimits().lines);
  const callId = newCallId();
  await store.writeAhead(writeAheadOf(callId));
  await store.answer(answerOf(callId));
  const results = [{ failure: '' }];
  const finding = judge({ transport: 'udp', target: 't:1', resolved: [], results, atMs: 0 });
  const status = new EdgeStatus({
    name: 'edge-1',
    role: 'both',
    store,
    pods: { pods: () => [pod, pod] } as Partial<PodRegistry> as PodRegistry,
    clock: systemClock,
    moment: () => ({
      place: undefined,
      isDraining: true,
      pendingCalls: 2,
      connections: 5,
      traffic: { received: 0, sent: 0, malformed: 0, garbage: 0 },
    }),
    network: () => ({
      findings: [finding],
      source: 'undecided',
      hiddenTransports: [],
      run: () => Promise.resolve([finding]),
    }),
  });
  const unwatch = openConnections(() => [{ transport: 'tls', open: 5 }]);
  callsAdopted.add(1, { cause: 'sweep' });
  await telemetry.shutdown();
  status.close();
  unwatch();
  await receiver.close();

  const network = { transport: 'udp', target: 't:1', source: 'undecided', leads_here: 'undecided' };
  assert.deepEqual(pointsOf(receiver, 'network'), [network]);
  assert.deepEqual(pointsOf(receiver, 'pods'), [{ role: 'worker', draining: true }]);
  // All are there from the start: the first of one is seen as such.
  assert.deepEqual(pointsOf(receiver, 'adoptions'), [
    { cause: 'message' },
    { cause: 'sweep' },
    { cause: 'offer' },
  ]);
  assert.deepEqual(pointsOf(receiver, 'connections'), [{ transport: 'tls' }]);
  const names = ['pending_calls', 'draining', 'calls_in_progress'];
  for (const name of [...names, 'outbox.length', 'outbox.age']) {
    assert.equal(pointsOf(receiver, name).length, 1, name);
  }
});
