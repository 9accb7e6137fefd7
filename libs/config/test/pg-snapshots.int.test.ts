import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { test, type TestContext } from 'node:test';
import { Client, Pool } from 'pg';
import {
  CONFIGURATION_CHANNEL,
  openSnapshots,
  type SnapshotSettings,
} from '../src/pg-snapshots.ts';
import type { Snapshot, SnapshotSource } from '../src/snapshots.ts';
import { configurationMigrations } from '../src/index.ts';
import { rightDocument } from './configurations.ts';

const SERVER =
  process.env['TANDEM_TEST_POSTGRES_URL'] ?? 'postgres://tandem@127.0.0.1:21432/tandem';
const silent = { info: () => undefined, warn: () => undefined };

interface Database {
  readonly url: string;
  readonly pool: Pool;
}

/** A database of this test's own, dropped at its end. */
async function database(context: TestContext): Promise<Database> {
  const name = `config_${randomUUID().replaceAll('-', '')}`;
  const admin = new Client({ connectionString: SERVER });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  const url = new URL(SERVER);
  url.pathname = `/${name}`;
  const pool = new Pool({ connectionString: url.href });
  pool.on('error', () => undefined);
  context.after(async () => {
    await pool.end();
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await admin.end();
  });
  return { url: url.href, pool };
}

async function migrateAll(pool: Pool): Promise<void> {
  await pool.query('CREATE SCHEMA tandem_config');
  for (const file of (await readdir(configurationMigrations)).sort()) {
    await pool.query(await readFile(`${configurationMigrations}/${file}`, 'utf8'));
  }
}

async function store(pool: Pool, version: number, { isTold = true } = {}): Promise<void> {
  const document = JSON.stringify(rightDocument({ realm: `realm-${String(version)}` }));
  await pool.query(
    `INSERT INTO tandem_config.version (version, applied_by, document) VALUES ($1, 'test', $2)`,
    [version, document],
  );
  if (isTold)
    await pool.query('SELECT pg_notify($1, $2)', [CONFIGURATION_CHANNEL, String(version)]);
}

function open(
  context: TestContext,
  settings: Pick<SnapshotSettings, 'url' | 'pool' | 'pollMs'>,
): SnapshotSource {
  const source = openSnapshots({ ...settings, logger: silent });
  context.after(() => source.close());
  return source;
}

/** Resolves with the snapshot of a version, and how long it took. */
async function untilVersion(source: SnapshotSource, version: number): Promise<number> {
  const begun = performance.now();
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const stop = source.onChange((snapshot: Snapshot) => {
    if (snapshot.version >= version) resolve(undefined);
  });
  await promise;
  stop();
  return performance.now() - begun;
}

test('ROUTE-13 a reader that starts before the schema waits for it', async (context) => {
  const { url, pool } = await database(context);
  const source = open(context, { url, pollMs: 50 });
  await source.looked();
  assert.equal(source.isEmpty(), false);
  await migrateAll(pool);
  while (!source.isEmpty()) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(source.current(), undefined);
  await store(pool, 1);
  await source.ready();
  assert.equal(source.isEmpty(), false);
  assert.equal(source.current()?.configuration.realm, 'realm-1');
});

test('ROUTE-13 a new version is in effect at once by notification', async (context) => {
  const { url, pool } = await database(context);
  await migrateAll(pool);
  await store(pool, 1);
  const source = open(context, { url, pollMs: 60_000 });
  await source.ready();
  await store(pool, 2);
  assert.ok((await untilVersion(source, 2)) < 30_000, 'sooner than the next look');
  assert.equal(source.current()?.configuration.realm, 'realm-2');
});

test('ROUTE-13 a version whose notification was lost is in effect at the next look', async (context) => {
  const { url, pool } = await database(context);
  await migrateAll(pool);
  await store(pool, 1);
  const source = open(context, { url, pool });
  await source.ready();
  await store(pool, 2, { isTold: false });
  await untilVersion(source, 2);
});

test('ROUTE-13 a broken connection leaves the snapshot in effect, and reading goes on after it', async (context) => {
  const { url, pool } = await database(context);
  await migrateAll(pool);
  await store(pool, 1);
  const source = open(context, { url, pollMs: 100 });
  await source.ready();
  await pool.query(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
  );
  assert.equal(source.current()?.version, 1);
  await store(pool, 2);
  await untilVersion(source, 2);
  await store(pool, 3);
  await untilVersion(source, 3);
  assert.equal(source.current()?.configuration.realm, 'realm-3');
});

test('ROUTE-13 a store that is away does not end the process, and closing is possible', async () => {
  const source = openSnapshots({
    url: 'postgres://tandem@127.0.0.1:1/tandem',
    logger: silent,
    pollMs: 20,
  });
  const waiting = assert.rejects(source.ready());
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(source.current(), undefined);
  await source.close();
  await waiting;
});

test('ROUTE-13 who waits for the first look has the version that is there, and does not wait for one that is not', async (context) => {
  const { url, pool } = await database(context);
  const early = open(context, { url });
  await early.looked();
  assert.equal(early.current(), undefined);
  await migrateAll(pool);
  await store(pool, 1);
  const late = open(context, { url });
  await late.looked();
  assert.equal(late.current()?.version, 1);
  const away = open(context, { url: 'postgres://tandem@127.0.0.1:1/tandem' });
  await away.looked();
  assert.equal(away.current(), undefined);
});
