import assert from 'node:assert/strict';
import { after, beforeEach, describe, test } from 'node:test';
import { configurationSchema, snapshotOf } from '@tandem/config';
import { charge, formatMoney, readTariff } from '@tandem/domain';
import { Terms } from '@tandem/proto/billing';
import { silentLogger } from '@tandem/service';
import { createEventHandler } from '../../src/api/event-handler.ts';
import { createBillingHandlers } from '../../src/api/grpc-handlers.ts';
import type { NewRerating } from '../../src/rerating-ports.ts';
import { openBillingStore } from '../support/billing-store.ts';
import { endedEvent, received, terms } from '../support/call-events.ts';
import { DAY_MS, HOUR_MS, idOf, march, priceOf, reratingBench, secondsOf } from '../support/rerating-bench.ts'; // prettier-ignore

const ACCOUNTS = ['demo', 'north', 'owner'];
const CALLS = 30;

const request: NewRerating = {
  fromMs: march,
  untilMs: march + 4 * DAY_MS,
  accounts: ['north'],
  version: 1,
  held: [],
  note: 'wholesale was wrong',
  createdBy: 'test',
  reverses: undefined,
};

/** What is right: as was charged, but by the second, with a fee, and by other prices. */
const right = { demo: '0.035', north: '0.015', owner: '0.012' };

function snapshot(prices: Readonly<Record<string, string>> = right) {
  const rateGroups = ACCOUNTS.map((name) => ({
    name,
    currency: 'USD',
    rates: prices[name] === undefined ? [] : [{ prefix: '44', pricePerMinute: prices[name], firstIncrement: 1, nextIncrement: 1, connectionFee: '0.001' }],
  })); // prettier-ignore
  const accounts = [
    { name: 'demo', rateGroup: 'demo', parent: 'north' },
    { name: 'north', rateGroup: 'north', parent: 'owner' },
    { name: 'owner', rateGroup: 'owner' },
  ];
  return snapshotOf(1, configurationSchema.parse({ rateGroups, accounts }));
}

const database = await openBillingStore();
const { agrees, applied, appliedByDying, balances, book, found, previewed, store } = reratingBench({ database, request, rates: () => snapshot() }); // prettier-ignore

