import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { freeTcpPort } from '@tandem/testing';

const fixture = join(import.meta.dirname, 'fixtures/sample-service.ts');

interface Running {
  readonly output: () => string;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Exit code, or null where a signal ended it. */
  readonly ended: Promise<number | null>;
  readonly says: (text: string) => Promise<void>;
}

function launch(env: NodeJS.ProcessEnv): Running {
  const child = spawn(process.execPath, [fixture], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    output: () => output,
    kill: (signal) => child.kill(signal),
    ended,
    says: async (text) => {
      const deadline = Date.now() + 60_000;
      while (!output.includes(text)) {
        assert.ok(Date.now() < deadline, `never said "${text}": ${output}`);
        await sleep(10);
      }
    },
  };
}

async function freeListen(): Promise<string> {
  return `127.0.0.1:${String(await freeTcpPort())}`;
}

test('OPS-07 SIGTERM drains, then stops, then exits with 0; health and readiness tell the state', async () => {
  const listen = await freeListen();
  const service = launch({ TANDEM_ADMIN_LISTEN: listen });
  await service.says('started');
  const get = async (path: string) => (await fetch(`http://${listen}${path}`)).status;
  assert.equal(await get('/healthz'), 200);
  assert.equal(await get('/readyz'), 200);
  assert.equal(await get('/other'), 404);
  service.kill('SIGTERM');
  assert.equal(await service.ended, 0);
  const output = service.output();
  assert.ok(output.indexOf('draining now') < output.indexOf('stopping now'));
});

test('OPS-06 a collector that is away keeps no process from its exit with 0', async () => {
  const service = launch({
    // Nothing else keeps it running.
    TANDEM_ADMIN_LISTEN: await freeListen(),
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://${await freeListen()}`,
    OTEL_LOGS_EXPORTER: 'otlp',
  });
  await service.says('started');
  service.kill('SIGTERM');
  assert.equal(await service.ended, 0);
});

test('OPS-07 while it drains it is alive and not ready; a second signal exits at once', async () => {
  const listen = await freeListen();
  const service = launch({ TANDEM_ADMIN_LISTEN: listen, SAMPLE_FAILS: 'drain' });
  await service.says('started');
  service.kill('SIGINT');
  await service.says('draining now');
  assert.equal((await fetch(`http://${listen}/healthz`)).status, 200);
  assert.equal((await fetch(`http://${listen}/readyz`)).status, 503);
  service.kill('SIGINT');
  assert.equal(await service.ended, 130);
});

test('OPS-07 a service that cannot start says why and exits with 1', async () => {
  const service = launch({ SAMPLE_FAILS: 'start' });
  assert.equal(await service.ended, 1);
  assert.match(service.output(), /cannot start/);
});

test('OPS-05 a wrong setting is named in words', async () => {
  const service = launch({ TANDEM_ADMIN_LISTEN: 'nonsense' });
  assert.equal(await service.ended, 1);
  assert.match(service.output(), /TANDEM_ADMIN_LISTEN/);
});

test('OPS-06 lines of the log without a collector to send them to are a mistake', async () => {
  const service = launch({ OTEL_LOGS_EXPORTER: 'otlp' });
  assert.equal(await service.ended, 1);
  assert.match(service.output(), /OTEL_LOGS_EXPORTER: .*set OTEL_EXPORTER_OTLP_ENDPOINT/);
});

test('OPS-07 a failure while stopping is logged and exits with 1', async () => {
  const service = launch({ TANDEM_ADMIN_LISTEN: await freeListen(), SAMPLE_FAILS: 'stop' });
  await service.says('started');
  service.kill('SIGTERM');
  assert.equal(await service.ended, 1);
  assert.match(service.output(), /failed to stop cleanly/);
});
