import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SwitchError } from '@tandem/domain';
import type { LiveBalance } from '@tandem/limits';
import {
  BookPaymentRequest,
  GetCdrRequest,
  ListBalancesRequest,
  ListCdrsRequest,
  Terms,
} from '@tandem/proto/billing';
import { createBillingHandlers } from '../../src/api/grpc-handlers.ts';
import { sortBatch } from '../../src/core/cdr-batch.ts';
import { readCursor } from '../../src/core/cdr-cursor.ts';
import { endedEvent, noonMs, received, terms } from '../support/call-events.ts';
import { fakeBillingStore } from '../support/fake-billing-store.ts';

async function setUp(calls = 3) {
  const fake = fakeBillingStore();
  const told: LiveBalance[] = [];
  const handlers = createBillingHandlers({
    store: fake.store,
    groupLag: () => Promise.resolve(3),
    onCharged: (balances) => {
      told.push(...balances);
      return Promise.resolve();
    },
  });
  await fake.store.openAccounts([{ account: 'demo', currency: 'USD', openingBalance: 100n * 10n ** 9n }]); // prettier-ignore
  const events = Array.from({ length: calls }, (_, index) => endedEvent(`call-${String(index)}`));
  await fake.store.write(sortBatch(events.map(received)));
  return { ...fake, handlers, told };
}

const isWrong = (pattern: RegExp) => (error: unknown) =>
  error instanceof SwitchError &&
  error.code === 'SWITCH_CONFIGURATION_INVALID' &&
  pattern.test(error.message);

test('BILL-06 a full page names the cursor of the next one, the last page none', async () => {
  const { handlers, state } = await setUp();
  const page = await handlers.listCdrs(ListCdrsRequest.create({ limit: 2 }));
  assert.equal(page.cdrs.length, 2);
  assert.deepEqual(readCursor(page.nextCursor), { startedMs: noonMs, callId: 'call-1' });
  const next = await handlers.listCdrs(ListCdrsRequest.create({ limit: 3, cursor: page.nextCursor })); // prettier-ignore
  assert.equal(next.nextCursor, '');
  assert.deepEqual(state.listed[1]?.after, { startedMs: noonMs, callId: 'call-1' });
});

test('BILL-06 without a limit a page has 100 CDRs, and never more than 1000', async () => {
  const { handlers, state } = await setUp();
  await handlers.listCdrs(ListCdrsRequest.create());
  await handlers.listCdrs(ListCdrsRequest.create({ limit: 5000 }));
  assert.deepEqual(state.listed.map(({ limit }) => limit), [101, 1001]); // prettier-ignore
});

test('BILL-06 what is not asked for does not restrict', async () => {
  const { handlers, state } = await setUp();
  await handlers.listCdrs(ListCdrsRequest.create({ account: 'demo', fromMs: 5, untilMs: 6 }));
  const { account, fromMs, untilMs, caller, after } = state.listed[0] ?? { limit: 0 };
  assert.deepEqual({ account, fromMs, untilMs, caller, after }, { account: 'demo', fromMs: 5, untilMs: 6, caller: undefined, after: undefined }); // prettier-ignore
});

test('BILL-06 a cursor that is not ours is refused', async () => {
  const { handlers } = await setUp();
  const request = ListCdrsRequest.create({ cursor: 'zzz' });
  await assert.rejects(handlers.listCdrs(request), isWrong(/cursor "zzz"/));
});

test('BILL-03 a CDR tells its price, how it came about, and the event', async () => {
  const { handlers } = await setUp();
  const { cdrs } = await handlers.getCdr(GetCdrRequest.create({ callId: 'call-1' }));
  assert.equal(cdrs.length, 1);
  assert.equal(cdrs[0]?.price, '0.0123');
  assert.equal(cdrs[0].priceExplanation, '0.0123 a minute, 60/60, prefix 44, rate group standard');
  assert.equal(cdrs[0].event?.termination?.by, 'caller');
  assert.deepEqual(await handlers.getCdr(GetCdrRequest.create()), { cdrs: [] });
});

