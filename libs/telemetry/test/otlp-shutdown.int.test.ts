import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { counter, startTelemetry } from '@tandem/telemetry';

test('OPS-06 a collector that takes what is sent and never answers keeps no service from stopping', async () => {
  const waiting: ServerResponse[] = [];
  const server = createServer((_request, response) => {
    waiting.push(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const telemetry = await startTelemetry('edge', {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${String(port)}`,
    // The exporter itself would wait for half a minute.
    OTEL_EXPORTER_OTLP_TIMEOUT: '30000',
  });
  const settings = { meter: 'tandem.test', name: 'tandem.test', description: '', unit: '{call}' };
  counter(settings).add(1);
  await telemetry.shutdown();
  assert.ok(waiting.length > 0);
  assert.ok(waiting.every((response) => !response.destroyed && !response.writableEnded));
  server.closeAllConnections();
  server.close();
});
