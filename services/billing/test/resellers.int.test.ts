import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { formatMoney, parseMoney } from '@tandem/domain';
import type { PaidCall } from '@tandem/limits';
import { Terms } from '@tandem/proto/billing';
import type { CallEvent } from '@tandem/proto/events';
import { silentLogger } from '@tandem/service';
import { createEventHandler } from '../src/api/event-handler.ts';
import { CallCloser } from '../src/call-closer.ts';
import { Reconciliation } from '../src/reconciliation.ts';
import { answeredEvent, endedEvent, noonMs, received, terms } from './support/call-events.ts';
import { openBillingStore } from './support/billing-store.ts';
import type { TestBillingStore } from './support/billing-store.ts';

const DAY = '2026-11-21';
const HOUR_MS = 3_600_000;
const logger = silentLogger();
const ACCOUNTS = ['demo', 'north', 'owner'];

const resoldTerms = Terms.encode(
  terms({
    pricePerMinute: '0.03',
    reserving: true,
    resellers: [
      terms({ account: 'north', pricePerMinute: '0.02', rateGroup: 'north', reserving: true }),
      terms({ account: 'owner', pricePerMinute: '0.01', rateGroup: 'owner' }),
    ],
  }),
).finish();

let database: TestBillingStore;
const told: PaidCall[] = [];

before(async () => {
  database = await openBillingStore();
});
beforeEach(async () => {
  await database.empty();
  told.length = 0;
  const openingBalance = parseMoney('1');
  await database.store.openAccounts(
    ACCOUNTS.map((account) => ({ account, currency: 'USD', openingBalance })),
  );
});
after(() => database.close());

const onCharged = (_balances: unknown, charged: readonly PaidCall[] = []): Promise<void> => {
  told.push(...charged);
  return Promise.resolve();
};

async function handle(...events: readonly CallEvent[]): Promise<void> {
  const handler = createEventHandler({ store: database.store, logger, onCharged });
  await handler.handle(events.map(received));
}

const resold = (callId: string, seconds: number): CallEvent =>
  endedEvent(callId, {
    customerTerms: resoldTerms,
    vendorTerms: Buffer.alloc(0),
    endedMs: endedEvent(callId).answeredMs + seconds * 1000,
  });

async function balances(): Promise<readonly string[]> {
  const found = await database.store.balances(ACCOUNTS);
  return ACCOUNTS.map((name) =>
    formatMoney(found.find(({ account }) => account === name)?.balance ?? 0n),
  );
}

async function differences(): Promise<readonly string[]> {
  const reconciliation = new Reconciliation({
    store: database.store.reconciliation,
    log: { read: () => Promise.resolve() },
    logger,
    now: () => noonMs + 14 * HOUR_MS,
  });
  const report = await reconciliation.reconcile(DAY);
  return report.differences.map(({ expected, found, kind, subject }) => `${kind} ${subject}: ${expected}, ${found}`); // prettier-ignore
}

test('BILL-01 BILL-03 a call is charged once to its account and to each reseller above it, whatever comes twice', async () => {
  await handle(resold('c1', 61), resold('c1', 61));
  await handle(resold('c1', 61));
  assert.deepEqual(await balances(), ['0.94', '0.96', '0.98']);
  const [cdr] = await database.store.findCdrs('c1');
  assert.deepEqual(
    cdr?.levels.map(({ account, price, billedSeconds }) => [account, formatMoney(price), billedSeconds]), // prettier-ignore
    [
      ['north', '0.04', 120],
      ['owner', '0.02', 120],
    ],
  );
  // Whose money was reserved is free of it.
  assert.deepEqual([...new Set(told.map(({ account }) => account))].sort(), ['demo', 'north']);
  const listed = await database.store.listCdrs({ account: 'owner', limit: 10 });
  assert.deepEqual(
    listed.map(({ callId }) => callId),
    ['c1'],
  );
  const statement = await database.store.statement({ account: 'owner', limit: 10 });
  assert.ok(statement?.lines.some(({ kind, amount }) => kind === 'calls' && amount === -parseMoney('0.02'))); // prettier-ignore
  assert.deepEqual(await differences(), []);
});

test('BILL-09 a call that ended otherwise than the closer thought is put right at each level', async () => {
  await handle(answeredEvent('lost', { customerTerms: resoldTerms }));
  const lostAfterMs = (await database.store.openCalls.report('r', noonMs)).nowMs - noonMs - HOUR_MS;
  const { store } = database;
  await new CallCloser({ store, logger, onCharged, reader: 'r', currentSinceMs: () => noonMs, lostAfterMs }).look(); // prettier-ignore
  assert.deepEqual(await balances(), ['0.97', '0.98', '0.99']);
  await handle(resold('lost', 121));
  assert.deepEqual(await balances(), ['0.91', '0.94', '0.97']);
  assert.deepEqual(await differences(), []);
});

test('BILL-09 what a reseller was not charged is named', async () => {
  await handle(resold('c1', 10));
  await database.pool.query(`UPDATE tandem_billing.cdr SET levels = jsonb_set(levels, '{1,price}', '"0.5"')`); // prettier-ignore
  assert.deepEqual(await differences(), ['charge call c1 of owner: 0.5, 0.01']);
});
