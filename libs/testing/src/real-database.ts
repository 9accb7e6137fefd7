import { Client, Pool } from 'pg';
import { uniqueName } from './unique-name.ts';

/** A PostgreSQL database of a test's own. */
export interface TestDatabase {
  /** URL of the new, empty database. */
  readonly url: string;
  readonly pool: Pool;
  /** Ends the pool and drops the database, whoever is still connected. */
  readonly close: () => Promise<void>;
}

/** Where the tests' PostgreSQL is: `TANDEM_TEST_POSTGRES_URL`. @default 'postgres://tandem@127.0.0.1:21432/tandem' */
export function testPostgresUrl(): string {
  return process.env['TANDEM_TEST_POSTGRES_URL'] ?? 'postgres://tandem@127.0.0.1:21432/tandem';
}

/** Creates a database. @throws when the server does not answer or the role may not create one. */
export async function databaseForTest(): Promise<TestDatabase> {
  const name = uniqueName('tandem_test');
  await administer(`CREATE DATABASE ${name}`);
  const url = new URL(testPostgresUrl());
  url.pathname = `/${name}`;
  const pool = new Pool({ connectionString: url.href, max: 8 });
  // An idle connection that the server ends when the database is dropped is no failure of a test.
  pool.on('error', () => undefined);
  return {
    url: url.href,
    pool,
    close: async () => {
      await pool.end();
      await administer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}

async function administer(statement: string): Promise<void> {
  const client = new Client({ connectionString: testPostgresUrl() });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
