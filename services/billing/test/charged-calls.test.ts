import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeCallEvent } from '@tandem/events';
import { memoryLimits } from '@tandem/limits';
import { parseMoney } from '@tandem/domain';
import { silentLogger } from '@tandem/service';
import { Terms } from '@tandem/proto/billing';
import { LiveBalanceFeed } from '../src/live-balance-feed.ts';
import { storeBatch } from '../src/store-batch.ts';
import { sortBatch } from '../src/core/cdr-batch.ts';
import { answeredEvent, endedEvent, noonMs, received, terms } from './support/call-events.ts';
import { fakeBillingStore } from './support/fake-billing-store.ts';

const customerTerms = Terms.encode(terms({ reserving: true })).finish();
const price = parseMoney('0.0123');

async function setUp() {
  const fake = fakeBillingStore();
  const clock = { nowMs: noonMs + 13_000 };
  const opening = { account: 'demo', currency: 'USD', openingBalance: parseMoney('1') };
  await fake.store.openAccounts([opening]);
  const limits = memoryLimits({ now: () => clock.nowMs });
  const live = { current: limits.balances };
  const feed = new LiveBalanceFeed({
    store: fake.store,
    live: new Proxy(limits.balances, { get: (_, name) => bound(live.current, name) }),
    logger: silentLogger(),
    now: () => clock.nowMs,
  });
  await feed.check();
  const end = (callId: string) => endedEvent(callId, { customerTerms });
  const store = (callId: string, onCharged = feed.tell.bind(feed)) =>
    storeBatch(sortBatch([received(end(callId))]), { store: fake.store, onCharged });
  const empty = () => {
    live.current = memoryLimits({ now: () => clock.nowMs }).balances;
  };
  const seen = async () => {
    const [reserved] = await live.current.reserved(['demo']);
    return { balance: (await live.current.get(['demo'])).get('demo'), reserved: reserved?.total };
  };
  return { ...fake, clock, feed, live, store, empty, seen };
}

function bound(of: object, name: string | symbol): unknown {
  const value: unknown = Reflect.get(of, name);
  return typeof value === 'function' ? (value.bind(of) as unknown) : value;
}

test('BILL-05 the charge takes the place of what the call has reserved, in one step', async () => {
  const { live, store, seen } = await setUp();
  await live.current.stand([{ account: 'demo', callId: 'c1', amount: price }]);
  await store('c1');
  assert.deepEqual(await seen(), { balance: parseMoney('0.9877'), reserved: 0n });
});

test('BILL-05 billing dies between its commit and telling: the next check finds what was charged, and frees it then alone', async () => {
  const { clock, feed, live, store, seen } = await setUp();
  for (const callId of ['c1', 'c2']) {
    await live.current.stand([{ account: 'demo', callId, amount: price }]);
  }
  await store('c1', () => Promise.resolve());
  await feed.check();
  assert.equal((await seen()).reserved, 2n * price);
  clock.nowMs += 3000;
  await feed.check();
  assert.deepEqual(await seen(), { balance: parseMoney('0.9877'), reserved: price });
});

test('BILL-05 Redis emptied: what calls that go on have cost is reserved again before the balances are there, and grows', async () => {
  const { clock, empty, feed, goingOn, seen } = await setUp();
  goingOn.set('c1', encodeCallEvent(answeredEvent('c1', { customerTerms })));
  goingOn.set('postpaid', encodeCallEvent(answeredEvent('postpaid')));
  empty();
  await feed.check();
  assert.deepEqual(await seen(), { balance: parseMoney('1'), reserved: price });
  clock.nowMs += 45_000;
  await feed.check();
  // 55 s, and 10 s ahead.
  assert.equal((await seen()).reserved, 2n * price);
});

test('BILL-05 an answer that was still on its way when Redis was emptied is reserved by a later check', async () => {
  const { empty, feed, goingOn, seen } = await setUp();
  empty();
  await feed.check();
  goingOn.set('c1', encodeCallEvent(answeredEvent('c1', { customerTerms })));
  await feed.check();
  assert.equal((await seen()).reserved, price);
});