test('BILL-03 the price of an unanswered or unreadable call is explained as such', async () => {
  const { handlers, store } = await setUp(0);
  await store.write(
    sortBatch([
      received(endedEvent('unanswered', { answeredMs: 0 })),
      received(endedEvent('unreadable', { customerTerms: Buffer.from([0xff]) })),
    ]),
  );
  const { cdrs } = await handlers.listCdrs(ListCdrsRequest.create());
  assert.equal(cdrs[0]?.priceExplanation, '');
  assert.match(cdrs[1]?.priceExplanation ?? '', /^not charged, the terms cannot be read/);
});

test('BILL-03 a CDR names the rate group, the version of its sheet and of the configuration, also where nobody answered', async () => {
  const { handlers, store } = await setUp(0);
  const customerTerms = Terms.encode(
    terms({ rateSheetVersion: 3, configurationVersion: 7 }),
  ).finish();
  const ended = endedEvent('unanswered', { answeredMs: 0, customerTerms });
  await store.write(sortBatch([received(ended)]));
  const [cdr] = (await handlers.listCdrs(ListCdrsRequest.create())).cdrs;
  const { configurationVersion, rateGroup, rateSheetVersion } = cdr ?? {};
  assert.deepEqual([rateGroup, rateSheetVersion, configurationVersion], ['standard', 3, 7]);
});

test('BILL-01 balances are listed for all accounts or for those named', async () => {
  const { handlers } = await setUp();
  const { balances } = await handlers.listBalances(ListBalancesRequest.create());
  assert.deepEqual(balances, [
    { account: 'demo', currency: 'USD', balance: '99.9631', ledgerEntries: 4 },
  ]);
  const none = await handlers.listBalances(ListBalancesRequest.create({ accounts: ['x'] }));
  assert.deepEqual(none.balances, []);
});

test('BILL-01 a payment is booked and told once', async () => {
  const { handlers, told } = await setUp();
  const request = BookPaymentRequest.create({ account: 'demo', amount: '-5.5', reference: 'r' });
  const first = await handlers.bookPayment(request);
  const second = await handlers.bookPayment(request);
  assert.deepEqual([first.booked, second.booked], [true, false]);
  assert.equal(second.balance?.balance, '94.4631');
  assert.equal(told.length, 1);
});

test('BILL-01 a payment without account, reference or amount is refused and says what is wrong', async () => {
  const { handlers, told } = await setUp();
  const good = { account: 'demo', amount: '1', reference: 'r' };
  const cases: [changes: Partial<BookPaymentRequest>, message: RegExp][] = [
    [{ account: '' }, /account is missing/],
    [{ account: 'nobody' }, /"nobody" is not known/],
    [{ reference: '' }, /reference is missing/],
    [{ reference: 'x'.repeat(201) }, /200 characters/],
    [{ amount: '0' }, /zero/],
    [{ amount: 'ten' }, /"ten" is not an amount/],
  ];
  for (const [changes, message] of cases) {
    const request = BookPaymentRequest.create({ ...good, ...changes });
    await assert.rejects(handlers.bookPayment(request), isWrong(message));
  }
  assert.deepEqual(told, []);
});

test('BILL-09 what the daily comparison found is listed, a week of it unless asked for more', async () => {
  const limits: number[] = [];
  const counts = {
    cdrs: 3,
    answered: 2,
    entries: 4,
    provisional: 1,
    open: 5,
    partialEnds: 6,
    dead: 7,
  };
  const differences = [{ kind: 'balance', subject: 'demo', expected: '1', found: '2' }];
  const { store } = fakeBillingStore();
  const handlers = createBillingHandlers({
    groupLag: () => Promise.resolve(0),
    store: {
      ...store,
      reconciliation: {
        ...store.reconciliation,
        reports: (limit) => {
          limits.push(limit);
          return Promise.resolve([
            { day: '2026-11-21', doneAtMs: noonMs, counts, events: undefined, differences },
          ]);
        },
      },
    },
    onCharged: () => Promise.resolve(),
  });
  const { reconciliations } = await handlers.listReconciliations({ limit: 0 });
  assert.deepEqual(reconciliations, [
    {
      day: '2026-11-21', doneAtMs: noonMs, cdrs: 3, answered: 2, ledgerEntries: 4, provisional: 1, open: 5,
      partialEnds: 6, deadEvents: 7, logRead: false, differences,
    },
  ]); // prettier-ignore
  await handlers.listReconciliations({ limit: 1000 });
  assert.deepEqual(limits, [7, 100]);
});
