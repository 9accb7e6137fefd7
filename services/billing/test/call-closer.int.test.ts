import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import fc from 'fast-check';
import { formatMoney } from '@tandem/domain';
import type { CallEvent } from '@tandem/proto/events';
import { silentLogger } from '@tandem/service';
import { createEventHandler } from '../src/api/event-handler.ts';
import { CallCloser } from '../src/call-closer.ts';
import type { BillingStore } from '../src/ports.ts';
import { answeredEvent, endedEvent, interimEvent, noonMs, partialEvent, received } from './support/call-events.ts'; // prettier-ignore
import { openBillingStore } from './support/billing-store.ts';
import type { TestBillingStore } from './support/billing-store.ts';

const MINUTE = 60_000;
/** An hour after noon: what was last heard of before is lost. Fixed, whatever day it is. */
const LATER_MS = noonMs + 60 * MINUTE;
const logger = silentLogger();
const told: string[] = [];
const onCharged = (balances: readonly { readonly account: string }[]): Promise<void> => {
  told.push(...balances.map(({ account }) => account));
  return Promise.resolve();
};

let database: TestBillingStore;
let store: BillingStore;
before(async () => {
  database = await openBillingStore();
  ({ store } = database);
});
after(() => database.close());
beforeEach(async () => {
  told.length = 0;
  await database.empty();
});

async function read(...events: readonly CallEvent[]): Promise<void> {
  await createEventHandler({ store, logger, onCharged }).handle(events.map(received));
}

/** A closer of a process that has been up with the log since the calls of these tests, long ago. */
function closer(
  changes: { reader?: string; currentSinceMs?: number | undefined } = {},
): CallCloser {
  const current = 'currentSinceMs' in changes ? changes.currentSinceMs : noonMs;
  const reader = changes.reader ?? 'reader-1';
  return new CallCloser({ store, logger, onCharged, reader, currentSinceMs: () => current, lostAfterMs: Date.now() - LATER_MS }); // prettier-ignore
}

/** What became of all calls: [call, reason, end after noon in s, billed seconds, price, kept as provisional]. */
async function outcome() {
  const cdrs = await store.listCdrs({ limit: 100 });
  const marks = await database.pool.query<{ call_id: string }>('SELECT call_id FROM tandem_billing.provisional_cdr'); // prettier-ignore
  const marked = new Set(marks.rows.map((row) => row.call_id));
  const balances = await store.balances(['demo']);
  const left = await database.pool.query<{ n: string }>(
    'SELECT (SELECT count(*) FROM tandem_billing.answered_call) + (SELECT count(*) FROM tandem_billing.partial_end) AS n',
  );
  const sums = await database.pool.query<{ sum: string | null }>(`SELECT sum(amount)::text AS sum FROM tandem_billing.ledger WHERE account = 'demo'`); // prettier-ignore
  const balance = formatMoney(balances[0]?.balance ?? 0n);
  assert.equal(
    Number(sums.rows[0]?.sum ?? 0),
    Number(balance),
    'the balance is the sum of the ledger',
  );
  return {
    cdrs: cdrs
      .map(({ callId, event, billedSeconds, price }) => [
        callId,
        event.termination?.reason,
        (event.endedMs - noonMs) / 1000,
        billedSeconds,
        formatMoney(price),
        marked.has(callId),
      ])
      .sort((one, other) => (String(one[0]) < String(other[0]) ? -1 : 1)),
    balance,
    left: Number(left.rows[0]?.n),
  };
}

/** A call of the minute after its answer at noon + 3 s. */
const normal = { cdrs: [['call-1', 'NormalClearing', 63, 60, '0.0123', false]], balance: '-0.0123', left: 0 }; // prettier-ignore
const partial = partialEvent('call-1', noonMs + 63_000);

test('BILL-04 an end without facts and its answer make one CDR, whichever comes first', async () => {
  const orders = [[[partial], [answeredEvent('call-1')]], [[answeredEvent('call-1')], [partial]], [[partial, answeredEvent('call-1')]], [[partial], [interimEvent('call-1', 1, noonMs + 30_000)], [partial]]]; // prettier-ignore
  for (const batches of orders) {
    await database.empty();
    for (const batch of batches) {
      await read(...batch);
      await closer().joinEnds();
    }
    assert.deepEqual(await outcome(), normal);
    // Everything once more changes nothing.
    for (const batch of batches) await read(...batch);
    await closer().joinEnds();
    assert.deepEqual(await outcome(), normal);
  }
});

