import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { test, type TestContext } from 'node:test';
import { PrefixIndex } from '@tandem/domain';
import { Client, Pool } from 'pg';
import { configurationShape } from '../src/complete-configuration.ts';
import { configurationSchema, type Configuration } from '../src/document.ts';
import { configurationMigrations } from '../src/index.ts';
import { RateReader, type PackedLists } from '../src/packed-lists.ts';
import { CONFIGURATION_CHANNEL, openSnapshots } from '../src/pg-snapshots.ts';
import { snapshotOf, type Snapshot, type SnapshotSource } from '../src/snapshots.ts';

const SERVER =
  process.env['TANDEM_TEST_POSTGRES_URL'] ?? 'postgres://tandem@127.0.0.1:21432/tandem';

interface Store {
  readonly url: string;
  readonly said: Record<string, unknown>[];
  /** Opens a source that reads everything in a thread. */
  open(): SnapshotSource;
  /** Stores a version. */
  put(version: number, document: Record<string, unknown>, shape?: string): Promise<void>;
}

/** A database of this test's own, dropped at its end. */
async function storeOf(context: TestContext): Promise<Store> {
  const name = `config_${randomUUID().replaceAll('-', '')}`;
  const admin = new Client({ connectionString: SERVER });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  const url = new URL(SERVER);
  url.pathname = `/${name}`;
  const pool = new Pool({ connectionString: url.href });
  pool.on('error', () => undefined);
  const opened: SnapshotSource[] = [];
  context.after(async () => {
    // Some have been closed by then.
    for (const source of opened) await source.close().catch(() => undefined);
    await pool.end();
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await admin.end();
  });
  await pool.query('CREATE SCHEMA tandem_config');
  for (const file of (await readdir(configurationMigrations)).sort()) {
    await pool.query(await readFile(`${configurationMigrations}/${file}`, 'utf8'));
  }
  const said: Record<string, unknown>[] = [];
  const keep = (fields: object): void => {
    said.push({ ...fields });
  };
  return {
    url: url.href,
    said,
    open: () => {
      const logger = { info: keep, warn: keep };
      const source = openSnapshots({ url: url.href, logger, largeBytes: 0 });
      opened.push(source);
      return source;
    },
    put: async (version, document, shape = configurationShape()) => {
      await pool.query(
        `INSERT INTO tandem_config.version (version, applied_by, document, shape) VALUES ($1, 'test', $2, $3)`,
        [version, JSON.stringify(document), shape],
      );
      await pool.query('SELECT pg_notify($1, $2)', [CONFIGURATION_CHANNEL, String(version)]);
    },
  };
}

async function untilVersion(source: SnapshotSource, version: number): Promise<Snapshot> {
  const { promise, resolve } = Promise.withResolvers<Snapshot>();
  const stop = source.onChange((snapshot) => {
    if (snapshot.version >= version) resolve(snapshot);
  });
  const snapshot = await promise;
  stop();
  return snapshot;
}

/** What the lists say, whatever numbers stand for it: `prefix: names` and `group prefix: rate`. */
function contentOf({ rates, routes }: PackedLists, prefixes: readonly string[]): string[] {
  const content: string[] = [];
  const index = new PrefixIndex(routes.index);
  for (const prefix of prefixes) {
    const found: number[] = [];
    const written = index.find(prefix, found);
    const values = [...index.values.subarray(found[written - 2], found[written - 1])];
    const names = written === 0 ? [] : values.map((value) => routes.owners[value]?.name);
    content.push(`${prefix}: ${names.join(' ')}`);
    for (const [group, packed] of [...rates].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const reader = new RateReader(packed);
      const at: number[] = [];
      const end = reader.index.find(prefix, at);
      const value = reader.index.values[at[end - 2] ?? -1];
      if (value !== undefined) {
        // The database has its own order of fields.
        const rate = Object.entries(reader.rate(value, prefix)).sort();
        content.push(`${group} ${JSON.stringify(rate)}`);
      }
    }
  }
  return content;
}

const GATEWAYS = 450;
const prefixes = ['', ...Array.from({ length: 60 }, (_, at) => String(440 + at))];

