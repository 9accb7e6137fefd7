import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configurationShape } from '../src/complete-configuration.ts';
import { applyDelta, deltaBetween } from '../src/delta.ts';
import { configurationSchema, type Configuration } from '../src/document.ts';
import { CONFIGURATION_CHANNEL } from '../src/pg-snapshots.ts';
import { foldInThread, readDocumentInThread } from '../src/read-in-thread.ts';
import { changesFrom, wholeVersion } from '../src/stored-versions.ts';
import { assertSame, documentOf, storeOf, untilVersion, type Store } from './large-store.ts';

/** Stores a version as what it changes. */
async function change(
  { pool }: Store,
  version: number,
  [before, after]: readonly [Configuration, Configuration],
): Promise<void> {
  await pool.query(
    `INSERT INTO tandem_config.change (version, applied_by, delta, shape) VALUES ($1, 'test', $2, $3)`,
    [version, JSON.stringify(deltaBetween(before, after)), configurationShape()],
  );
  await pool.query('SELECT pg_notify($1, $2)', [CONFIGURATION_CHANNEL, String(version)]);
}

const documents = [
  documentOf({}),
  documentOf({ moved: 'g7' }),
  documentOf({ moved: 'g7', without: 'g9', price: '0.02' }),
  configurationSchema.parse({ ...documentOf({ without: 'g8' }), realm: 'other' }),
] as const;

test('ROUTE-13 changes are applied to what a process has; who comes later reads the whole and the changes since', async (context) => {
  const store = await storeOf(context);
  const [first, second, third, fourth] = documents;
  await store.put(1, first);
  const source = store.open();
  await untilVersion(source, 1);
  await change(store, 2, [first, second]);
  assertSame(await untilVersion(source, 2), second);
  await change(store, 3, [second, third]);
  assertSame(await untilVersion(source, 3), third);
  const reads = () => store.said.filter(({ read }) => read !== undefined).length;
  assert.equal(reads(), 1);
  assertSame(await untilVersion(store.open(), 3), third);
  // The next whole one: what the changes touched is compared with what it has.
  await store.put(4, fourth);
  assertSame(await untilVersion(source, 4), fourth);
  assert.equal(store.said.filter(({ read }) => read === 'changes').length >= 1, true);
});

test('ROUTE-13 a change that does not fit is not applied: the whole is read', async (context) => {
  const store = await storeOf(context);
  const [first, second] = documents;
  await store.put(1, first);
  const source = store.open();
  const known = await untilVersion(source, 1);
  // As after a fault: the process has another version 1 than the store.
  (known.configuration.routingGateways as unknown[])[7] = { name: 'other' };
  await change(store, 2, [first, second]);
  assertSame(await untilVersion(source, 2), second);
  assert.ok(store.said.some(({ reason }) => String(reason).includes('another document')));
});

test('ROUTE-13 OPS-08 a whole document is stored of a version that is a change, and says the same', async (context) => {
  const store = await storeOf(context);
  const { pool, url } = store;
  const [first, second, third] = documents;
  await store.put(1, first);
  await change(store, 2, [first, second]);
  await change(store, 3, [second, third]);
  await foldInThread({ url, version: 3 });
  assert.equal((await wholeVersion(pool, 3, 0))?.version, 3);
  assert.deepEqual(await readDocumentInThread({ url, version: 3 }), third);
  const deltas = await changesFrom(pool, 1, 3);
  assert.deepEqual(deltas?.reduce(applyDelta, first), third);
  assertSame(await untilVersion(store.open(), 3), third);
  // A release that knows no changes would give version 3 a second meaning.
  await assert.rejects(store.put(3, first), /already, as a change/);
  await assert.rejects(store.put(2, first), /already, as a change/);
  await store.put(4, first);
});

for (const way of ['a truncated table', 'tables made anew'] as const) {
  test(`OPS-08 a restored store with a lower version is taken up by running processes: ${way}`, async (context) => {
    const store = await storeOf(context);
    const [first, second, third] = documents;
    await store.put(1, first);
    const source = store.open();
    await untilVersion(source, 1);
    await store.put(2, second);
    await untilVersion(source, 2);
    const restored = Promise.withResolvers<undefined>();
    source.onChange(({ version }) => {
      if (version === 1) restored.resolve(undefined);
    });
    if (way === 'a truncated table') {
      await store.pool.query('BEGIN; TRUNCATE tandem_config.version; COMMIT');
    } else {
      await store.pool.query('DROP SCHEMA tandem_config CASCADE');
      await store.migrate();
    }
    await store.put(1, third);
    await restored.promise;
    const snapshot = source.current();
    assert.ok(snapshot);
    assertSame(snapshot, third);
    await store.put(2, first);
    assertSame(await untilVersion(source, 2), first);
  });
}
