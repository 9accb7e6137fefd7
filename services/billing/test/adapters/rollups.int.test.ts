import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import fc from 'fast-check';
import { formatMoney } from '@tandem/domain';
import { Terms } from '@tandem/proto/billing';
import type { CallEvent } from '@tandem/proto/events';
import { silentLogger } from '@tandem/service';
import { analyseCalls } from '../../src/api/analyse-calls.ts';
import { createEventHandler } from '../../src/api/event-handler.ts';
import { gatewayFigures } from '../../src/core/gateway-figures.ts';
import { endedEvent, noonMs, partialEvent, received, terms } from '../support/call-events.ts';
import { openBillingStore } from '../support/billing-store.ts';
import type { TestBillingStore } from '../support/billing-store.ts';

const HOUR_MS = 3_600_000;
const REASONS = [['NormalClearing', 200], ['UserBusy', 486], ['CallerCancelled', 487], ['NoRoute', 503], ['NotFound', 404]] as const; // prettier-ignore

/** Calls of three customers over two gateways, at any time of two days, answered or not, some with a vendor. */
const calls = fc.array(
  fc.record({
    customer: fc.constantFrom('demo', 'other', 'third'),
    gateway: fc.constantFrom('carrier-a', 'carrier-b'),
    prefix: fc.constantFrom('44', '4420', '1'),
    minute: fc.integer({ min: 0, max: 2879 }),
    outcome: fc.constantFrom(...REASONS),
    seconds: fc.integer({ min: 0, max: 500 }),
    hasVendor: fc.boolean(),
  }),
  { minLength: 1, maxLength: 30 },
);

interface Call {
  readonly customer: string;
  readonly gateway: string;
  readonly prefix: string;
  readonly minute: number;
  readonly outcome: (typeof REASONS)[number];
  readonly seconds: number;
  readonly hasVendor: boolean;
}

function eventOf(call: Call, index: number): CallEvent {
  const { customer, gateway, hasVendor, minute, outcome, prefix, seconds } = call;
  const [reason, code] = outcome;
  const startedMs = noonMs + minute * 60_000;
  const answeredMs = code === 200 ? startedMs + 2000 : 0;
  const attempt = {
    gateway,
    account: '',
    startedMs,
    endedMs: startedMs + 2000,
    code,
    reason: '',
    text: '',
    address: '',
  };
  return endedEvent(`call-${String(index)}`, {
    startedMs,
    ringingMs: code === 503 ? 0 : startedMs + 700,
    answeredMs,
    endedMs: startedMs + 2000 + seconds * 1000,
    attempts: [attempt] as CallEvent['attempts'],
    termination: { reason, code, by: 'caller', text: '' },
    customerTerms: Terms.encode(terms({ account: customer, prefix })).finish(),
    vendorTerms: hasVendor
      ? Terms.encode(terms({ account: `v-${gateway}`, pricePerMinute: '0.01' })).finish()
      : Buffer.alloc(0),
  });
}