/** More than one piece of each list. */
function documentOf(changes: {
  readonly price?: string;
  readonly moved?: string;
  readonly without?: string;
}): Configuration {
  const rates = (price: string) => prefixes.map((prefix) => ({ prefix, pricePerMinute: price }));
  return configurationSchema.parse({
    rateGroups: [
      { name: 'standard', currency: 'USD', rates: rates(changes.price ?? '0.01') },
      { name: 'vendor', currency: 'EUR', rates: rates('0.005') },
      { name: 'none', currency: 'USD' },
    ],
    accounts: [{ name: 'demo', rateGroup: 'standard' }],
    phones: Array.from({ length: 450 }, (_, at) => ({
      username: String(1000 + at),
      password: 'p',
      account: 'demo',
    })),
    routingGateways: Array.from({ length: GATEWAYS }, (_, at) => ({
      name: `g${String(at)}`,
      addresses: ['192.0.2.1'],
      prefixes:
        changes.moved === `g${String(at)}` ? ['49'] : [String(440 + (at % 50)), String(at % 7)],
      priority: at % 3,
    })).filter(({ name }) => name !== changes.without),
  });
}

function assertSame(snapshot: Snapshot, document: Configuration): void {
  const expected = snapshotOf(snapshot.version, document);
  assert.deepEqual(snapshot.configuration, expected.configuration);
  const numbers = [...prefixes, '0', '1', '2', '3', '4', '5', '6', '49'];
  assert.deepEqual(contentOf(snapshot.lists, numbers), contentOf(expected.lists, numbers));
}

test('ROUTE-13 a large version is read piece by piece in a thread, and is the document', async (context) => {
  const store = await storeOf(context);
  const document = documentOf({});
  await store.put(1, document);
  const source = store.open();
  await source.ready();
  assertSame(await untilVersion(source, 1), document);
  assert.equal(store.said.find(({ read }) => read !== undefined)?.['read'], 'all');
});

test('ROUTE-13 of a version after another only what is new is read, and it is the document all the same', async (context) => {
  const store = await storeOf(context);
  await store.put(1, documentOf({}));
  const source = store.open();
  const first = await untilVersion(source, 1);
  const documents = [
    documentOf({ moved: 'g7' }),
    documentOf({ moved: 'g7', without: 'g9', price: '0.02' }),
    documentOf({ without: 'g8' }),
    configurationSchema.parse({ ...documentOf({}), realm: 'other' }),
  ];
  for (const [at, document] of documents.entries()) {
    await store.put(at + 2, document);
    assertSame(await untilVersion(source, at + 2), document);
  }
  const reads = store.said.flatMap(({ read }) => (read === undefined ? [] : [read]));
  assert.deepEqual(reads, ['all', 'changes', 'changes', 'changes', 'changes']);
  const last = await untilVersion(source, 5);
  assertSame(first, documentOf({}));
  // What does not change is in one place for all versions.
  const [before, after] = [first, last].map(({ lists }) => lists.rates.get('vendor')?.index);
  assert.ok(before !== undefined && after !== undefined);
  new Uint8Array(after)[0] = 99;
  assert.equal(new Uint8Array(before)[0], 99);
});

test('ROUTE-13 a version of another release is read as a whole, with the defaults of this one', async (context) => {
  const store = await storeOf(context);
  await store.put(1, documentOf({}));
  const source = store.open();
  await untilVersion(source, 1);
  const document = {
    rateGroups: [
      { name: 'standard', currency: 'USD', rates: [{ prefix: '44', pricePerMinute: '1' }] },
    ],
    accounts: [{ name: 'demo', rateGroup: 'standard' }],
    routingGateways: [{ name: 'a', addresses: ['192.0.2.1'], prefixes: ['44'] }],
  };
  await store.put(2, document, 'another');
  assertSame(await untilVersion(source, 2), configurationSchema.parse(document));
  assert.deepEqual(
    store.said.flatMap(({ read }) => (read === undefined ? [] : [read])),
    ['all', 'all'],
  );
});

test('ROUTE-13 a version that fits no more leaves the one before in effect', async (context) => {
  const store = await storeOf(context);
  await store.put(1, documentOf({}));
  const source = store.open();
  await untilVersion(source, 1);
  await store.put(2, { routingGateways: [{ name: 'a', prefixes: ['4x'] }] }, 'another');
  const toldBy = Date.now() + 20_000;
  while (!store.said.some(({ reason }) => String(reason).includes('prefixes'))) {
    assert.ok(Date.now() < toldBy, JSON.stringify(store.said));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.equal(source.current()?.version, 1);
  await store.put(3, documentOf({ without: 'g1' }));
  assertSame(await untilVersion(source, 3), documentOf({ without: 'g1' }));
});

test('ROUTE-13 a source can be closed while a thread reads', async (context) => {
  const store = await storeOf(context);
  await store.put(1, documentOf({}));
  const source = store.open();
  const ready = assert.rejects(source.ready());
  await new Promise((resolve) => setTimeout(resolve, 30));
  await source.close();
  await ready;
  assert.equal(source.current(), undefined);
});