test('BILL-04 an end that was told without facts first, and as a whole later, counts as of the first time', async () => {
  const whole = endedEvent('call-1', { endedMs: noonMs + 300_000 });
  const orders = [[[partial, whole]], [[partial], [whole]], [[answeredEvent('call-1'), partial, whole]], [[answeredEvent('call-1')], [partial], [whole], [partial]]]; // prettier-ignore
  for (const batches of orders) {
    await database.empty();
    for (const batch of batches) await read(...batch);
    assert.deepEqual(await outcome(), normal);
    await closer().look();
    assert.deepEqual(await outcome(), normal);
  }
  await database.empty();
  await read(partial);
  await database.pool.query(`UPDATE tandem_billing.partial_end SET at = to_timestamp(0)`);
  await closer().look();
  await read(whole);
  assert.deepEqual(await outcome(), normal);
});

test('BILL-09 a call of which nothing is heard any more is closed as lost at its last sign of life, once', async () => {
  await read(answeredEvent('call-1'), interimEvent('call-1', 1, noonMs + 5 * MINUTE + 3000));
  await Promise.all([closer().look(), closer().look()]);
  await closer().look();
  assert.deepEqual(await outcome(), { cdrs: [['call-1', 'Lost', 303, 300, '0.0615', true]], balance: '-0.0615', left: 0 }); // prettier-ignore
  assert.ok(told.includes('demo'));
});

test('BILL-09 the end of a call that was closed as lost replaces that CDR and charges the difference, once', async () => {
  await read(answeredEvent('call-1'), interimEvent('call-1', 1, noonMs + 5 * MINUTE + 3000));
  await closer().look();
  const end = endedEvent('call-1', { endedMs: noonMs + 63_000 });
  await read(end);
  assert.deepEqual(await outcome(), normal);
  await read(end, answeredEvent('call-1'), partial);
  await closer().look();
  assert.deepEqual(await outcome(), normal);
  const ledger = await database.pool.query(`SELECT reference, kind, amount::text FROM tandem_billing.ledger ORDER BY at DESC`); // prettier-ignore
  assert.deepEqual(ledger.rows, [
    { reference: 'call call-1', kind: 'call', amount: '-0.0615' },
    { reference: `revised call call-1 ${String(end.endedMs)}`, kind: 'adjustment', amount: '0.0492' },
  ]); // prettier-ignore
});

test('BILL-09 an end without facts replaces the CDR of a lost call too', async () => {
  await read(answeredEvent('call-1'));
  await closer().look();
  assert.deepEqual((await outcome()).cdrs, [['call-1', 'Lost', 3, 60, '0.0123', true]]);
  await read(partialEvent('call-1', noonMs + 123_000));
  await closer().look();
  assert.deepEqual(await outcome(), { cdrs: [['call-1', 'NormalClearing', 123, 120, '0.0246', false]], balance: '-0.0246', left: 0 }); // prettier-ignore
});

test('BILL-09 a lost call that is heard of again and is silent anew is billed to the later sign of life', async () => {
  await read(answeredEvent('call-1'));
  await closer().look();
  await read(interimEvent('call-1', 9, noonMs + 10 * MINUTE + 3000));
  await closer().look();
  await closer().look();
  assert.deepEqual(await outcome(), { cdrs: [['call-1', 'Lost', 603, 600, '0.123', true]], balance: '-0.123', left: 0 }); // prettier-ignore
});

