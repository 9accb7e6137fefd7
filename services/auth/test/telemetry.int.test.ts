import type { AuthenticateResponse } from '@tandem/proto/auth';
import { startTelemetry } from '@tandem/telemetry';
import { openOtlpReceiver, spanTree } from '@tandem/testing';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countLiftedSuspension, observeAuthentication } from '../src/telemetry.ts';
import { requestOf } from './scene.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const parent = `00-${traceId}-b7ad6b7169203331-01`;

const denied: AuthenticateResponse = {
  outcome: {
    $case: 'deny',
    value: { reason: 'Suspended', origin: undefined, unrecorded: true, unanswered: false },
  },
  callerAddresses: [],
  verification: undefined,
  blockedForMs: 0,
  scanners: undefined,
  decisions: [
    {
      service: 'auth',
      check: 'suspension',
      result: 'refused',
      subject: 'phone 1001',
      reason: 'Suspended',
      facts: [],
      atMs: 0,
    },
  ],
};

test('OPS-06 a decision is a span below the caller, and is counted by outcome and reason', async () => {
  const receiver = await openOtlpReceiver();
  const telemetry = await startTelemetry('auth', {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
  });
  const request = requestOf({ traceParent: parent });
  const decide = () => Promise.resolve(denied);
  assert.equal(await observeAuthentication(request, decide), denied);
  const broken = () => Promise.reject(new Error('away'));
  await assert.rejects(observeAuthentication(request, broken), /away/);
  countLiftedSuspension();
  await telemetry.shutdown();
  const tree = spanTree(receiver.trace(traceId)).split('\n');
  assert.equal(tree.filter((line) => line.trim() === 'auth auth.authenticate').length, 2);
  const metrics = new Map(receiver.metrics().map(({ name, points }) => [name, points]));
  const outcomes = metrics.get('tandem.auth.authentications')?.map((point) => point.get('outcome'));
  assert.deepEqual(outcomes?.toSorted(), ['deny', 'error']);
  assert.ok(metrics.has('tandem.auth.suspensions.lifted'));
  await receiver.close();
});
