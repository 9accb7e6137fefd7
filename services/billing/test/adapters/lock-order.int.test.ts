import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { eventually } from '@tandem/testing';
import { sortBatch } from '../../src/core/cdr-batch.ts';
import { openBillingStore } from '../support/billing-store.ts';
import type { TestBillingStore } from '../support/billing-store.ts';
import { endedEvent, received } from '../support/call-events.ts';

const WAITING = `
SELECT count(*)::int AS waiting FROM pg_locks
WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;

// Who drafts an invoice takes the ledger's numbers alone; who books waits for that, and holds nothing meanwhile that others need for booking.
suite(
  'BILL-05 what is booked holds no balance while it waits for the lock of the ledger’s numbers',
  () => {
    let database: TestBillingStore;
    before(async () => {
      database = await openBillingStore();
      const { store, pool } = database;
      await store.openAccounts([{ account: 'demo', currency: 'USD', openingBalance: 0n }]);
      await store.write(sortBatch([received(endedEvent('call-1'))]));
      await pool.query(
        `INSERT INTO tandem_billing.provisional_cdr (call_id, kind, started_at)
       SELECT call_id, 'lost', started_at FROM tandem_billing.cdr`,
      );
    });
    after(async () => {
      await database.close();
    });

    const payment = { account: 'demo', reference: 'one', amount: 1n, note: '', kind: 'payment', bookedBy: '' } as const; // prettier-ignore
    const bookings: Readonly<Record<string, () => Promise<unknown>>> = {
      'a payment': () => database.store.bookPayment(payment),
      'a CDR in the place of a provisional one': async () => {
        const { ended } = sortBatch([received(endedEvent('call-1'))]);
        assert.equal((await database.store.revise(ended)).stored, 1);
      },
    };
    for (const [what, book] of Object.entries(bookings)) {
      test(what, async () => {
        const other = database.second();
        const client = await other.pool.connect();
        try {
          await client.query('BEGIN');
          await client.query(
            `SELECT pg_advisory_xact_lock(hashtextextended('tandem_billing.ledger_number', 0))`,
          );
          const booked = book();
          await eventually('what is booked waits for the ledger', async () => {
            const { rows } = await client.query<{ waiting: number }>(WAITING);
            return rows[0]?.waiting === 1;
          });
          // Throws where somebody holds one.
          const held = await client.query(
            'SELECT FROM tandem_billing.account_balance FOR UPDATE NOWAIT',
          );
          assert.ok((held.rowCount ?? 0) > 0);
          await client.query('COMMIT');
          await booked;
        } finally {
          client.release();
          await other.close();
        }
      });
    }
  },
);
