import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NextCandidateRequest } from '@tandem/proto/routing';
import { startTelemetry } from '@tandem/telemetry';
import { openOtlpReceiver, spanTree } from '@tandem/testing';
import {
  observeNext,
  observeRoute,
  reportGateways,
  reportLineLimits,
  reportLines,
} from '../src/telemetry.ts';
import { configure, gateway, openRouter, request } from './routing-fixture.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const traceParent = `00-${traceId}-b7ad6b7169203331-01`;

test('OPS-06 a decision is a span below the caller, and is counted by outcome and reason', async () => {
  const receiver = await openOtlpReceiver();
  const telemetry = await startTelemetry('routing', {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
  });
  const routingGateways = [
    gateway('carrier-locked', ['44'], { lock: 'bar-all' }),
    gateway('carrier-a', ['44']),
    gateway('carrier-b', ['44']),
  ];
  const { router } = await openRouter(configure({ routingGateways }));
  const ends = [
    reportLines(() => new Map([['account demo', 3]])),
    reportLineLimits(() => new Map([['account demo', 10]])),
    reportGateways(() => [{ gateway: 'carrier-a', isResting: true }]),
  ];
  const routed = request('c1', { traceParent });
  await observeRoute(routed, () => router.route(routed));
  const denied = request('c2', { traceParent, callee: '33' });
  await observeRoute(denied, () => router.route(denied));
  const next = NextCandidateRequest.create({ traceParent, callId: 'c1', gateways: ['carrier-b'] });
  await observeNext(next, () => router.nextCandidate(next));
  const broken = () => Promise.reject(new Error('away'));
  await assert.rejects(observeRoute(routed, broken), /away/);
  await telemetry.shutdown();
  for (const end of ends) end();

  const tree = spanTree(receiver.trace(traceId)).split('\n');
  assert.equal(tree.filter((line) => line.trim() === 'routing routing.route').length, 3);
  assert.equal(tree.filter((line) => line.trim() === 'routing routing.next-candidate').length, 1);
  const metrics = new Map(receiver.metrics().map(({ name, points }) => [name, points]));
  const outcomes = metrics
    .get('tandem.routing.decisions')
    ?.map((point) => [point.get('operation'), point.get('outcome'), point.get('reason')].join(' '));
  assert.deepEqual(outcomes?.toSorted(), [
    'next-candidate routed ',
    'route deny NoRate',
    'route error ServiceUnavailable',
    'route routed ',
  ]);
  assert.ok(metrics.has('tandem.routing.duration'));
  const rules = metrics.get('tandem.routing.left_out')?.map((point) => point.get('rule'));
  assert.deepEqual(rules, ['gateway-locked']);
  const subjects = ['lines', 'lines.limit'].map((name) =>
    metrics.get(`tandem.routing.${name}`)?.map((point) => point.get('subject')),
  );
  assert.deepEqual(subjects, [['account demo'], ['account demo']]);
  const gateways = ['choices', 'gateway.usable'].map((name) =>
    metrics.get(`tandem.routing.${name}`)?.map((point) => point.get('gateway')),
  );
  assert.deepEqual(gateways, [['carrier-a', 'carrier-b'], ['carrier-a']]);
  await receiver.close();
});
