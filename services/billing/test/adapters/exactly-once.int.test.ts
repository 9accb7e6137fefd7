import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatMoney } from '@tandem/domain';
import type { ReceivedCallEvent } from '@tandem/events';
import { Terms } from '@tandem/proto/billing';
import { silentLogger } from '@tandem/service';
import { createEventHandler } from '../../src/api/event-handler.ts';
import { answeredEvent, endedEvent, noonMs, received, terms } from '../support/call-events.ts';
import { openBillingStore } from '../support/billing-store.ts';

const CALLS = 8;
const vendorTerms = Terms.encode(terms({ account: 'vendor', pricePerMinute: '0.005' })).finish();

/** Calls of different lengths, every third of them unanswered, some with a vendor to pay. */
const events = Array.from({ length: CALLS }, (_, index) => {
  const callId = `call-${String(index)}`;
  const answeredMs = index % 3 === 2 ? 0 : noonMs + 2000;
  const changes = { answeredMs, ...(index % 2 === 0 ? { vendorTerms } : {}) };
  const ended = endedEvent(callId, { ...changes, endedMs: noonMs + 2000 + index * 30_000 });
  return answeredMs === 0 ? [ended] : [answeredEvent(callId, changes), ended];
}).flat();

/** The events in any order, any of them again and again, cut into batches anywhere. */
const deliveries = fc
  .tuple(
    fc.shuffledSubarray(events, { minLength: events.length }),
    fc.array(fc.constantFrom(...events), { maxLength: 12 }),
    fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 10 }),
    fc.array(fc.nat(1000), { minLength: 12, maxLength: 12 }),
  )
  .map(([all, again, sizes, places]) => {
    const line = [...all];
    for (const [index, event] of again.entries()) {
      line.splice((places[index] ?? 0) % (line.length + 1), 0, event);
    }
    const batches: ReceivedCallEvent[][] = [];
    while (line.length > 0) {
      const size = sizes[batches.length % sizes.length] ?? 1;
      batches.push(line.splice(0, size).map(received));
    }
    return batches;
  });

test('BILL-04 doubled, late and reordered events give the same CDRs and ledger, however they come', async () => {
  const { store, pool, empty, close } = await openBillingStore();
  const onCharged = () => Promise.resolve();
  const handler = createEventHandler({ store, logger: silentLogger(), onCharged });

  async function outcome(batches: readonly (readonly ReceivedCallEvent[])[], atOnce: boolean) {
    await empty();
    // At once: as two consumers do while a partition goes from one to the other.
    if (atOnce) await Promise.all(batches.map((batch) => handler.handle(batch)));
    else for (const batch of batches) await handler.handle(batch);
    const [cdrs, ledger, answered] = await Promise.all([
      store.listCdrs({ limit: 100 }),
      pool.query(
        'SELECT account, reference, amount::text FROM tandem_billing.ledger ORDER BY 1, 2',
      ),
      pool.query('SELECT call_id FROM tandem_billing.answered_call'),
    ]);
    const balances = await store.balances([]);
    return {
      cdrs: cdrs.map(({ callId, price, cost }) => [callId, formatMoney(price), formatMoney(cost)]),
      ledger: ledger.rows,
      balances: balances.map(({ account, balance, ledgerEntries }) => [account, formatMoney(balance), ledgerEntries]), // prettier-ignore
      // Two consumers at once may leave the mark of an answer behind; in turn they never do.
      answered: atOnce ? [] : answered.rows,
    };
  }

  const expected = await outcome([events.map(received)], false);
  assert.equal(expected.cdrs.length, CALLS);
  assert.deepEqual(expected.answered, []);
  await fc.assert(
    fc.asyncProperty(deliveries, fc.boolean(), async (batches, atOnce) => {
      assert.deepEqual(await outcome(batches, atOnce), expected);
    }),
    { numRuns: 40 },
  );
  await close();
});
