import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  activeTraceIds,
  contextFrom,
  counter,
  gauge,
  histogram,
  isTelemetryOn,
  ROOT_CONTEXT,
  startSpan,
  startTelemetry,
  traceParentOf,
  tracer,
  withSpan,
} from '@tandem/telemetry';

const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

test('OPS-06 without an endpoint telemetry stays off and shuts down at once', async () => {
  const telemetry = await startTelemetry('edge', {});
  assert.equal(isTelemetryOn(), false);
  await telemetry.shutdown();
});

test('OPS-06 an empty endpoint is no endpoint', async () => {
  await startTelemetry('edge', { OTEL_EXPORTER_OTLP_ENDPOINT: '' });
  assert.equal(isTelemetryOn(), false);
});

test('OPS-06 while off every span is the same one, which records nothing and has no traceparent', () => {
  const first = startSpan(tracer('test'), { name: 'edge.call' });
  const second = startSpan(tracer('test'), { name: 'edge.call', parent });
  assert.equal(first, second);
  assert.equal(first.isRecording(), false);
  assert.equal(traceParentOf(first), '');
  first.end();
});

test('OPS-06 while off a received traceparent leads to the root context', () => {
  assert.equal(contextFrom(parent), ROOT_CONTEXT);
});

test('OPS-06 while off work runs without a context and log lines get no ids', () => {
  const span = startSpan(tracer('test'), { name: 'edge.call' });
  assert.equal(
    withSpan(span, () => 7),
    7,
  );
  assert.deepEqual(activeTraceIds(), {});
});

test('OPS-06 while off instruments take values and forget them', () => {
  const settings = { meter: 'test', name: 'tandem.test', description: 'A test', unit: '1' };
  counter(settings).add(1);
  histogram(settings).record(1, { method: 'route' });
  const end = gauge(settings, () => assert.fail('nobody reads'));
  end();
});
