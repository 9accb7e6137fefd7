import assert from 'node:assert/strict';
import { after, beforeEach, describe, test } from 'node:test';
import { configurationSchema, snapshotOf } from '@tandem/config';
import { charge, formatMoney, readTariff } from '@tandem/domain';
import { Terms } from '@tandem/proto/billing';
import { silentLogger } from '@tandem/service';
import { pgInvoices } from '../../src/adapters/pg-invoices.ts';
import { createEventHandler } from '../../src/api/event-handler.ts';
import type { NewRerating } from '../../src/rerating-ports.ts';
import { openBillingStore } from '../support/billing-store.ts';
import { endedEvent, received, terms } from '../support/call-events.ts';
import {
  DAY_MS,
  HOUR_MS,
  idOf,
  march,
  priceOf,
  reratingBench,
  secondsOf,
} from '../support/rerating-bench.ts';

const april = Date.UTC(2026, 3, 1);

const request: NewRerating = {
  fromMs: march,
  untilMs: march + 4 * DAY_MS,
  accounts: ['demo', 'carrier'],
  version: 1,
  held: [],
  note: 'late sheet',
  createdBy: 'test',
  reverses: undefined,
};

const sheet = (price: string) => ({ prefix: '44', pricePerMinute: price, firstIncrement: 1, nextIncrement: 1, connectionFee: '0.001' }); // prettier-ignore

function snapshot(customerRates: readonly object[] = [sheet('0.03')], vendorPrice = '0.011') {
  const document = {
    rateGroups: [
      { name: 'standard', currency: 'USD', rates: customerRates },
      { name: 'vendor', currency: 'USD', rates: [sheet(vendorPrice)] },
    ],
    accounts: [
      { name: 'demo', rateGroup: 'standard' },
      { name: 'carrier', type: 'vendor', rateGroup: 'vendor' },
    ],
    routingGateways: [{ name: 'carrier-a', account: 'carrier', prefixes: [''], addresses: ['192.0.2.1:5060'] }],
  }; // prettier-ignore
  return snapshotOf(1, configurationSchema.parse(document));
}

const database = await openBillingStore();
const { agrees, applied, appliedByDying, balances, book, found, previewed, store } = reratingBench({ database, request, rates: () => snapshot() }); // prettier-ignore

