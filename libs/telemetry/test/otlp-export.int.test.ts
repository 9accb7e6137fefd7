import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  activeTraceIds,
  counter,
  each,
  gauge,
  histogram,
  isTelemetryOn,
  SpanKind,
  startSpan,
  startTelemetry,
  traceParentOf,
  tracer,
  withSpan,
} from '@tandem/telemetry';
import type { Telemetry } from '@tandem/telemetry';
import { openOtlpReceiver, spanTree } from '@tandem/testing';
import type { OtlpReceiver } from '@tandem/testing';

const settings = (name: string) => ({
  meter: 'tandem.test',
  name,
  description: 'A test',
  unit: '{call}',
});
const early = counter(settings('tandem.test.early'));
counter({ ...settings('tandem.test.rare'), zeros: each('cause', 'flood', 'fire') });
const source = tracer('tandem.test');

let receiver: OtlpReceiver;
let telemetry: Telemetry;
before(async () => {
  receiver = await openOtlpReceiver();
  telemetry = await startTelemetry('edge', {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
    TANDEM_POD_NAME: 'edge-7',
  });
});
after(async () => {
  await receiver.close();
});

test('OPS-06 spans keep their parent across a traceparent and arrive at the collector', async () => {
  assert.equal(isTelemetryOn(), true);
  const call = startSpan(source, { name: 'edge.call', kind: SpanKind.SERVER });
  const parent = traceParentOf(call);
  assert.match(parent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  const remote = startSpan(source, { name: 'auth.authenticate', parent });
  withSpan(remote, () => {
    assert.equal(activeTraceIds()['span_id'], remote.spanContext().spanId);
    startSpan(source, { name: 'auth.redis', attributes: { script: 'nonce' } }).end();
  });
  remote.end();
  call.end();
  const malformed = startSpan(source, { name: 'edge.other', parent: 'ff-nonsense' });
  assert.notEqual(malformed.spanContext().traceId, call.spanContext().traceId);
  malformed.end();

  early.add(2, { reason: 'NoRate' });
  counter(settings('tandem.test.late')).add(1);
  histogram(settings('tandem.test.time')).record(0.003);
  gauge(settings('tandem.test.level'), (observe) => {
    observe(5, { kind: 'phone' });
  });
  const end = gauge(settings('tandem.test.ended'), (observe) => {
    observe(1);
  });
  end();
  await telemetry.shutdown();
  assert.equal(isTelemetryOn(), false);

  assert.equal(
    spanTree(receiver.trace(call.spanContext().traceId)),
    ['edge edge.call', '  edge auth.authenticate', '    edge auth.redis'].join('\n'),
  );
  const names = new Map(receiver.metrics().map((metric) => [metric.name, metric]));
  assert.equal(names.get('tandem.test.early')?.points[0]?.get('reason'), 'NoRate');
  for (const name of ['late', 'time', 'level']) assert.ok(names.has(`tandem.test.${name}`), name);
  assert.deepEqual(names.get('tandem.test.ended')?.points ?? [], []);
  const rare = names.get('tandem.test.rare')?.points.map((point) => point.get('cause'));
  assert.deepEqual(rare, ['flood', 'fire']);

  // No arguments of the command, no owner, no paths.
  const resource = new Map([
    ['service.name', 'edge'],
    ['service.namespace', 'tandem'],
    ['service.instance.id', 'edge-7'],
  ]);
  assert.ok(receiver.resources().length > 1);
  for (const sent of receiver.resources()) assert.deepEqual(sent, resource);
});
