import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import { configurationMigrations } from '@tandem/config';
import { createPool, migrate, silentLogger, type Pool } from '@tandem/service';

const SERVER =
  process.env['TANDEM_TEST_POSTGRES_URL'] ?? 'postgres://tandem@127.0.0.1:21432/tandem';

/** A database of one test's own, dropped at its end. */
export async function openDatabase(context: TestContext): Promise<{ url: string; pool: Pool }> {
  const name = `api_${randomUUID().replaceAll('-', '')}`;
  const logger = silentLogger();
  const admin = createPool({ url: SERVER, logger, size: 1 });
  await admin.query(`CREATE DATABASE ${name}`);
  const url = new URL(SERVER);
  url.pathname = `/${name}`;
  const pool = createPool({ url: url.href, logger });
  context.after(async () => {
    await pool.end();
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await admin.end();
  });
  return { url: url.href, pool };
}

/** The same with the tables of the configuration. */
export async function openConfigurationDatabase(context: TestContext) {
  const database = await openDatabase(context);
  await migrate({
    pool: database.pool,
    folder: configurationMigrations,
    schema: 'tandem_config',
    logger: silentLogger(),
  });
  return database;
}