describe('re-ratings', () => {
  beforeEach(async () => {
    await database.empty();
    await database.store.openAccounts(
      ['demo', 'carrier'].map((account) => ({ account, currency: 'USD', openingBalance: 0n })),
    );
  });
  after(() => database.close());

  /** Calls over three days, some of them at the same moment. @param hasVendor otherwise its vendor had no rate then */
  async function talk(
    count: number,
    hasVendor: (index: number) => boolean = () => true,
  ): Promise<void> {
    const handler = createEventHandler({ store: database.store, logger: silentLogger(), onCharged: () => Promise.resolve() }); // prettier-ignore
    const customerTerms = Buffer.from(Terms.encode(terms()).finish());
    const vendorTerms = Buffer.from(Terms.encode(terms({ account: 'carrier', pricePerMinute: '0.01' })).finish()); // prettier-ignore
    const events = Array.from({ length: count }, (_, index) => {
      const startedMs = march + Math.floor(index / 3) * 3 * HOUR_MS;
      const answeredMs = startedMs + 1000;
      const times = { startedMs, ringingMs: startedMs, answeredMs, endedMs: answeredMs + secondsOf(index) * 1000 }; // prettier-ignore
      return received(endedEvent(idOf(index), { ...times, customerTerms, vendorTerms: hasVendor(index) ? vendorTerms : Buffer.alloc(0) })); // prettier-ignore
    });
    await handler.handle(events);
  }

  test('BILL-06 a re-rating books what calls cost less or more, for each call once, and edits nothing', async () => {
    await talk(40);
    const { id, dearest, lines, state, sums } = await previewed();
    assert.equal(state, 'ready');
    const [cost, price] = [...sums].sort((one, other) => (one.side < other.side ? 1 : -1));
    assert.deepEqual([price?.account, price?.calls, price?.before, price?.after], ['demo', 40, priceOf(40, '0.0123', '0', 60), priceOf(40, '0.03')]); // prettier-ignore
    assert.deepEqual([cost?.account, cost?.calls, cost?.before, cost?.after], ['carrier', 40, priceOf(40, '0.01', '0', 60), priceOf(40, '0.011')]); // prettier-ignore
    assert.equal(dearest.length, 20);
    assert.equal(lines, (price?.differing ?? 0) + (cost?.differing ?? 0));
    // Nothing is booked before somebody applies it.
    assert.equal((await balances())['demo'], formatMoney(-priceOf(40, '0.0123', '0', 60)));
    assert.equal(await store.claim(0), undefined);
    assert.ok(await store.apply(id, 'boss'));
    await book(id);
    assert.deepEqual(await balances(), { demo: formatMoney(-priceOf(40, '0.03')), carrier: formatMoney(-priceOf(40, '0.011')) }); // prettier-ignore
    const [cdr] = await database.store.findCdrs(idOf(1));
    assert.ok(cdr);
    assert.equal(cdr.price, charge(readTariff(terms()), secondsOf(1)).price);
    assert.deepEqual(cdr.corrections?.map(({ appliedBy, rerating, side }) => [rerating, side, appliedBy]), [[id, 'call', 'boss'], [id, 'cost', 'boss']]); // prettier-ignore
    const { rows } = await database.pool.query<{ readonly price: string }>('SELECT trim_scale(sum(price)) AS price FROM tandem_billing.destination_day'); // prettier-ignore
    assert.equal(rows[0]?.price, formatMoney(priceOf(40, '0.03')));
    await agrees();
    assert.equal(await store.apply(id, 'boss'), false);
    // By the same rates nothing differs any more.
    assert.equal((await previewed()).lines, 0);
  });

  test('BILL-06 of re-ratings that overlap the second one begins with what the first has left', async () => {
    await talk(30);
    const first = await previewed();
    const second = await previewed({}, snapshot([sheet('0.05')], '0.02'));
    for (const { id } of [first, second]) {
      assert.ok(await store.apply(id, 'boss'));
      await book(id);
    }
    assert.deepEqual(await balances(), { demo: formatMoney(-priceOf(30, '0.05')), carrier: formatMoney(-priceOf(30, '0.02')) }); // prettier-ignore
    await agrees();
  });

  test('BILL-06 calls that find no rate keep their price, and are named', async () => {
    await talk(10);
    const { id, sums } = await previewed({ accounts: ['demo'] }, snapshot([{ prefix: '49', pricePerMinute: '1' }])); // prettier-ignore
    assert.deepEqual(sums.map((sum) => [sum.after - sum.before, sum.unrated]), [[0n, 10]]); // prettier-ignore
    const lines = await store.lines({ rerating: id, isUnrated: true, after: 0, limit: 100 });
    assert.equal(lines.length, 10);
    assert.equal(lines[0]?.why, 'no rate for 442079460000 in rate group standard');
    assert.ok(await store.apply(id, 'boss'));
    await book(id);
    assert.equal((await balances())['demo'], formatMoney(-priceOf(10, '0.0123', '0', 60)));
  });

  test('BILL-06 calls over a gateway whose vendor had no rate then are rated by a late sheet', async () => {
    await talk(9, () => false);
    await applied({ accounts: ['carrier'] });
    assert.equal((await balances())['carrier'], formatMoney(-priceOf(9, '0.011')));
    await agrees();
  });

  test('BILL-06 what a re-rating has booked is taken back by another one, once', async () => {
    await talk(30);
    const was = await balances();
    const { id } = await applied();
    const reversal = await applied({ reverses: id });
    assert.deepEqual(await balances(), was);
    assert.equal((await found(id)).reversedBy, reversal.id);
    assert.equal(await store.create({ ...request, reverses: id }), undefined);
    await agrees();
  });

  test('BILL-06 a CDR that was replaced after the preview is left out, and counted', async () => {
    await talk(6);
    const { id } = await previewed({ accounts: ['demo'] });
    await database.pool.query(`UPDATE tandem_billing.cdr SET number = number + 1000 WHERE call_id = $1`, [idOf(2)]); // prettier-ignore
    assert.ok(await store.apply(id, 'boss'));
    await book(id);
    const { applied: sums, skipped } = await found(id);
    assert.deepEqual([skipped, sums[0]?.entries], [1, 5]);
    await agrees();
  });

  test('BILL-06 a re-rating that is cancelled books nothing, and one that is applied is not cancelled', async () => {
    await talk(6);
    const { id } = await previewed();
    assert.ok(await store.cancel(id));
    assert.equal(await store.apply(id, 'boss'), false);
    const other = await applied();
    assert.equal(await store.cancel(other.id), false);
  });

  test('BILL-06 BILL-09 processes that die at any place of preview and booking, and are followed by others, double nothing', async () => {
    await talk(60);
    const { deaths, id } = await appliedByDying();
    assert.ok(deaths > 20, `${String(deaths)} have died`);
    const { lines, sums } = await found(id);
    assert.deepEqual(sums.map(({ calls }) => calls), [60, 60]); // prettier-ignore
    const count = await database.pool.query('SELECT FROM tandem_billing.rerating_line');
    assert.equal(count.rows.length, lines);
    assert.deepEqual(await balances(), { demo: formatMoney(-priceOf(60, '0.03')), carrier: formatMoney(-priceOf(60, '0.011')) }); // prettier-ignore
    await agrees();
  });

  test('BILL-06 what is booked for a period that was invoiced is on the next invoice, as an adjustment', async () => {
    await talk(20);
    const party = { legalName: 'A', address: [], country: 'GB', taxNumber: '' };
    const invoices = pgInvoices(database.pool);
    const invoice = async (untilMs: number) => {
      const drafted = await invoices.draft({
        account: 'demo',
        issuer: 'acme',
        timeZone: 'UTC',
        fromMs: undefined,
        firstFromMs: march,
        untilMs,
        terms: { seller: party, buyer: party, taxes: [], isTaxIncluded: true, series: 'INV-', creditSeries: 'CN-', issuerTimeZone: 'UTC', dueDays: 14, footer: [] },
        createdBy: 'test',
        isScheduled: false,
        isAutomatic: false,
      }); // prettier-ignore
      assert.equal(drafted.kind, 'drafted');
      await invoices.prepareNext();
      const issued = await invoices.issue(drafted.invoice.id, 'test', untilMs);
      assert.equal(issued.kind, 'issued');
      return issued.invoice;
    };
    assert.equal((await invoice(april)).charges, priceOf(20, '0.0123', '0', 60));
    await applied({ accounts: ['demo'] });
    const next = await invoice(april + 30 * DAY_MS);
    assert.equal(next.charges, priceOf(20, '0.03') - priceOf(20, '0.0123', '0', 60));
    const lines = (await invoices.get(next.id))?.lines ?? [];
    assert.deepEqual([...new Set(lines.map(({ kind }) => kind))], ['adjustments']);
  });
});
