import { silentJournal } from '@tandem/events';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import {
  CONFIGURATION_CHANNEL,
  checkConfiguration,
  configurationMigrations,
  memorySnapshots,
  sealPasswords,
} from '@tandem/config';
import type { Configuration } from '@tandem/config';
import { migrate, silentLogger } from '@tandem/service';
import { OwnRedis, databaseForTest, eventually, openCuttableRelay } from '@tandem/testing';
import { authDefaults, createAuthApp, MemoryAuthStore, systemClock } from '../src/app.ts';
import type { AuthApp } from '../src/app.ts';
import {
  allowedName,
  challengeOf,
  credentialsFor,
  exampleDocument,
  requestOf,
  secretKey,
} from './scene.ts';

const logger = silentLogger();

function configuration(): Configuration {
  const result = checkConfiguration(exampleDocument);
  assert.equal(result.kind, 'valid');
  return sealPasswords(result.configuration, secretKey);
}

async function start(t: TestContext) {
  const server = await OwnRedis.start();
  const app = await createAuthApp(
    { ...authDefaults, redisUrl: server.url },
    { logger, snapshots: memorySnapshots(configuration()), secretKey, journal: silentJournal },
  );
  t.after(async () => {
    await app.stop();
    await server.close();
  });
  await app.start();
  await eventually('ready', () => app.isReady());
  return { server, app };
}

/** How long until a phone's request is refused as the store being away, ms. */
async function refusal(app: AuthApp): Promise<number> {
  const startedAt = performance.now();
  await assert.rejects(app.handlers.authenticate(requestOf({})), { code: 'SWITCH_STORE_UNAVAILABLE' }); // prettier-ignore
  return performance.now() - startedAt;
}

/** Challenge and answer; `between` happens after the challenge. */
async function call(app: AuthApp, sipCallId: string, between?: () => Promise<void>) {
  const challenge = challengeOf(await app.handlers.authenticate(requestOf({ sipCallId })));
  await between?.();
  const credentials = credentialsFor({}, challenge, { password: 'tandem-demo' });
  return app.handlers.authenticate(requestOf({ sipCallId, cseq: 2, ...credentials }));
}

test('edge.md §5: Redis is killed and comes back empty: refused at once meanwhile, challenged anew afterwards', async (t) => {
  const { server, app } = await start(t);
  assert.equal(allowedName(await call(app, 'before')), 'phone 1001');
  const answer = await call(app, 'between', async () => {
    await server.kill();
    await eventually('refusals at once', async () => (await refusal(app)) < 50);
    // Who is known by its address needs no store.
    const trunk = await app.handlers.authenticate(requestOf({ sourceAddress: '192.0.2.1' }));
    assert.equal(allowedName(trunk), 'mapping-gateway trunk');
    await eventually('not ready', () => !app.isReady());
    await server.start();
    await eventually('ready', () => app.isReady());
    await eventually('served', () => app.handlers.authenticate(requestOf({ sipCallId: 'x' })).then(() => true, () => false)); // prettier-ignore
  });
  // The nonce is forgotten: a fresh one, marked stale, which counts as no failure (AUTH-04).
  assert.equal(answer.outcome?.$case, 'challenge');
  assert.equal(allowedName(await call(app, 'after')), 'phone 1001');
});

test('DENY-19 Redis hangs: refused within the time-out, then at once, served again when it goes on', async (t) => {
  const { server, app } = await start(t);
  server.freeze();
  assert.ok((await refusal(app)) < 15_000);
  await eventually('refusals at once', async () => (await refusal(app)) < 50);
  server.thaw();
  await eventually('served', () => call(app, 'after').then((response) => allowedName(response) === 'phone 1001', () => false)); // prettier-ignore
});

test('edge.md §5: PostgreSQL away: requests are decided by the configuration there was', async (t) => {
  const database = await databaseForTest();
  const relay = await openCuttableRelay(database.url);
  await migrate({ pool: database.pool, folder: configurationMigrations, schema: 'tandem_config', logger }); // prettier-ignore
  await database.pool.query(
    `INSERT INTO tandem_config.version (version, applied_by, document) VALUES (1, 'test', $1)`,
    [JSON.stringify(configuration())],
  );
  await database.pool.query('SELECT pg_notify($1, $2)', [CONFIGURATION_CHANNEL, '1']);
  const app = await createAuthApp(
    { ...authDefaults, postgresUrl: relay.url },
    { logger, secretKey, store: new MemoryAuthStore(systemClock), journal: silentJournal },
  );
  t.after(async () => {
    await app.stop();
    relay.close();
    await database.close();
  });
  await app.start();
  await eventually('ready', () => app.isReady());
  for (const away of ['cut', 'silence'] as const) {
    relay[away]();
    assert.equal(allowedName(await call(app, away)), 'phone 1001');
    assert.ok(app.isReady());
    relay.heal();
  }
});
