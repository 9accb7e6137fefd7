import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { serviceNames } from '@tandem/config';
import type { ServiceName } from '@tandem/config';
import { AuthServiceService, ListSuspensionsRequest } from '@tandem/proto/auth';
import { EdgeServiceService, GetStatusRequest } from '@tandem/proto/edge';
import { ListLinesRequest, RoutingServiceService } from '@tandem/proto/routing';
import { ProcessResources, silentLogger, unaryClient } from '@tandem/service';
import {
  OwnRedis,
  databaseForTest,
  eventually,
  testKafkaBrokers,
  topicForTest,
} from '@tandem/testing';
import { createModules, readModuleConfigs } from '../src/app.ts';

const logger = silentLogger();

async function start(t: TestContext, modules: readonly ServiceName[]) {
  const [redis, database, topic] = await Promise.all([OwnRedis.start(), databaseForTest(), topicForTest()]); // prettier-ignore
  const folder = await mkdtemp(join(tmpdir(), 'tandem-pod-'));
  const key = join(folder, 'secret-key');
  await writeFile(key, randomBytes(32).toString('base64'));
  const name = `pod-${String(process.pid)}`;
  const shared = new ProcessResources(name, logger);
  const configs = await readModuleConfigs(
    {
      TANDEM_GRPC_LISTEN: '127.0.0.1:0',
      TANDEM_SIP_LISTEN: 'udp:127.0.0.1:0',
      TANDEM_SIP_ADVERTISED: '127.0.0.1:5060',
      TANDEM_API_LISTEN: '127.0.0.1:0',
      TANDEM_DATA_DIR: folder,
      TANDEM_REDIS_URL: redis.url,
      TANDEM_POSTGRES_URL: database.url,
      TANDEM_KAFKA_BROKERS: testKafkaBrokers().join(','),
      TANDEM_KAFKA_TOPIC: topic.topic,
      TANDEM_KAFKA_GROUP: topic.groupId,
      TANDEM_JOURNAL_TOPIC: `${topic.topic}.journal`,
      TANDEM_JOURNAL_GROUP: `${topic.groupId}-journal`,
      TANDEM_MESSAGES_TOPIC: `${topic.topic}.messages`,
      TANDEM_MESSAGES_GROUP: `${topic.groupId}-messages`,
      TANDEM_SECRET_KEY_FILE: key,
    },
    modules,
  );
  const app = await createModules(configs, { loggerOf: () => logger, shared });
  t.after(async () => {
    await app.stop();
    await shared.close();
    await Promise.all([redis.close(), database.close(), topic.close()]);
    await rm(folder, { recursive: true });
  });
  await app.start();
  await shared.listen();
  const postgresConnections = async (): Promise<readonly string[]> => {
    const { rows } = await database.pool.query<{ application_name: string }>(
      'SELECT application_name FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    return rows.map((row) => row.application_name);
  };
  return { app, shared, redis, name, postgresConnections };
}

/** How many connections others have to a Redis. */
async function connectionsTo(redis: OwnRedis): Promise<number> {
  const list = String(await redis.command('CLIENT', 'LIST', 'TYPE', 'normal'));
  // The one that asks is among them.
  return list.trim().split('\n').length - 1;
}

test('OPS-05 the services of a call pod have one connection to Redis, one for scripts, and one gRPC port', async (t) => {
  const { app, shared, redis } = await start(t, ['auth', 'routing', 'edge']);
  await eventually('two connections', async () => (await connectionsTo(redis)) === 2);
  const address = `127.0.0.1:${String(shared.grpcPort)}`;
  const clients = {
    auth: unaryClient(AuthServiceService, address, { deadlineMs: 30_000 }),
    routing: unaryClient(RoutingServiceService, address, { deadlineMs: 30_000 }),
    edge: unaryClient(EdgeServiceService, address, { deadlineMs: 30_000 }),
  };
  t.after(() => {
    for (const client of Object.values(clients)) client.close();
  });
  assert.deepEqual(
    (await clients.auth.listSuspensions(ListSuspensionsRequest.create())).suspensions,
    [],
  );
  // It is there, and nobody has given it a configuration.
  await assert.rejects(
    clients.routing.listLines(ListLinesRequest.create()),
    /routing has no configuration yet/,
  );
  assert.equal(
    (await clients.edge.getStatus(GetStatusRequest.create())).advertised,
    '127.0.0.1:5060',
  );
  assert.equal(app.modules.edge?.isReady(), true);
  assert.equal(app.isReady(), false);
});

test('OPS-05 all services in one process share a pool and the configuration, which makes all of them ready', async (t) => {
  const { app, redis, name, postgresConnections } = await start(t, serviceNames);
  await app.modules.api?.applyConfiguration('accounts: []');
  await eventually('ready', () => app.isReady());
  assert.equal(await connectionsTo(redis), 2);
  const connections = await postgresConnections();
  const own = new Set([`tandem-${name}`, 'tandem-billing-writer', '']);
  assert.deepEqual(
    connections.filter((each) => !own.has(each)),
    [],
  );
  // That one listens for a new version.
  assert.equal(connections.filter((each) => each === '').length, 1);
  await app.drain();
  assert.equal(app.isReady(), false);
});

test('OPS-05 edge.md §5: a call pod whose Redis is away still gets packets: it refuses new calls and ends those that are up', async (t) => {
  const { app, redis } = await start(t, serviceNames);
  await app.modules.api?.applyConfiguration('accounts: []');
  await eventually('ready', () => app.isReady());
  await redis.kill();
  await eventually('auth misses Redis', () => app.modules.auth?.isReady() === false);
  assert.equal(app.isReady(), true);
});
