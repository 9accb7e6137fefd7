import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { migrate, silentLogger, type Pool } from '@tandem/service';
import { openAuditStore } from '../../src/adapters/pg-audit-store.ts';
import { openOperatorStore } from '../../src/adapters/pg-operator-store.ts';
import { operatorMigrations } from '../../src/open-operators.ts';
import { digest } from '../../src/sign-ins.ts';
import { operatorNamed } from '../operators-under-test.ts';
import { openDatabase } from '../postgres.ts';
import { auditStoreContract } from './audit-store-contract.ts';
import { operatorStoreContract } from './operator-store-contract.ts';

async function openTables(testing: TestContext): Promise<Pool> {
  const { pool } = await openDatabase(testing);
  const logger = silentLogger();
  await migrate({ pool, folder: operatorMigrations, schema: 'tandem_api', logger });
  return pool;
}

operatorStoreContract('PostgreSQL', async (testing) =>
  openOperatorStore(await openTables(testing)),
);
auditStoreContract('PostgreSQL', async (testing) => openAuditStore(await openTables(testing)));

test('OPS-12 no secret of a session, a token or a link is in the database', async (testing) => {
  const pool = await openTables(testing);
  const store = openOperatorStore(pool);
  const now = new Date();
  const later = new Date(now.getTime() + 60_000);
  await store.create(operatorNamed('alice'));
  const session = { id: 's', operator: 'alice', method: 'link', address: '', userAgent: '', since: now, lastSeen: now, expiresAt: later } as const; // prettier-ignore
  await store.begin({ ...session, hash: digest('secret-1'), csrfHash: digest('secret-2') });
  await store.createToken({ id: 't', operator: 'alice', name: '', role: 'read-only', createdAt: now, expiresAt: later, lastUsed: undefined }, digest('secret-3')); // prettier-ignore
  await store.createLink({ hash: digest('secret-4'), operator: 'alice', expiresAt: later });
  const tables = ['operator', 'session', 'token', 'sign_in_link'];
  const texts = await Promise.all(
    tables.map(async (table) => {
      const { rows } = await pool.query<{ text: string }>(`SELECT t::text AS text FROM tandem_api.${table} t`); // prettier-ignore
      return rows.map(({ text }) => text).join('\n');
    }),
  );
  assert.equal(texts.filter((text) => text !== '').length, tables.length);
  const inHex = Buffer.from('secret-').toString('hex');
  for (const text of texts) assert.equal(text.includes('secret-') || text.includes(inHex), false);
});
