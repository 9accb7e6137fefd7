import { fileURLToPath } from 'node:url';
import { migrate, silentLogger } from '@tandem/service';
import { databaseForTest } from '@tandem/testing';
import type { TestDatabase } from '@tandem/testing';

/** A database with billing's tables, dropped by `close`. */
export async function billingDatabase(): Promise<TestDatabase> {
  const database = await databaseForTest();
  const folder = fileURLToPath(new URL('../../migrations', import.meta.url));
  const { pool } = database;
  await migrate({ pool, folder, schema: 'tandem_billing', logger: silentLogger() });
  return database;
}