describe('what calls come to', () => {
  let database: TestBillingStore;

  before(async () => {
    database = await openBillingStore();
  });
  beforeEach(async () => {
    await database.empty();
  });
  after(async () => {
    await database.close();
  });

  const handler = () =>
    createEventHandler({
      store: database.store,
      logger: silentLogger(),
      onCharged: () => Promise.resolve(),
    });
  const ask = (by: string[], changes: object = {}) =>
    analyseCalls(
      {
        fromMs: noonMs - 24 * HOUR_MS,
        untilMs: noonMs + 72 * HOUR_MS,
        by,
        money: false,
        account: '',
        vendor: '',
        origin: '',
        gateway: '',
        destination: '',
        limit: 0,
        ...changes,
      },
      database.store.analysis,
    );

  test('BILL-06 sums are those of the CDRs, however these came', async () => {
    await fc.assert(
      fc.asyncProperty(calls, fc.integer({ min: 1, max: 7 }), async (all, size) => {
        await database.empty();
        const events = all.map(eventOf).map(received);
        const batches = [];
        for (let at = 0; at < events.length; at += size) batches.push(events.slice(at, at + size));
        // Each batch twice, and at once: as two consumers do.
        await Promise.all([...batches, ...batches].map((batch) => handler().handle(batch)));
        const cdrs = await database.store.listCdrs({ limit: 1000 });
        assert.equal(cdrs.length, all.length);
        const price = cdrs.reduce((sum, cdr) => sum + cdr.price, 0n);
        const cost = cdrs.reduce((sum, cdr) => sum + cdr.cost, 0n);
        const answered = cdrs.filter(({ event }) => event.answeredMs > 0).length;
        const effective = cdrs.filter(
          ({ event }) => gatewayFigures(event).at(-1)?.outcome !== 'failed',
        ).length;
        for (const by of [
          [],
          ['hour'],
          ['day', 'account'],
          ['gateway', 'vendor'],
          ['destination'],
          ['destination', 'account', 'day'],
        ]) {
          const { rows } = await ask(by, { money: true });
          const told = {
            calls: rows.reduce((sum, row) => sum + row.calls, 0),
            answered: rows.reduce((sum, row) => sum + row.answered, 0),
            effective: rows.reduce((sum, row) => sum + row.effective, 0),
            durationMs: rows.reduce((sum, row) => sum + row.durationMs, 0),
            billedSeconds: rows.reduce((sum, row) => sum + row.billedSeconds, 0),
            pddMs: rows.reduce((sum, row) => sum + row.pddMs, 0),
          };
          assert.deepEqual(told, {
            calls: cdrs.length,
            answered,
            effective,
            durationMs: cdrs.reduce((sum, cdr) => sum + cdr.durationMs, 0),
            billedSeconds: cdrs.reduce((sum, cdr) => sum + cdr.billedSeconds, 0),
            pddMs: cdrs.filter(({ event }) => event.ringingMs > 0).length * 700,
          });
          const sums = await database.pool.query<{ price: string; cost: string }>('SELECT sum(price)::text AS price, sum(cost)::text AS cost FROM tandem_billing.traffic_hour'); // prettier-ignore
          assert.equal(Number(sums.rows[0]?.price), Number(formatMoney(price)));
          assert.equal(Number(sums.rows[0]?.cost), Number(formatMoney(cost)));
        }
        const { rows } = await ask(['reason', 'code']);
        const reasons = Object.fromEntries(
          rows.map(({ calls: count, keys }) => [keys.join(' '), count]),
        );
        const expected: Record<string, number> = {};
        for (const { event } of cdrs) {
          const key = `${event.termination?.reason ?? ''} ${String(event.termination?.code)}`;
          expected[key] = (expected[key] ?? 0) + 1;
        }
        assert.deepEqual(reasons, expected);
        assert.deepEqual(await database.store.reconciliation.differences('2026-11-21'), []);
      }),
      { numRuns: 12 },
    );
  });

  test('BILL-06 filters narrow by account, gateway and what a destination begins with; failures by hour', async () => {
    const one = { customer: 'demo', gateway: 'carrier-a', prefix: '4420', minute: 5, outcome: REASONS[3], seconds: 0, hasVendor: false }; // prettier-ignore
    const two = {
      ...one,
      customer: 'other',
      prefix: '1',
      minute: 65,
      outcome: REASONS[0],
      seconds: 60,
    };
    await handler().handle([eventOf(one, 0), eventOf(two, 1)].map(received));
    assert.deepEqual(
      (await ask(['account'], { destination: '44' })).rows.map(({ keys }) => keys),
      [['demo']],
    );
    assert.deepEqual((await ask(['hour'], { account: 'other' })).rows.map(({ keys, calls: n }) => [...keys, n]), [['2026-11-21T13:00:00Z', 1]]); // prettier-ignore
    assert.deepEqual((await ask(['hour', 'reason'], { gateway: 'carrier-a' })).rows.map(({ keys }) => keys), [['2026-11-21T12:00:00Z', 'NoRoute'], ['2026-11-21T13:00:00Z', 'NormalClearing']]); // prettier-ignore
    await assert.rejects(
      ask(['destination', 'hour']),
      /calls are not added up by destination, hour together: what can be asked for together/,
    );
    await assert.rejects(ask(['gatway']), /by has "gatway": write some of hour, day/);
  });

  test('BILL-09 a CDR that is replaced is counted once, as it is in the end', async () => {
    const onCharged = () => Promise.resolve();
    const { store, pool } = database;
    await store.openCalls.keepPartialEnds([received(partialEvent('call-0', noonMs + 20_000))]);
    const { CallCloser } = await import('../../src/call-closer.ts');
    const logger = silentLogger();
    // The end without facts becomes a provisional CDR, and the call's own end takes its place.
    await pool.query("UPDATE tandem_billing.partial_end SET at = now() - interval '2 hours'");
    const closer = new CallCloser({
      store,
      logger,
      onCharged,
      reader: 'one',
      currentSinceMs: () => 1,
    });
    await closer.closeLost();
    assert.equal((await ask(['account'])).rows[0]?.calls, 1);
    await handler().handle([received(endedEvent('call-0'))]);
    const { rows } = await ask(['account', 'gateway'], { money: true });
    const told = rows.map(({ answered, calls: count, keys, price }) => ({
      answered,
      calls: count,
      keys,
      price,
    }));
    assert.deepEqual(told, [
      { answered: 1, calls: 1, keys: ['demo', 'carrier-a'], price: '0.0123' },
    ]);
    assert.deepEqual(await store.reconciliation.differences('2026-11-21'), []);
  });

  test('BILL-09 sums that are not those of the CDRs are reported with both', async () => {
    await handler().handle([received(endedEvent('call-0'))]);
    await database.pool.query('UPDATE tandem_billing.traffic_hour SET calls = calls + 1');
    const differences = await database.store.reconciliation.differences('2026-11-21');
    assert.deepEqual(differences, [
      {
        kind: 'rollup',
        subject: 'demo',
        expected: '1 calls, 1 answered, price 0.0123, cost 0',
        found: '2 calls, 1 answered, price 0.0123, cost 0',
      },
    ]);
  });

  test('BILL-06 which codes count as effective is the same in PostgreSQL as where gateways are judged', async () => {
    const attempt = { gateway: 'carrier-a', startedMs: noonMs, reason: '' };
    for (let code = 300; code < 700; code += 1) {
      const figures = gatewayFigures({
        answeredMs: 0,
        endedMs: noonMs,
        ringingMs: 0,
        attempts: [{ ...attempt, code }] as CallEvent['attempts'],
      });
      const isEffective = figures[0]?.outcome !== 'failed';
      const { rows } = await database.pool.query<{ yes: boolean }>('SELECT tandem_billing.is_effective(NULL, $1, $2) AS yes', ['Any', code]); // prettier-ignore
      assert.equal(rows[0]?.yes, isEffective, String(code));
    }
  });
});
