import assert from 'node:assert/strict';
import { test } from 'node:test';
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

test('ROUTE-13 a stored version reaches every reader within 2 s, a dry run none', async (context) => {
  const { pool, url } = await openConfigurationDatabase(context);
  const store = openConfigurationStore(pool);
  const source = openSnapshots({ url, logger: silentLogger() });
  context.after(() => source.close());
  await applyTo(store, configurationOf('x'), { isDryRun: true });
  const begun = performance.now();
  await applyTo(store, configurationOf('a'));
  await source.ready();
  assert.ok(performance.now() - begun < 2000);
  assert.deepEqual(source.current(), snapshotOf(1, configurationOf('a')));
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