describe('re-ratings of resellers', () => {
  beforeEach(async () => {
    await database.empty();
    await database.store.openAccounts(ACCOUNTS.map((account) => ({ account, currency: 'USD', openingBalance: 0n }))); // prettier-ignore
  });
  after(() => database.close());

  const charged = { demo: '0.03', north: '0.02', owner: '0.01' };
  /** What an account owes for all calls, as they were charged, or by the right rates. */
  const wasOwed = (account: keyof typeof right): string => formatMoney(-priceOf(CALLS, charged[account], '0', 60)); // prettier-ignore
  const isOwed = (account: keyof typeof right): string => formatMoney(-priceOf(CALLS, right[account])); // prettier-ignore
  const was = { demo: wasOwed('demo'), north: wasOwed('north'), owner: wasOwed('owner') };

  /** Calls over some days: of demo, that north owes to owner, and owner to the switch; or of north itself. */
  async function talk(caller: 'demo' | 'north' = 'demo', id = idOf): Promise<void> {
    const handler = createEventHandler({ store: database.store, logger: silentLogger(), onCharged: () => Promise.resolve() }); // prettier-ignore
    const above = caller === 'demo' ? (['north', 'owner'] as const) : (['owner'] as const);
    const resellers = above.map((account) => terms({ account, rateGroup: account, pricePerMinute: charged[account] })); // prettier-ignore
    const customerTerms = Buffer.from(Terms.encode(terms({ account: caller, pricePerMinute: charged[caller], resellers })).finish()); // prettier-ignore
    const events = Array.from({ length: CALLS }, (_, index) => {
      const startedMs = march + Math.floor(index / 3) * 3 * HOUR_MS;
      const answeredMs = startedMs + 1000;
      const times = { startedMs, ringingMs: startedMs, answeredMs, endedMs: answeredMs + secondsOf(index) * 1000 }; // prettier-ignore
      return received(endedEvent(id(index), { ...times, customerTerms, vendorTerms: Buffer.alloc(0) })); // prettier-ignore
    });
    await handler.handle(events);
  }

  test('BILL-06 BILL-01 a reseller alone is rated once more: what accounts above and below it owe stays', async () => {
    await talk();
    const { id, lines, sums } = await previewed();
    const told = sums.map(({ after: would, before: stands, calls, side }) => [side, calls, formatMoney(-stands), formatMoney(-would)]); // prettier-ignore
    assert.deepEqual(told, [['level', CALLS, was.north, isOwed('north')]]);
    assert.deepEqual(await balances(), was);
    assert.ok(await store.apply(id, 'boss'));
    await book(id);
    assert.deepEqual(await balances(), { ...was, north: isOwed('north') });
    const { rows } = await database.pool.query(`SELECT DISTINCT account, kind, reference ~ '^rerated level call-\\d+ \\d+$' AS refers FROM tandem_billing.ledger WHERE rerating = $1`, [id]); // prettier-ignore
    assert.deepEqual(rows, [{ account: 'north', kind: 'adjustment', refers: true }]);
    assert.equal((await found(id)).applied[0]?.entries, lines);
    // Analysis counts calls by the account that calls: nothing of its price has moved.
    const sumsOfCalls = await database.pool.query<{ readonly price: string }>('SELECT trim_scale(sum(price)) AS price FROM tandem_billing.traffic_hour'); // prettier-ignore
    assert.equal(sumsOfCalls.rows[0]?.price, was.demo.slice(1));
    await agrees();
    assert.equal((await previewed()).lines, 0);
  });

  test('BILL-06 BILL-01 the CDR keeps the level as it was charged, and tells what it is now, with the margins', async () => {
    await talk();
    const { id } = await applied({ accounts: ['north'] });
    const handlers = createBillingHandlers({ store: database.store, onCharged: () => Promise.resolve(), groupLag: () => Promise.resolve(0) }); // prettier-ignore
    const [cdr] = (await handlers.getCdr({ callId: idOf(1) })).cdrs;
    const owed = (price: string, isRight: boolean): bigint =>
      charge(readTariff({ pricePerMinute: price, connectionFee: isRight ? '0.001' : '0', firstIncrementSeconds: isRight ? 1 : 60, nextIncrementSeconds: isRight ? 1 : 60, freeSeconds: 0 }), secondsOf(1)).price; // prettier-ignore
    const [demo, north, owner] = [owed('0.03', false), owed('0.02', false), owed('0.01', false)];
    const northNow = owed('0.015', true);
    assert.deepEqual(
      cdr?.levels.map((level) => [level.price, level.margin, level.currentPrice, level.currentMargin]),
      [
        [north, demo - north, northNow, demo - northNow].map(formatMoney),
        [owner, north - owner, owner, northNow - owner].map(formatMoney),
      ],
    ); // prettier-ignore
    assert.equal(cdr.currentPrice, formatMoney(demo));
    assert.deepEqual(cdr.corrections.map(({ account, rerating, side }) => [rerating, side, account]), [[id, 'level', 'north']]); // prettier-ignore
  });

  test('BILL-06 BILL-01 BILL-09 the account that calls and a reseller two levels above are rated once more by processes that die at any place, and all of it is taken back', async () => {
    await talk();
    const { deaths, id } = await appliedByDying({ accounts: ['demo', 'owner'] });
    assert.ok(deaths > 20, `${String(deaths)} have died`);
    assert.deepEqual(await balances(), { demo: isOwed('demo'), north: was.north, owner: isOwed('owner') }); // prettier-ignore
    const { applied: booked, lines } = await found(id);
    assert.equal(booked.reduce((sum, { entries }) => sum + entries, 0), lines); // prettier-ignore
    await agrees();
    await appliedByDying({ reverses: id });
    assert.deepEqual(await balances(), was);
    await agrees();
  });

  test('BILL-06 BILL-01 a reseller that calls itself, too, is rated once more as both, and each is corrected by its own entries', async () => {
    await talk();
    await talk('north', (index) => `own-${idOf(index)}`);
    const { id, sums } = await applied({ accounts: ['north'] });
    const owed = -2n * priceOf(CALLS, '0.015');
    assert.deepEqual(sums.map(({ calls, side }) => [side, calls]), [['call', CALLS], ['level', CALLS]]); // prettier-ignore
    assert.equal((await balances())['north'], formatMoney(owed));
    // The sums of calls have what its own calls cost now, and what demo pays as before.
    const { rows } = await database.pool.query<{ readonly price: string }>(`SELECT trim_scale(sum(price)) AS price FROM tandem_billing.traffic_hour WHERE customer = 'north'`); // prettier-ignore
    assert.equal(rows[0]?.price, formatMoney(-owed / 2n));
    await agrees();
    await applied({ reverses: id });
    assert.equal((await balances())['north'], formatMoney(-2n * priceOf(CALLS, '0.02', '0', 60)));
    await agrees();
  });

  test('BILL-06 of re-ratings of a reseller that overlap the second one books what the first has left', async () => {
    await talk();
    const first = await previewed();
    const second = await previewed({}, snapshot({ north: '0.05' }));
    for (const { id } of [first, second]) {
      assert.ok(await store.apply(id, 'boss'));
      await book(id);
    }
    assert.deepEqual(await balances(), { ...was, north: formatMoney(-priceOf(CALLS, '0.05')) });
    await agrees();
  });

  test('BILL-06 calls that find no rate of the reseller keep its price, and are named with it', async () => {
    await talk();
    const { id, sums } = await previewed({ accounts: ['north', 'owner'] }, snapshot({ owner: right.owner })); // prettier-ignore
    assert.deepEqual(sums.map(({ account, side, unrated }) => [account, side, unrated]), [['north', 'level', CALLS], ['owner', 'level', 0]]); // prettier-ignore
    const [line] = await store.lines({ rerating: id, isUnrated: true, after: 0, limit: 1 });
    assert.deepEqual([line?.account, line?.side, line?.why], ['north', 'level', 'no rate for 442079460000 in rate group north']); // prettier-ignore
    assert.ok(await store.apply(id, 'boss'));
    await book(id);
    assert.deepEqual(await balances(), { ...was, owner: isOwed('owner') });
  });

  test('BILL-06 a statement of the reseller has what was corrected, of the day of the calls', async () => {
    await talk();
    await applied();
    const statement = await database.store.statement({ account: 'north', limit: 100 });
    const sumOf = (kind: string): bigint => (statement?.lines ?? []).filter((line) => line.kind === kind).reduce((sum, { amount }) => sum + amount, 0n); // prettier-ignore
    assert.equal(formatMoney(sumOf('calls')), was.north);
    assert.equal(sumOf('calls') + sumOf('adjustments'), -priceOf(CALLS, right.north));
  });
});
