import { fileURLToPath } from 'node:url';
import { createPool, migrate, silentLogger } from '@tandem/service';
import type { Pool } from '@tandem/service';
import { databaseForTest } from '@tandem/testing';
import { createPgBillingStore } from '../../src/adapters/pg-billing-store.ts';
import { openWriter } from '../../src/adapters/pg-write-batch.ts';
import type { BillingStore } from '../../src/ports.ts';

export interface TestBillingStore {
  readonly store: BillingStore;
  readonly pool: Pool;
  /** Of its database. */
  readonly url: string;
  /** Empties every table that calls and payments leave something in. */
  readonly empty: () => Promise<void>;
  /** The store of another process, on the same database. */
  readonly second: () => { readonly pool: Pool; close(): Promise<void> };
  readonly close: () => Promise<void>;
}

const TABLES = ['cdr', 'ledger', 'account_balance', 'answered_call', 'partial_end', 'provisional_cdr', 'reader', 'dead_event', 'traffic_hour', 'outcome_hour', 'destination_day', 'feed_batch', 'invoice', 'invoice_line', 'invoice_series', 'dispute', 'dispute_call', 'dispute_difference', 'rerating', 'rerating_line']; // prettier-ignore

/** Billing's store in a database of its own, which `close` drops. */
export async function openBillingStore(): Promise<TestBillingStore> {
  const { pool, url, close } = await databaseForTest();
  const logger = silentLogger();
  const folder = fileURLToPath(new URL('../../migrations', import.meta.url));
  await migrate({ pool, folder, schema: 'tandem_billing', logger });
  const writer = openWriter({ url, logger });
  return {
    store: createPgBillingStore({ pool, writer }),
    pool,
    url,
    empty: async () => {
      await pool.query(`TRUNCATE ${TABLES.map((name) => `tandem_billing.${name}`).join(', ')}`);
    },
    second: () => {
      const own = createPool({ url, logger });
      return { pool: own, close: () => own.end() };
    },
    close: async () => {
      await writer.end();
      await close();
    },
  };
}
