import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CONFIGURATION_CHANNEL, openSnapshots, snapshotOf } from '@tandem/config';
import { createPool, silentLogger } from '@tandem/service';
import { openConfigurationStore } from '../../src/adapters/pg-configuration-store.ts';
import { openConfigurationDatabase } from '../postgres.ts';
import {
  applyTo,
  configurationOf,
  configurationStoreContract,
} from './configuration-store-contract.ts';

configurationStoreContract('PostgreSQL', async (context) => {
  const { pool } = await openConfigurationDatabase(context);
  return openConfigurationStore(pool);
});

configurationStoreContract('PostgreSQL, versions as changes', async (context) => {
  const { pool, url } = await openConfigurationDatabase(context);
  return openConfigurationStore(pool, { url, largeBytes: 0 });
});

test('ROUTE-13 OPS-08 a change of a large document is stored as a change, is read as a whole by every store, and is folded', async (context) => {
  const { pool, url } = await openConfigurationDatabase(context);
  const store = openConfigurationStore(pool, { url, largeBytes: 0, foldAfter: 3 });
  const other = openConfigurationStore(pool, { url, largeBytes: 0 });
  for (const realm of ['a', 'b', 'c', 'd']) {
    await applyTo(store, configurationOf(realm), { note: realm });
    assert.deepEqual((await other.current())?.configuration, configurationOf(realm));
  }
  const late = openConfigurationStore(pool, { url, largeBytes: 0 });
  assert.deepEqual((await late.current())?.configuration, configurationOf('d'));
  for (const [at, realm] of ['a', 'b', 'c', 'd'].entries()) {
    const found = await late.get(at + 1);
    assert.deepEqual([found?.note, found?.configuration], [realm, configurationOf(realm)]);
  }
  const versions = async (table: string): Promise<number[]> => {
    const { rows } = await pool.query<{ version: string }>(
      `SELECT version FROM tandem_config.${table} ORDER BY version`,
    );
    return rows.map(({ version }) => Number(version));
  };
  assert.deepEqual(await versions('change'), [2, 3, 4]);
  while ((await versions('version')).length < 2) await sleep(20);
  assert.deepEqual(await versions('version'), [1, 4]);
  assert.deepEqual(
    (await late.list({ limit: 10 })).map(({ note, version }) => [version, note]),
    [
      [4, 'd'],
      [3, 'c'],
      [2, 'b'],
      [1, 'a'],
    ],
  );
  const last = openConfigurationStore(pool, { url, largeBytes: 0 });
  assert.deepEqual((await last.current())?.configuration, configurationOf('d'));
});

test('ROUTE-13 a stored version reaches every reader, a dry run none', async (context) => {
  const { pool, url } = await openConfigurationDatabase(context);
  const store = openConfigurationStore(pool);
  const source = openSnapshots({ url, logger: silentLogger() });
  context.after(() => source.close());
  await applyTo(store, configurationOf('x'), { isDryRun: true });
  await applyTo(store, configurationOf('a'));
  await source.ready();
  const { configuration } = snapshotOf(1, configurationOf('a'));
  assert.equal(source.current()?.version, 1);
  assert.deepEqual(source.current()?.configuration, configuration);
});

test('ROUTE-13 the notification is sent with the commit, not before', async (context) => {
  const { pool } = await openConfigurationDatabase(context);
  const listener = await pool.connect();
  const seen: string[] = [];
  listener.on('notification', ({ payload }) => seen.push(payload ?? ''));
  await listener.query(`LISTEN ${CONFIGURATION_CHANNEL}`);
  const store = openConfigurationStore(pool);
  await applyTo(store, configurationOf('x'), { isDryRun: true });
  await applyTo(store, configurationOf('a'));
  await listener.query('SELECT 1');
  assert.deepEqual(seen, ['1']);
  listener.release(true);
});

test('OPS-01 a store that is away is SWITCH_STORE_UNAVAILABLE', async () => {
  const logger = silentLogger();
  const pool = createPool({ url: 'postgres://tandem@127.0.0.1:1/tandem', logger });
  const store = openConfigurationStore(pool);
  const isAway = { code: 'SWITCH_STORE_UNAVAILABLE' };
  await assert.rejects(store.current(), isAway);
  await assert.rejects(applyTo(store, configurationOf('a')), isAway);
  await pool.end();
});
