import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LiveBalances } from '@tandem/limits';
import { memoryLimits } from '@tandem/limits';
import { silentLogger } from '@tandem/service';
import { LiveBalanceFeed } from '../src/live-balance-feed.ts';
import { fakeBillingStore } from './support/fake-billing-store.ts';

async function setUp() {
  const fake = fakeBillingStore();
  await fake.store.openAccounts([
    { account: 'demo', currency: 'USD', openingBalance: 5n },
    { account: 'other', currency: 'USD', openingBalance: 0n },
  ]);
  const live = { current: memoryLimits().balances, isAway: false };
  const reach = <T>(work: () => Promise<T>): Promise<T> =>
    live.isAway ? Promise.reject(new Error('Redis is away')) : work();
  const balances: LiveBalances = {
    set: (values) => reach(() => live.current.set(values)),
    put: (...told) => reach(() => live.current.put(...told)),
    get: (accounts) => reach(() => live.current.get(accounts)),
    reserved: (accounts) => reach(() => live.current.reserved(accounts)),
    uncharged: (...asked) => reach(() => live.current.uncharged(...asked)),
    stand: (calls) => reach(() => live.current.stand(calls)),
  };
  const feed = new LiveBalanceFeed({ store: fake.store, live: balances, logger: silentLogger() });
  const read = async () => Object.fromEntries(await live.current.get(['demo', 'other']));
  return { ...fake, live, feed, read };
}

test('BILL-05 at the start all balances of the ledger are told', async () => {
  const { feed, read } = await setUp();
  await feed.start();
  assert.deepEqual(await read(), { demo: 5n, other: 0n });
  await feed.stop();
});

test('BILL-05 an emptied live store is filled again from the ledger by the next check', async () => {
  const { feed, live, read } = await setUp();
  await feed.check();
  live.current = memoryLimits().balances;
  assert.deepEqual(await read(), {});
  await feed.check();
  assert.deepEqual(await read(), { demo: 5n, other: 0n });
});

test('BILL-05 a balance that was lost in a failover is put right by the next check', async () => {
  const { feed, live, read } = await setUp();
  await feed.check();
  await live.current.set(new Map([['demo', 1n]]));
  live.current = await copyOf(live.current, ['demo', 'other']);
  await feed.check();
  assert.deepEqual(await read(), { demo: 5n, other: 0n });
});

test('BILL-05 a balance that could not be told is made good from the ledger', async () => {
  const { feed, live, read, store } = await setUp();
  await feed.check();
  live.isAway = true;
  const payment = {
    account: 'demo',
    amount: 2n,
    reference: 'r',
    note: '',
    kind: 'payment',
    bookedBy: '',
  } as const;
  const booked = await store.bookPayment(payment);
  assert.ok(booked);
  await feed.tell([booked.balance]);
  await feed.check();
  assert.deepEqual(await read(), { demo: 5n, other: 0n });
  live.isAway = false;
  await feed.check();
  assert.deepEqual(await read(), { demo: 7n, other: 0n });
});

test('BILL-05 with the ledger away the last balances stay', async () => {
  const { feed, read, state } = await setUp();
  await feed.check();
  state.isAway = true;
  await feed.check();
  assert.deepEqual(await read(), { demo: 5n, other: 0n });
});

test('BILL-05 an older balance that is told late does not replace a newer one', async () => {
  const { feed, read } = await setUp();
  await feed.tell([{ account: 'demo', balance: 3n, version: 9 }]);
  await feed.tell([{ account: 'demo', balance: 4n, version: 8 }]);
  assert.deepEqual(await read(), { demo: 3n });
});

/** The same balances as an older version. */
async function copyOf(balances: LiveBalances, accounts: readonly string[]): Promise<LiveBalances> {
  const copy = memoryLimits().balances;
  const found = await balances.get(accounts);
  await copy.put([...found].map(([account, balance]) => ({ account, balance, version: 0 })));
  return copy;
}
