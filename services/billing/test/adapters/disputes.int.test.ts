import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { parseMoney } from '@tandem/domain';
import { Terms } from '@tandem/proto/billing';
import { silentLogger } from '@tandem/service';
import { pgDisputes } from '../../src/adapters/pg-disputes.ts';
import { createEventHandler } from '../../src/api/event-handler.ts';
import type { DisputeStore, NewDispute, ToldCall } from '../../src/dispute-ports.ts';
import { endedEvent, received, terms } from '../support/call-events.ts';
import { openBillingStore } from '../support/billing-store.ts';
import type { TestBillingStore } from '../support/billing-store.ts';

const dayMs = Date.UTC(2026, 2, 1);

const request: NewDispute = {
  account: 'carrier',
  side: 'vendor',
  fromMs: dayMs,
  untilMs: dayMs + 86_400_000,
  file: 'carrier.csv',
  mapping: '{}',
  createdBy: 'test',
  tolerances: {
    timeMs: 5000,
    durationMs: 500,
    price: '0',
    digits: 0,
    theirPrefix: '99',
    ourPrefix: '',
    callers: false,
    unanswered: false,
    startTimes: false,
  },
};

describe('disputes', () => {
  let database: TestBillingStore;
  let disputes: DisputeStore;

  before(async () => {
    database = await openBillingStore();
    disputes = pgDisputes(database.pool);
  });
  beforeEach(async () => {
    await database.empty();
    await database.store.openAccounts([{ account: 'carrier', currency: 'USD', openingBalance: 0n }]); // prettier-ignore
  });
  after(async () => {
    await database.close();
  });

  /** A call of 10 s over the carrier at 0.01 a minute. */
  async function call(callId: string, atMs: number, resellers: Terms[] = []): Promise<void> {
    const encoded = Terms.encode(terms({ account: 'carrier', pricePerMinute: '0.01' })).finish();
    const times = { startedMs: atMs - 2000, ringingMs: atMs, answeredMs: atMs, endedMs: atMs + 10_000 }; // prettier-ignore
    const onCharged = () => Promise.resolve();
    const handler = createEventHandler({
      store: database.store,
      logger: silentLogger(),
      onCharged,
    });
    await handler.handle([received(endedEvent(callId, { ...times, customerTerms: Buffer.from(Terms.encode(terms({ resellers })).finish()), vendorTerms: Buffer.from(encoded) }))]); // prettier-ignore
  }

  const theirs = (line: number, startMs: number, changes: Partial<ToldCall> = {}): ToldCall => ({
    line,
    startMs,
    id: `their-${String(line)}`,
    caller: '',
    callee: '99442079460000',
    durationMs: 10_000,
    price: parseMoney('0.01'),
    ...changes,
  });

  async function compared(calls: readonly ToldCall[], changes: Partial<NewDispute> = {}) {
    const created = await disputes.create({ ...request, ...changes });
    assert.ok(created);
    // A first attempt that broke off leaves nothing.
    assert.ok(await disputes.add(created.id, 'first', [theirs(99, dayMs)]));
    assert.ok(await disputes.add(created.id, 'second', calls));
    assert.equal(await disputes.close(created.id, 'second', calls.length), calls.length);
    assert.equal(await disputes.add(created.id, 'third', calls), false);
    return created.id;
  }

  test('BILL-06 another side’s CDRs are matched with ours, and what differs is listed and summed', async () => {
    for (const [index, id] of ['a', 'b', 'c', 'd'].entries()) await call(id, dayMs + index * 60_000); // prettier-ignore
    const id = await compared([
      theirs(2, dayMs + 4000),
      theirs(3, dayMs + 60_000, { durationMs: 12_000 }),
      theirs(4, dayMs + 120_000, { durationMs: 70_000, price: parseMoney('0.02') }),
      theirs(5, dayMs + 7_200_000),
      // Of another day.
      theirs(6, dayMs - 3_600_000),
    ]);
    const done = await disputes.compareNext();
    assert.equal(done?.state, 'done');
    const { sums } = done;
    assert.ok(sums);
    assert.deepEqual(
      [sums.matched, sums.durationDiffers, sums.priceDiffers, sums.onlyOurs.calls, sums.onlyTheirs.calls], // prettier-ignore
      [3, 2, 1, 1, 1],
    );
    assert.equal(sums.durationMs, 62_000);
    assert.equal(sums.price, parseMoney('0.01'));
    const all = await disputes.differences({ dispute: id, kinds: [], after: 0, limit: 10 });
    assert.deepEqual(
      all.map(({ kind, ours, theirs: other }) => [kind, ours?.id, other?.line]),
      [
        ['duration', 'b', 3],
        ['both', 'c', 4],
        ['only-ours', 'd', undefined],
        ['only-theirs', undefined, 5],
      ],
    );
    const { rows } = await database.pool.query('SELECT FROM tandem_billing.dispute_call');
    assert.equal(rows.length, 0);
  });

  test('BILL-06 BILL-01 the CDRs of a reseller are held against the calls under it at its own price, and against its own calls', async () => {
    const north = terms({ account: 'north', pricePerMinute: '0.009' });
    await call('resold', dayMs, [north]);
    await call('of-others', dayMs + 60_000);
    const own = Buffer.from(Terms.encode(north).finish());
    const times = { startedMs: dayMs + 118_000, ringingMs: dayMs + 120_000, answeredMs: dayMs + 120_000, endedMs: dayMs + 130_000 }; // prettier-ignore
    const handler = createEventHandler({ store: database.store, logger: silentLogger(), onCharged: () => Promise.resolve() }); // prettier-ignore
    await handler.handle([received(endedEvent('own', { ...times, customerTerms: own, vendorTerms: Buffer.alloc(0) }))]); // prettier-ignore
    const price = parseMoney('0.009');
    const told = [theirs(2, dayMs, { price }), theirs(3, dayMs + 120_000, { price: parseMoney('0.008') })]; // prettier-ignore
    const id = await compared(told, { account: 'north', side: 'customer' });
    const { sums } = (await disputes.compareNext()) ?? {};
    assert.deepEqual([sums?.matched, sums?.onlyOurs.calls, sums?.onlyTheirs.calls, sums?.priceDiffers], [2, 0, 0, 1]); // prettier-ignore
    const [difference] = await disputes.differences({ dispute: id, kinds: [], after: 0, limit: 10 }); // prettier-ignore
    assert.deepEqual([difference?.ours?.id, difference?.ours?.price], ['own', price]);
  });

  test('BILL-06 a comparison that its pod had in hand when it died is done by another one', async () => {
    await call('a', dayMs);
    await compared([theirs(2, dayMs)]);
    const dying = await database.pool.connect();
    dying.on('error', () => undefined);
    await dying.query('BEGIN');
    await dying.query('SELECT FROM tandem_billing.dispute FOR UPDATE');
    const pid = (await dying.query<{ readonly pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid; // prettier-ignore
    assert.equal(await disputes.compareNext(), undefined);
    await database.pool.query('SELECT pg_terminate_backend($1)', [pid]);
    dying.release(true);
    let done = await disputes.compareNext();
    // The server may take a moment to let go of what the dead one held.
    while (done === undefined) done = await disputes.compareNext();
    assert.equal(done.sums?.matched, 1);
  });
});
