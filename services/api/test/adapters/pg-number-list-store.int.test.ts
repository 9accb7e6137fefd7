import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { openNumberLists } from '@tandem/config';
import type { ImportedList } from '@tandem/config';
import { listContent } from '@tandem/domain';
import { createPool, silentLogger } from '@tandem/service';
import { openNumberListStore } from '../../src/adapters/pg-number-list-store.ts';
import { openConfigurationDatabase } from '../postgres.ts';
import { numberListStoreContract } from './number-list-store-contract.ts';

const context = { appliedBy: 'test', note: '' };

numberListStoreContract('PostgreSQL', async (testing) => {
  const { pool } = await openConfigurationDatabase(testing);
  return openNumberListStore(pool);
});

test('ROUTE-13 a list of 300,000 numbers reaches who looks at it, and others never', async (testing) => {
  const { pool } = await openConfigurationDatabase(testing);
  const store = openNumberListStore(pool);
  const seen = new Map<string, ImportedList>();
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const source = openNumberLists({
    pool,
    logger: silentLogger(),
    onImport: (name, list) => {
      seen.set(name, list);
      if (list.version === 2) resolve(undefined);
    },
  });
  testing.after(() => source.close());
  await store.change('a', () => listContent(['1']), context);
  await source.follow(['a', 'empty']);
  assert.deepEqual([...seen.keys()], ['a']);
  const large = listContent(Array.from({ length: 300_000 }, (_, at) => `44${String(7e9 + at)}`));
  await store.change('other', () => large, context);
  await store.change('a', () => large, context);
  await promise;
  assert.deepEqual(seen.get('a')?.content, large);
  assert.equal(seen.has('other'), false);
});

test('ROUTE-10 the last twenty versions of a list are kept', async (testing) => {
  const { pool } = await openConfigurationDatabase(testing);
  const store = openNumberListStore(pool);
  for (let at = 1; at <= 22; at++) {
    await store.change('a', () => listContent([String(at)]), context);
  }
  const versions = (await store.versions('a')).map(({ version }) => version);
  assert.deepEqual([versions.length, versions[0], versions.at(-1)], [20, 22, 3]);
});

test('ROUTE-10 a store that is away is told once, and what is known stays', async () => {
  const warnings: string[] = [];
  const pool = createPool({ url: 'postgres://tandem@127.0.0.1:1/tandem', logger: silentLogger() });
  const source = openNumberLists({
    pool,
    logger: { info: () => undefined, warn: (_, message) => warnings.push(message) },
    onImport: () => undefined,
    pollMs: 20,
  });
  await source.follow(['a']);
  await wait(200);
  await source.close();
  await pool.end();
  assert.deepEqual(warnings, ['store of number lists is away']);
});
