import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { ConfigurationError, openSnapshots, openSecret, secretKeyFrom } from '@tandem/config';
import { SwitchError } from '@tandem/domain';
import { AuthServiceService } from '@tandem/proto/auth';
import { BillingServiceService } from '@tandem/proto/billing';
import { EdgeServiceService } from '@tandem/proto/edge';
import { RoutingServiceService } from '@tandem/proto/routing';
import { grpcService, serveGrpc, silentLogger } from '@tandem/service';
import { createApiApp, type ApiApp, type ApiConfig } from '../src/app.ts';
import { readApiConfig } from '../src/config.ts';
import { emptyPorts } from './api-under-test.ts';
import { openDatabase } from './postgres.ts';

const example = readFile(new URL('../../../examples/first-call.yaml', import.meta.url), 'utf8');
const secretKey = secretKeyFrom(Buffer.alloc(32, 3).toString('base64'));
const logger = silentLogger();
const noStream = () => ({ close: () => undefined });

async function configFor(context: TestContext): Promise<ApiConfig & { postgresUrl: string }> {
  const { url } = await openDatabase(context);
  const dataDir = await mkdtemp(join(tmpdir(), 'tandem-api-'));
  context.after(() => rm(dataDir, { recursive: true }));
  return { listen: '127.0.0.1:0', dataDir, postgresUrl: url };
}

async function ask(app: ApiApp, path: string, init: RequestInit = {}): Promise<Response> {
  const token = (await readFile(app.tokenFile, 'utf8')).trim();
  const headers = { authorization: `Bearer ${token}`, ...(init.headers as Record<string, string>) };
  return fetch(`${app.url}/api/v1${path}`, { ...init, headers });
}

test('OPS-01 the api starts, applies the example from within, and finds it after a restart', async (context) => {
  const config = await configFor(context);
  const resources = { logger, secretKey, ports: emptyPorts() };
  const first = await createApiApp(config, resources);
  assert.equal(first.isReady(), false);
  await first.start();
  assert.equal(first.isReady(), true);
  assert.equal(await first.configurationVersion(), undefined);
  assert.deepEqual(await first.applyConfiguration(await example, { appliedBy: 'example' }), {
    version: 1,
    isChanged: true,
  });
  await first.drain();
  assert.equal(first.isReady(), false);
  await first.stop();

  const second = await createApiApp(config, resources);
  await second.start();
  assert.equal(await second.configurationVersion(), 1);
  assert.equal((await second.applyConfiguration(await example)).isChanged, false);
  const accounts = await (await ask(second, '/accounts')).json();
  assert.equal((accounts as { accounts: { name: string }[] }).accounts[0]?.name, 'demo');
  const snapshots = openSnapshots({ url: config.postgresUrl, logger });
  await snapshots.ready();
  const stored = snapshots.current()?.configuration;
  assert.ok(stored);
  assert.match(stored.phones[0]?.password ?? '', /^sealed:v1:/);
  assert.equal(openSecret(secretKey, stored.phones[0]?.password ?? ''), 'tandem-demo');
  await snapshots.close();
  await second.stop();
});

test('OPS-01 a document with mistakes throws all of them from within', async (context) => {
  const app = await createApiApp(await configFor(context), {
    logger,
    secretKey,
    ports: emptyPorts(),
  });
  await app.start();
  await assert.rejects(app.applyConfiguration('realm: 1\nnix: 2'), (error) => {
    assert.ok(error instanceof ConfigurationError);
    assert.equal(error.mistakes.length, 2);
    return true;
  });
  await app.stop();
});

test('OPS-01 the api reaches the other services over gRPC, and says which is away', async (context) => {
  const listCdrs = () =>
    Promise.reject(new SwitchError('SWITCH_CONFIGURATION_INVALID', 'cursor is not one of ours'));
  const ports = { ...emptyPorts(), billing: { ...emptyPorts().billing, listCdrs } };
  const server = await serveGrpc({
    listen: '127.0.0.1:0',
    services: [
      grpcService(AuthServiceService, ports.auth as never, { authenticateStream: noStream }),
      grpcService(BillingServiceService, ports.billing as never),
      grpcService(EdgeServiceService, ports.edge as never),
      grpcService(RoutingServiceService, ports.routing as never, { routeStream: noStream }),
    ],
    logger,
  });
  const address = `127.0.0.1:${String(server.port)}`;
  const services = { auth: address, billing: address, edge: address, routing: '127.0.0.1:1' };
  const config = { ...(await configFor(context)), services };
  const app = await createApiApp(config, { logger, secretKey });
  await app.start();
  assert.deepEqual(await (await ask(app, '/calls')).json(), { calls: [], total: 0 });
  const wrong = await ask(app, '/cdrs?cursor=x');
  assert.equal(wrong.status, 400);
  assert.match(await wrong.text(), /"detail":"cursor is not one of ours"/);
  const away = await ask(app, '/lines');
  assert.equal(away.status, 503);
  assert.match(await away.text(), /routing at 127\.0\.0\.1:1 does not answer; try again shortly/);
  await app.stop();
  await server.close();
});

test('OPS-01 without ports or addresses the api does not start', async (context) => {
  await assert.rejects(
    createApiApp(await configFor(context), { logger, secretKey }),
    ConfigurationError,
  );
});

test('OPS-05 a process that starts without its settings is told all of them at once', () => {
  assert.throws(
    () => readApiConfig({ TANDEM_API_LISTEN: 'bad', TANDEM_EDGE_ADDRESS: 'edge:9001' }),
    (error) => {
      assert.ok(error instanceof ConfigurationError);
      assert.deepEqual(
        error.mistakes.map(({ path }) => path),
        [
          'TANDEM_POSTGRES_URL',
          'TANDEM_SECRET_KEY_FILE',
          'TANDEM_KAFKA_BROKERS',
          'TANDEM_API_LISTEN',
          'TANDEM_AUTH_ADDRESS',
          'TANDEM_ROUTING_ADDRESS',
          'TANDEM_BILLING_ADDRESS',
        ],
      );
      return true;
    },
  );
});