test('BILL-09 an end whose answer never comes is kept uncharged and put aside; the late answer charges it', async () => {
  await read(partial);
  await closer().look();
  // It has not waited long enough.
  assert.deepEqual(await outcome(), { cdrs: [], balance: '0', left: 1 });
  await database.pool.query(`UPDATE tandem_billing.partial_end SET at = to_timestamp(0)`);
  await closer().look();
  assert.deepEqual(await outcome(), { cdrs: [['call-1', 'NormalClearing', 63, 0, '0', true]], balance: '0', left: 0 }); // prettier-ignore
  const dead = await database.pool.query('SELECT position, cause FROM tandem_billing.dead_event');
  assert.deepEqual(dead.rows, [{ position: 'event call-1.ended.1', cause: 'not charged: the answer of the call never came' }]); // prettier-ignore
  await read(answeredEvent('call-1'));
  await closer().look();
  assert.deepEqual(await outcome(), normal);
});

test('BILL-09 nothing is concluded from silence while a reader of the log is behind, or was not there for as long', async () => {
  await read(answeredEvent('call-1'));
  const open = { cdrs: [], balance: '0', left: 1 };
  await closer({ currentSinceMs: undefined }).look();
  assert.deepEqual(await outcome(), open);
  await closer({ currentSinceMs: LATER_MS + MINUTE }).look();
  assert.deepEqual(await outcome(), open);
  // Another process reads other partitions, and is behind.
  await closer({ reader: 'reader-2', currentSinceMs: undefined }).look();
  await closer().look();
  assert.deepEqual(await outcome(), open);
  await closer({ reader: 'reader-2' }).look();
  await closer().look();
  assert.deepEqual((await outcome()).cdrs.length, 1);
});

test('BILL-09 a call that shows life, or whose end waits for its facts, is not lost', async () => {
  await read(answeredEvent('call-1'), interimEvent('call-1', 1, LATER_MS + MINUTE));
  await closer().look();
  assert.deepEqual(await outcome(), { cdrs: [], balance: '0', left: 1 });
});

test('BILL-09 more calls than one look takes are all closed and all joined', async () => {
  const calls = Array.from({ length: 1203 }, (_, index) => `call-${String(index)}`);
  await read(...calls.map((callId) => answeredEvent(callId)));
  await read(...calls.slice(0, 601).map((callId) => partialEvent(callId, noonMs + 63_000)));
  await closer().look();
  const counts = await database.pool.query('SELECT reason, count(*)::int FROM tandem_billing.cdr GROUP BY 1 ORDER BY 1'); // prettier-ignore
  assert.deepEqual(counts.rows, [{ reason: 'Lost', count: 602 }, { reason: 'NormalClearing', count: 601 }]); // prettier-ignore
});

/** All that is ever told of three calls; the closer looks at any time, and often too early. */
const facts = [
  answeredEvent('call-1'), interimEvent('call-1', 1, noonMs + 43_000), partial,
  answeredEvent('call-2'), endedEvent('call-2', { endedMs: noonMs + 63_000 }), partialEvent('call-2', noonMs + 63_000),
  answeredEvent('call-3'), interimEvent('call-3', 1, noonMs + 600_000), endedEvent('call-3', { endedMs: noonMs + 700_000 }),
]; // prettier-ignore
const steps = fc
  .tuple(
    fc.shuffledSubarray(facts, { minLength: facts.length }),
    fc.array(fc.constantFrom(...facts), { maxLength: 6 }),
    fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 15, maxLength: 15 }),
  )
  .map(([all, again, looks]) => [...all, ...again].map((event, index) => ({ event, look: looks[index] ?? 0 }))); // prettier-ignore

test('BILL-09 whatever order events come in and whenever the closer looks, each call has one CDR by its own end', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (line) => {
      await database.empty();
      for (const { event, look } of line) {
        await read(event);
        await database.pool.query(`UPDATE tandem_billing.partial_end SET at = to_timestamp(0)`); // prettier-ignore
        if (look === 1) await closer().joinEnds();
        if (look === 2) await closer().look();
        if (look === 3) await Promise.all([closer().look(), closer().look(), read(event)]);
      }
      await closer().joinEnds();
      assert.deepEqual((await outcome()).cdrs, [
        ['call-1', 'NormalClearing', 63, 60, '0.0123', false],
        ['call-2', 'NormalClearing', 63, 60, '0.0123', false],
        ['call-3', 'NormalClearing', 700, 720, '0.1476', false],
      ]);
      assert.equal((await outcome()).balance, '-0.1722');
    }),
    { numRuns: 25 },
  );
});
