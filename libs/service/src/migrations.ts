import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SwitchError } from '@tandem/domain';
import type { Pool, PoolClient } from 'pg';
import type { Logger } from './logger.ts';

/** Which migrations to apply, and where. */
export interface MigrationSettings {
  readonly pool: Pool;
  /** Folder of plain `NNNN-name.sql` files. */
  readonly folder: string;
  /** Schema that is created if need be and that holds the table `migration`. */
  readonly schema: string;
  readonly logger: Logger;
}

/**
 * Brings a schema up to date: each file that the table `<schema>.migration` does not name yet is applied
 * in order of its number, each in a transaction of its own. An advisory lock lets one process at a time
 * migrate, the others wait.
 * @throws SwitchError SWITCH_CONFIGURATION_INVALID where file names are wrong or an applied file has gone.
 */
export async function migrate(settings: MigrationSettings): Promise<void> {
  const files = await listMigrations(settings.folder);
  const client = await settings.pool.connect();
  const lock = `tandem migrations of ${settings.schema}`;
  try {
    await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [lock]);
    try {
      await applyMissing(client, files, settings);
    } finally {
      await client.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [lock]);
    }
  } finally {
    client.release();
  }
}

interface Migration {
  readonly number: number;
  readonly file: string;
}

async function listMigrations(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  const seen = new Map<number, string>();
  return names.map((file) => {
    const match = /^(\d{4})-[a-z0-9-]+\.sql$/.exec(file);
    const number = Number(match?.[1] ?? Number.NaN);
    const twin = seen.get(number);
    if (match === null || twin !== undefined) {
      const why = twin === undefined ? 'is not NNNN-name.sql' : `has the number of ${twin}`;
      throw new SwitchError('SWITCH_CONFIGURATION_INVALID', `${join(folder, file)} ${why}`);
    }
    seen.set(number, file);
    return { number, file };
  });
}

async function applyMissing(
  client: PoolClient,
  files: readonly Migration[],
  { folder, schema, logger }: MigrationSettings,
): Promise<void> {
  const quoted = client.escapeIdentifier(schema);
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${quoted}`);
  await client.query(
    `CREATE TABLE IF NOT EXISTS ${quoted}.migration (
       number integer PRIMARY KEY, file text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`,
  );
  const applied = await client.query<Migration>(`SELECT number, file FROM ${quoted}.migration`);
  const known = new Map(applied.rows.map((row) => [row.number, row.file]));
  const missing = [...known].filter(([number]) => !files.some((file) => file.number === number));
  if (missing.length > 0) {
    // An older release must not write into tables that a newer one has changed.
    throw new SwitchError(
      'SWITCH_CONFIGURATION_INVALID',
      `schema ${schema} has migrations that this release does not know: ${missing.map(([, file]) => file).join(', ')}`,
    );
  }
  for (const { number, file } of files) {
    if (known.has(number)) continue;
    const sql = await readFile(join(folder, file), 'utf8');
    await inTransaction(client, async () => {
      await client.query(sql);
      await client.query(`INSERT INTO ${quoted}.migration (number, file) VALUES ($1, $2)`, [
        number,
        file,
      ]);
    });
    logger.info({ schema, file }, 'migration applied');
  }
}

async function inTransaction(client: PoolClient, work: () => Promise<void>): Promise<void> {
  await client.query('BEGIN');
  try {
    await work();
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}
