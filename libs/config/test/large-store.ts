import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { TestContext } from 'node:test';
import { PrefixIndex } from '@tandem/domain';
import { Client, Pool } from 'pg';
import { configurationShape } from '../src/complete-configuration.ts';
import { configurationSchema, type Configuration } from '../src/document.ts';
import { configurationMigrations } from '../src/index.ts';
import { RateReader, RouteOwners, type PackedLists } from '../src/packed-lists.ts';
import { CONFIGURATION_CHANNEL, openSnapshots } from '../src/pg-snapshots.ts';
import { snapshotOf, type Snapshot, type SnapshotSource } from '../src/snapshots.ts';

const SERVER =
  process.env['TANDEM_TEST_POSTGRES_URL'] ?? 'postgres://tandem@127.0.0.1:21432/tandem';

export interface Store {
  readonly url: string;
  readonly pool: Pool;
  /** Makes the tables. */
  migrate(): Promise<void>;
  readonly said: Record<string, unknown>[];
  /** Opens a source that reads everything in a thread. */
  open(): SnapshotSource;
  /** Stores a version. */
  put(version: number, document: Record<string, unknown>, shape?: string): Promise<void>;
}

/** A database of this test's own, dropped at its end. */
export async function storeOf(context: TestContext): Promise<Store> {
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
  const migrate = async (): Promise<void> => {
    await pool.query('CREATE SCHEMA tandem_config');
    for (const file of (await readdir(configurationMigrations)).sort()) {
      await pool.query(await readFile(`${configurationMigrations}/${file}`, 'utf8'));
    }
  };
  await migrate();
  const said: Record<string, unknown>[] = [];
  const keep = (fields: object): void => {
    said.push({ ...fields });
  };
  return {
    url: url.href,
    pool,
    migrate,
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

export async function untilVersion(source: SnapshotSource, version: number): Promise<Snapshot> {
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
  const owners = new RouteOwners(routes);
  for (const prefix of prefixes) {
    const found: number[] = [];
    const written = index.find(prefix, found);
    const values = [...index.values.subarray(found[written - 2], found[written - 1])];
    const names = written === 0 ? [] : values.map((value) => owners.at(value).name);
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
export function documentOf(changes: {
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

export function assertSame(snapshot: Snapshot, document: Configuration): void {
  const expected = snapshotOf(snapshot.version, document);
  assert.deepEqual(snapshot.configuration, expected.configuration);
  const numbers = [...prefixes, '0', '1', '2', '3', '4', '5', '6', '49'];
  assert.deepEqual(contentOf(snapshot.lists, numbers), contentOf(expected.lists, numbers));
}
