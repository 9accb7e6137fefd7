import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startSpan, startTelemetry, tracer, withSpan } from '@tandem/telemetry';
import { eventually, freeTcpPort, openOtlpReceiver } from '@tandem/testing';
import type { OtlpReceiver } from '@tandem/testing';
import { createLogger } from '../src/index.ts';

let receiver: OtlpReceiver;
before(async () => {
  receiver = await openOtlpReceiver();
});
after(() => receiver.close());

const written: string[] = [];
const logger = createLogger('edge', { destination: { write: (line) => written.push(line) } });
const source = tracer('tandem.test');

test('OPS-06 lines of the log go to the collector as they are written: with trace and span, without secrets, the last ones at the stop', async () => {
  const telemetry = await startTelemetry('edge', {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
    OTEL_LOGS_EXPORTER: 'otlp',
    TANDEM_POD_NAME: 'edge-7',
  });
  const span = startSpan(source, { name: 'edge.call' });
  withSpan(span, () => {
    logger.info({ callId: 'c1', password: 'open-sesame' }, 'call begun');
  });
  span.end();
  await eventually('the first line has come', () => receiver.logs().length > 0);
  logger.child({ service: 'auth' }).error({ err: new Error('no way') }, 'failed');
  logger.debug('below the level');
  await telemetry.shutdown();
  logger.info('after the stop');

  const [first, second, ...others] = receiver.logs();
  assert.deepEqual(others, []);
  const { traceId, spanId } = span.spanContext();
  assert.equal(first?.service, 'edge');
  assert.equal(first.severity, 'INFO');
  assert.equal(first.body, 'call begun');
  assert.deepEqual([first.traceId, first.spanId], [traceId, spanId]);
  assert.equal(first.attributes.get('callId'), 'c1');
  assert.equal(first.attributes.get('password'), '[redacted]');
  assert.equal(second?.body, 'failed');
  assert.equal(second.severity, 'ERROR');
  assert.equal(second.traceId, '');
  assert.equal(second.attributes.get('service'), 'auth');
  assert.equal(second.attributes.get('exception.message'), 'no way');
  assert.match(String(second.attributes.get('exception.stacktrace')), /otlp-logs\.int\.test/);
  // Standard output has all of them.
  assert.equal(written.length, 3);
  for (const resource of receiver.resources()) {
    assert.equal(resource.get('service.instance.id'), 'edge-7');
  }
});

test('OPS-06 lines stay where they are unless that is asked for', async () => {
  const earlier = receiver.logs().length;
  const telemetry = await startTelemetry('edge', {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
  });
  logger.info('on standard output');
  await telemetry.shutdown();
  assert.equal(receiver.logs().length, earlier);
});

test('OPS-06 a collector that is away takes no memory without end, and a line costs microseconds', async () => {
  const telemetry = await startTelemetry('edge', {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${String(await freeTcpPort())}`,
    OTEL_LOGS_EXPORTER: 'otlp',
  });
  const count = 20_000;
  const startedAt = process.cpuUsage();
  for (let line = 0; line < count; line += 1) logger.info({ line }, 'nobody hears');
  const { user, system } = process.cpuUsage(startedAt);
  const stopAt = performance.now();
  await telemetry.shutdown();
  assert.ok(performance.now() - stopAt < 3000);
  assert.equal(written.length, 4 + count);
  const microseconds = (user + system) / count;
  assert.ok(microseconds < 200, `${microseconds.toFixed(1)} µs of CPU a line`);
});
