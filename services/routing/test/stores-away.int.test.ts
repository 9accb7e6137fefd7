import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import {
  CONFIGURATION_CHANNEL,
  configurationMigrations,
  memorySnapshots,
  secretKeyFrom,
} from '@tandem/config';
import { parseMoney } from '@tandem/domain';
import { redisLimits } from '@tandem/limits';
import { NextCandidateRequest } from '@tandem/proto/routing';
import { connectRedis, migrate, silentLogger } from '@tandem/service';
import { OwnRedis, databaseForTest, eventually, openCuttableRelay } from '@tandem/testing';
import { createRoutingApp } from '../src/app.ts';
import type { RoutingApp } from '../src/app.ts';
import { configure, gateway, namesOf, reasonOf, request, routedOf } from './routing-fixture.ts';

const logger = silentLogger();
const secretKey = secretKeyFrom(randomBytes(32).toString('base64'));
const redisPrefix = 'tandem';

async function start(t: TestContext) {
  const server = await OwnRedis.start();
  const redis = connectRedis({ url: server.url, logger });
  const limits = redisLimits({ redis, prefix: redisPrefix });
  const app = await createRoutingApp(
    { redisUrl: server.url, redisPrefix },
    { logger, snapshots: memorySnapshots(configure()), secretKey },
  );
  await app.start();
  t.after(async () => {
    await app.stop();
    redis.disconnect();
    await server.close();
  });
  const pay = () => limits.balances.set(new Map([['demo', parseMoney('100')]]));
  await pay();
  await eventually('ready', () => app.isReady());
  return { server, limits, app, pay };
}

const isRouted = (app: RoutingApp, callId: string): Promise<boolean> =>
  app.handlers.route(request(callId)).then(
    (response) => response.outcome?.$case === 'routed',
    () => false,
  );

/** How long until a request is refused as the store being away, ms. */
async function refusal(app: RoutingApp, callId: string): Promise<number> {
  const startedAt = performance.now();
  await assert.rejects(app.handlers.route(request(callId)), { code: 'SWITCH_STORE_UNAVAILABLE' });
  return performance.now() - startedAt;
}

test('edge.md §5: Redis is killed and comes back empty: refused at once meanwhile, routed again with the balances', async (t) => {
  const { server, limits, app, pay } = await start(t);
  const before = routedOf(await app.handlers.route(request('before')));
  await server.kill();
  await eventually('refusals at once', async () => (await refusal(app, 'away')) < 50);
  const next = NextCandidateRequest.create({ callId: 'before', gateways: ['carrier-b'], lines: before.lines }); // prettier-ignore
  await assert.rejects(app.handlers.nextCandidate(next), { code: 'SWITCH_STORE_UNAVAILABLE' });
  await eventually('not ready', () => !app.isReady());
  await server.start();
  await eventually('ready', () => app.isReady());
  // Nobody has told the balances: that is the switch's trouble, not the customer's.
  await eventually('refused for the balance', () =>
    app.handlers.route(request('poor')).then(
      (response) => reasonOf(response) === 'ServiceUnavailable',
      () => false,
    ),
  );
  await eventually('the balances', () => pay().then(() => true, () => false)); // prettier-ignore
  assert.ok(await isRouted(app, 'after'));
  // Lines of calls from before are not known any more; theirs are the calls that came since.
  assert.deepEqual(await limits.lines.count(['routing-gateway:carrier-a']), [1]);
});

test('DENY-19 Redis hangs: refused within the time-out, then at once, routed again when it goes on', async (t) => {
  const { server, app } = await start(t);
  server.freeze();
  assert.ok((await refusal(app, 'hanging')) < 15_000);
  await eventually('refusals at once', async () => (await refusal(app, 'hanging')) < 50);
  server.thaw();
  await eventually('routed', () => isRouted(app, 'after'));
});

test('edge.md §5: PostgreSQL away: calls are routed by the configuration there was, a newer one is read afterwards', async (t) => {
  const database = await databaseForTest();
  const server = await OwnRedis.start();
  const relay = await openCuttableRelay(database.url);
  await migrate({ pool: database.pool, folder: configurationMigrations, schema: 'tandem_config', logger }); // prettier-ignore
  const apply = async (version: number, document: unknown): Promise<void> => {
    await database.pool.query(
      `INSERT INTO tandem_config.version (version, applied_by, document) VALUES ($1, 'test', $2)`,
      [version, JSON.stringify(document)],
    );
    await database.pool.query('SELECT pg_notify($1, $2)', [CONFIGURATION_CHANNEL, String(version)]);
  };
  await apply(1, configure({ phones: [] }));
  const app = await createRoutingApp(
    { redisUrl: server.url, redisPrefix, postgresUrl: relay.url },
    { logger, secretKey },
  );
  const redis = connectRedis({ url: server.url, logger });
  t.after(async () => {
    await app.stop();
    redis.disconnect();
    relay.close();
    await database.close();
    await server.close();
  });
  await app.start();
  await redisLimits({ redis, prefix: redisPrefix }).balances.set(new Map([['demo', parseMoney('100')]])); // prettier-ignore
  await eventually('routed', () => isRouted(app, 'before'));
  for (const away of ['cut', 'silence'] as const) {
    relay[away]();
    for (let number = 0; number < 20; number += 1) {
      const startedAt = performance.now();
      assert.ok(await isRouted(app, `${away}-${String(number)}`));
      assert.ok(performance.now() - startedAt < 5000);
    }
    assert.ok(app.isReady());
    relay.heal();
  }
  await apply(2, configure({ phones: [], routingGateways: [gateway('newer', ['44'])] }));
  await eventually('the newer configuration', async () =>
    namesOf(await app.handlers.route(request(`after-${String(Math.random())}`))).includes('newer'),
  );
});
