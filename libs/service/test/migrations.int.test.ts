import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { SwitchError } from '@tandem/domain';
import { createPool, migrate, silentLogger } from '@tandem/service';
import type { Pool } from '@tandem/service';
import { databaseForTest } from '@tandem/testing';
import type { TestDatabase } from '@tandem/testing';

const logger = silentLogger();
let database: TestDatabase;
let pool: Pool;
let folder: string;
let schema: string;
let serial = 0;

before(async () => {
  database = await databaseForTest();
  pool = createPool({ url: database.url, logger });
});
after(async () => {
  await pool.end();
  await database.close();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'migrations-'));
  schema = `part_${String(++serial)}`;
});

const put = (file: string, sql: string) => writeFile(join(folder, file), sql);
const names = async () => {
  const { rows } = await pool.query<{ file: string }>(
    `SELECT file FROM ${schema}.migration ORDER BY number`,
  );
  return rows.map((row) => row.file);
};
const isMistake = (error: unknown) =>
  error instanceof SwitchError && error.code === 'SWITCH_CONFIGURATION_INVALID';

test('BILL-04 files are applied once, in the order of their numbers', async () => {
  await put('0002-fill.sql', `INSERT INTO ${schema}.thing VALUES (1)`);
  await put('0001-create.sql', `CREATE TABLE ${schema}.thing (id integer)`);
  await migrate({ pool, folder, schema, logger });
  await migrate({ pool, folder, schema, logger });
  assert.deepEqual(await names(), ['0001-create.sql', '0002-fill.sql']);
  const { rows } = await pool.query(`SELECT id FROM ${schema}.thing`);
  assert.equal(rows.length, 1);
  await rm(folder, { recursive: true });
});

test('BILL-04 several processes at once apply each file once', async () => {
  await put('0001-create.sql', `CREATE TABLE ${schema}.thing (id integer)`);
  await Promise.all(Array.from({ length: 4 }, () => migrate({ pool, folder, schema, logger })));
  assert.deepEqual(await names(), ['0001-create.sql']);
  await rm(folder, { recursive: true });
});

test('BILL-04 a file that fails leaves nothing behind and stops the later ones', async () => {
  await put('0001-create.sql', `CREATE TABLE ${schema}.thing (id integer)`);
  await put('0002-fail.sql', `CREATE TABLE ${schema}.half (id integer); SELECT 1/0`);
  await put('0003-later.sql', `CREATE TABLE ${schema}.later (id integer)`);
  await assert.rejects(migrate({ pool, folder, schema, logger }));
  assert.deepEqual(await names(), ['0001-create.sql']);
  const { rows } = await pool.query(`SELECT to_regclass('${schema}.half') AS half`);
  assert.deepEqual(rows, [{ half: null }]);
  await rm(folder, { recursive: true });
});

test('BILL-04 wrong names, doubled numbers and a schema of a newer release are refused', async () => {
  await put('0001-create.sql', 'SELECT 1');
  await migrate({ pool, folder, schema, logger });
  await put('0001-again.sql', 'SELECT 1');
  await assert.rejects(migrate({ pool, folder, schema, logger }), isMistake);
  await rm(join(folder, '0001-again.sql'));
  await put('no-number.sql', 'SELECT 1');
  await assert.rejects(migrate({ pool, folder, schema, logger }), isMistake);
  await rm(join(folder, 'no-number.sql'));
  await rm(join(folder, '0001-create.sql'));
  await assert.rejects(migrate({ pool, folder, schema, logger }), isMistake);
  await rm(folder, { recursive: true });
});
