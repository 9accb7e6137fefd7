import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { configurationSchema } from '@tandem/config';
import type { Snapshot } from '@tandem/config';
import { formatMoney, parseMoney } from '@tandem/domain';
import type { LiveBalance } from '@tandem/limits';
import { Terms } from '@tandem/proto/billing';
import { pgInvoices } from '../../src/adapters/pg-invoices.ts';
import { createEventHandler } from '../../src/api/event-handler.ts';
import { silentLogger } from '@tandem/service';
import type { InvoiceTerms } from '../../src/core/invoice-terms.ts';
import type {
  Drafted,
  Invoice,
  InvoiceRequest,
  InvoiceStore,
  Issued,
} from '../../src/invoice-ports.ts';
import { Invoicing } from '../../src/invoicing.ts';
import type { OnCharged } from '../../src/ports.ts';
import { endedEvent, received, terms } from '../support/call-events.ts';
import { openBillingStore } from '../support/billing-store.ts';
import type { TestBillingStore } from '../support/billing-store.ts';

const DAY_MS = 86_400_000;
const march = Date.UTC(2026, 2, 1);
const april = Date.UTC(2026, 3, 1);
const may = Date.UTC(2026, 4, 1);

const party = { legalName: 'A', address: [], country: 'GB', taxNumber: '' };
const invoiceTerms: InvoiceTerms = {
  seller: party,
  buyer: party,
  taxes: [{ name: 'VAT', percent: '20' }],
  isTaxIncluded: false,
  series: 'INV-{year}-',
  creditSeries: 'CN-',
  issuerTimeZone: 'UTC',
  dueDays: 14,
  footer: [],
};

function request(changes: Partial<InvoiceRequest> = {}): InvoiceRequest {
  return {
    account: 'demo',
    issuer: 'acme',
    timeZone: 'UTC',
    fromMs: undefined,
    firstFromMs: march,
    untilMs: april,
    terms: invoiceTerms,
    createdBy: 'test',
    isScheduled: false,
    isAutomatic: false,
    ...changes,
  };
}

describe('invoices', () => {
  let database: TestBillingStore;
  let invoices: InvoiceStore;
  const nowMs = Date.UTC(2026, 3, 2);

  before(async () => {
    database = await openBillingStore();
    invoices = pgInvoices(database.pool);
  });
  beforeEach(async () => {
    await database.empty();
  });
  after(async () => {
    await database.close();
  });

  /** A call of 10 s that costs what it is told to, in its first minute. */
  async function call(
    callId: string,
    atMs: number,
    { account = 'demo', prefix = '44', price = '0.0123', resellers = [] as Terms[] } = {},
  ): Promise<void> {
    const customerTerms = Terms.encode(terms({ account, prefix, pricePerMinute: price, resellers })).finish(); // prettier-ignore
    const times = { startedMs: atMs, ringingMs: atMs, answeredMs: atMs, endedMs: atMs + 10_000 };
    const handler = createEventHandler({
      store: database.store,
      logger: silentLogger(),
      onCharged: () => Promise.resolve(),
    });
    await handler.handle([received(endedEvent(callId, { ...times, customerTerms: Buffer.from(customerTerms), vendorTerms: Buffer.alloc(0) }))]); // prettier-ignore
  }

  async function open(account: string, opening = '0'): Promise<void> {
    await database.store.openAccounts([
      { account, currency: 'USD', openingBalance: parseMoney(opening) },
    ]);
  }

  async function prepared(changes: Partial<InvoiceRequest> = {}): Promise<Invoice> {
    const drafted = await invoices.draft(request(changes));
    const { id } = invoiceOf(drafted);
    await invoices.prepareNext();
    const found = await invoices.get(id);
    assert.ok(found);
    return found.invoice;
  }

  async function issued(changes: Partial<InvoiceRequest> = {}): Promise<Invoice> {
    const { id } = await prepared(changes);
    return invoiceOf(await invoices.issue(id, 'test', nowMs));
  }

  async function balance(account = 'demo'): Promise<string> {
    const [found] = await database.store.balances([account]);
    assert.ok(found);
    return formatMoney(found.balance);
  }

  test('BILL-06 an invoice has the calls of its period, and the ledger agrees with it to the last digit', async () => {
    await open('demo', '10');
    await call('before', march - DAY_MS, { price: '1' });
    await call('a', march);
    await call('b', march + DAY_MS, { prefix: '1', price: '0.3333' });
    await call('c', april - 11_000, { prefix: '1', price: '0.3333' });
    await call('after', april, { price: '5' });
    const invoice = await issued();
    assert.equal(invoice.number, 'INV-2026-000001');
    assert.equal(invoice.dueOn, '2026-04-16');
    assert.deepEqual([invoice.charges, invoice.net, invoice.tax, invoice.total].map(formatMoney), [
      '0.6789',
      '0.68',
      '0.14',
      '0.82',
    ]);
    const found = await invoices.get(invoice.id);
    assert.deepEqual(
      found?.lines.map(({ amount, destination, entries, kind, rate }) => [kind, destination, rate, entries, formatMoney(amount)]), // prettier-ignore
      [
        ['calls', '1', '0.3333 a minute, 60/60', 2, '0.6666'],
        ['calls', '44', '0.0123 a minute, 60/60', 1, '0.0123'],
      ],
    );
    // The account was opened today, behind its period.
    assert.deepEqual([invoice.opening, invoice.closing].map(formatMoney), ['-1', '-1.82']);
    // What the ledger has behind the period: the opening, and the call of April.
    assert.equal(
      await balance(),
      formatMoney(invoice.closing + parseMoney('10') - parseMoney('5')),
    );
  });

  test('BILL-06 BILL-01 the invoice of a reseller has the calls of all under it at the price of its own level, and the seconds of its own increments', async () => {
    for (const account of ['demo', 'other', 'north', 'owner']) await open(account);
    const level = (account: string, pricePerMinute: string, increment: number): Terms =>
      terms({ account, pricePerMinute, rateGroup: account, prefix: '44', firstIncrementSeconds: increment, nextIncrementSeconds: increment }); // prettier-ignore
    const [north, owner] = [level('north', '0.9', 30), level('owner', '0.6', 1)];
    await call('a', march, { price: '1.1', resellers: [north, owner] });
    await call('b', march + DAY_MS, { account: 'other', price: '1.2', resellers: [north, owner] });
    // Its own call is on its invoice, too, by the same rate.
    await call('c', march + DAY_MS, { account: 'north', price: '0.9', resellers: [owner] });
    const expected = {
      demo: [['calls', '44', '1.1 a minute, 60/60', 1, 60, '1.1']],
      other: [['calls', '44', '1.2 a minute, 60/60', 1, 60, '1.2']],
      north: [
        ['calls', '44', '0.9 a minute, 30/30', 2, 60, '0.9'],
        ['calls', '44', '0.9 a minute, 60/60', 1, 60, '0.9'],
      ],
      owner: [['calls', '44', '0.6 a minute, 1/1', 3, 30, '0.3']],
    };
    for (const [account, lines] of Object.entries(expected)) {
      const { id, total } = await issued({ account });
      const found = (await invoices.get(id))?.lines ?? [];
      assert.deepEqual(found.map((line) => [line.kind, line.destination, line.rate, line.entries, line.billedSeconds, formatMoney(line.amount)]), lines, account); // prettier-ignore
      assert.equal(await balance(account), formatMoney(-total));
    }
  });

  test('BILL-06 what comes late is on the next invoice, once, and payments and credit notes are carried on', async () => {
    await open('demo');
    await call('a', march + 1000, { price: '1' });
    const first = await issued();
    await call('late', march + 2000, { price: '2' });
    await call('b', april + 1000, { price: '4' });
    await database.store.bookPayment({ account: 'demo', amount: parseMoney('1.2'), reference: 'p1', note: '', kind: 'payment', bookedBy: '' }); // prettier-ignore
    await database.pool.query(`UPDATE tandem_billing.ledger SET at = $1 WHERE kind = 'payment'`, [
      new Date(april + 2000),
    ]);
    const second = await issued({ untilMs: may });
    assert.equal(second.fromMs, april);
    const found = await invoices.get(second.id);
    assert.deepEqual(
      found?.lines.map(({ amount, kind }) => [kind, formatMoney(amount)]),
      [
        ['calls', '4'],
        ['late calls', '2'],
        ['payment', '1.2'],
      ],
    );
    assert.equal(second.opening, first.closing);
    assert.equal(formatMoney(second.closing), '-7.2');
    assert.equal(await balance(), '-7.2');
  });

  test('BILL-06 what is issued is never changed, and a draft in its place is refused', async () => {
    await open('demo');
    await call('a', march, { price: '1' });
    const { id } = await issued();
    await assert.rejects(database.pool.query('UPDATE tandem_billing.invoice SET total = 0 WHERE id = $1', [id]), /never changed/); // prettier-ignore
    await assert.rejects(database.pool.query('DELETE FROM tandem_billing.invoice_line WHERE invoice = $1', [id]), /never changed/); // prettier-ignore
    assert.equal((await invoices.discard(id)).kind, 'refused');
    const again = await invoices.issue(id, 'other', nowMs);
    assert.ok(again.kind === 'issued' && !again.isNew);
    assert.equal(again.invoice.issuedBy, 'test');
    assert.equal(await balance(), '-1.2');
    assert.equal((await invoices.draft(request())).kind, 'refused');
  });

  test('BILL-06 credit notes give back an invoice whole, whatever they are cut into, and no more', async () => {
    await open('demo');
    await call('a', march, { price: '10.07' });
    const invoice = await issued();
    let given = 0n;
    for (const part of ['0.01', '3.33', undefined]) {
      const amount = part === undefined ? undefined : parseMoney(part);
      const note = invoiceOf(await invoices.draftCredit({ invoice: invoice.id, amount, reason: 'mistake', createdBy: 'test' })); // prettier-ignore
      const done = invoiceOf(await invoices.issue(note.id, 'test', nowMs));
      assert.equal(done.refersToNumber, invoice.number);
      given += done.total;
    }
    assert.equal(given, invoice.total);
    assert.equal(await balance(), '0');
    const more = await invoices.draftCredit({ invoice: invoice.id, amount: 1n, reason: 'mistake', createdBy: 'test' }); // prettier-ignore
    assert.equal(more.kind, 'refused');
    const { rows } = await database.pool.query<{ readonly number: string }>(
      `SELECT number FROM tandem_billing.invoice WHERE series = 'CN-' ORDER BY number`,
    );
    assert.deepEqual(rows.map(({ number }) => Number(number)), [1, 2, 3]); // prettier-ignore
  });

  test('BILL-06 two credit notes that were drafted for the same money are not both issued', async () => {
    await open('demo');
    await call('a', march, { price: '10' });
    const invoice = await issued();
    const drafts: number[] = [];
    for (const reason of ['one', 'the other']) {
      const note = { invoice: invoice.id, amount: undefined, reason, createdBy: 'test' };
      drafts.push(invoiceOf(await invoices.draftCredit(note)).id);
    }
    const results = await Promise.all(drafts.map((id) => invoices.issue(id, 'test', nowMs))); // prettier-ignore
    assert.deepEqual(results.map(({ kind }) => kind).sort(), ['issued', 'refused']);
  });

  test('BILL-06 pods that issue at once leave no number out and give none twice, also where some break off', async () => {
    const accounts = Array.from({ length: 24 }, (_, index) => `a${String(index)}`);
    const ids: number[] = [];
    for (const account of accounts) {
      await open(account);
      await call(`call ${account}`, march, { account, price: '1' });
      ids.push((await prepared({ account })).id);
    }
    const other = database.second();
    try {
      const stores = [invoices, pgInvoices(other.pool)];
      // One that breaks off with its number in hand: its connection dies before the commit.
      const broken = await database.pool.connect();
      await broken.query('BEGIN');
      await broken.query(`INSERT INTO tandem_billing.invoice_series AS known VALUES ('acme', 'INV-2026-', 1)
        ON CONFLICT (issuer, series) DO UPDATE SET last = known.last + 1`);
      const issuing = ids.flatMap((id) => stores.map((store) => store.issue(id, 'test', nowMs))); // prettier-ignore
      broken.release(true);
      const results = await Promise.all(issuing);
      assert.equal(results.filter((each) => each.kind === 'issued' && each.isNew).length, ids.length); // prettier-ignore
    } finally {
      await other.close();
    }
    const { rows } = await database.pool.query<{ readonly number: string }>(
      'SELECT number FROM tandem_billing.invoice ORDER BY number',
    );
    assert.deepEqual(rows.map(({ number }) => Number(number)), ids.map((_, index) => index + 1)); // prettier-ignore
    for (const account of accounts) assert.equal(await balance(account), '-1.2');
  });

  test('BILL-06 a draft that its pod had in hand when it died is added up by another one', async () => {
    await open('demo');
    await call('a', march, { price: '1' });
    const { id } = invoiceOf(await invoices.draft(request()));
    const dying = await database.pool.connect();
    await dying.query('BEGIN');
    await dying.query('SELECT FROM tandem_billing.invoice WHERE id = $1 FOR UPDATE', [id]);
    assert.equal(await invoices.prepareNext(), undefined);
    const pid = (await dying.query<{ readonly pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid; // prettier-ignore
    dying.on('error', () => undefined);
    await database.pool.query('SELECT pg_terminate_backend($1)', [pid]);
    dying.release(true);
    let taken = await invoices.prepareNext();
    // The server may take a moment to let go of what the dead one held.
    while (taken === undefined) taken = await invoices.prepareNext();
    assert.ok(taken.kind === 'prepared');
    assert.equal(formatMoney(taken.invoice.charges), '1');
  });

  describe('at the end of a period', () => {
    const snapshot = (issue: 'automatic' | 'by-hand'): Snapshot => {
      const document = {
        rateGroups: [{ name: 'standard', currency: 'USD' }],
        invoiceIssuers: [
          {
            name: 'acme',
            legalName: 'Acme',
            country: 'GB',
            taxes: [{ name: 'VAT', percent: '20' }],
          },
        ],
        accounts: [
          {
            name: 'demo',
            rateGroup: 'standard',
            timeZone: 'Europe/London',
            invoicing: { issuer: 'acme', issue, delayHours: 6 },
          },
        ],
      };
      return {
        version: 1,
        configuration: configurationSchema.parse(document),
      } as unknown as Snapshot;
    };
    const told: LiveBalance[] = [];
    const pod = (
      store: InvoiceStore,
      now: () => number,
      issue: 'automatic' | 'by-hand' = 'automatic',
    ) => {
      const onCharged: OnCharged = (balances) => {
        told.push(...balances);
        return Promise.resolve();
      };
      const made = new Invoicing({ store, logger: silentLogger(), onCharged, now });
      made.apply(snapshot(issue));
      return made;
    };
    const numbers = async (): Promise<string[]> =>
      (await invoices.list({ limit: 10 }))
        .map(({ number, state }) => `${state} ${number}`)
        .reverse();

    test('BILL-06 pods draft and issue once, some hours later; a month without calls has none, and the next one covers it', async () => {
      await open('demo');
      // London's March ends an hour earlier than that of UTC.
      const endMs = Date.UTC(2026, 2, 31, 23);
      await call('a', march, { price: '1' });
      await call('b', endMs, { price: '2' });
      const other = database.second();
      let momentMs = endMs + 5 * 3_600_000;
      const pods = [pod(invoices, () => momentMs), pod(pgInvoices(other.pool), () => momentMs)];
      const look = () => Promise.all(pods.map((each) => each.look()));
      try {
        await look();
        assert.deepEqual(await numbers(), []);
        momentMs = endMs + 6 * 3_600_000;
        await look();
        await look();
        assert.deepEqual(await numbers(), ['issued INV-2026-000001']);
        const [first] = await invoices.list({ limit: 1 });
        assert.equal(first?.untilMs, endMs);
        assert.equal(formatMoney(first.charges), '1');
        assert.equal(told.at(-1)?.account, 'demo');
        // April has a call, May has none, June has one.
        await call('c', Date.UTC(2026, 5, 15), { price: '4' });
        momentMs = Date.UTC(2026, 7, 2);
        for (let round = 0; round < 6; round += 1) await look();
        const [last, middle] = await invoices.list({ limit: 2 });
        assert.equal(formatMoney(middle?.charges ?? 0n), '2');
        assert.equal(formatMoney(last?.charges ?? 0n), '4');
        assert.deepEqual([last?.fromMs, last?.untilMs], [middle?.untilMs, Date.UTC(2026, 5, 30, 23)]); // prettier-ignore
        assert.deepEqual(await numbers(), ['issued INV-2026-000001', 'issued INV-2026-000002', 'issued INV-2026-000003']); // prettier-ignore
        assert.equal(await balance(), '-8.4');
      } finally {
        await other.close();
      }
    });

    test('BILL-06 what is issued by hand waits as a draft, and a new one is not made beside it', async () => {
      await open('demo');
      await call('a', march, { price: '1' });
      const made = pod(invoices, () => Date.UTC(2026, 3, 10), 'by-hand');
      await made.look();
      await made.look();
      assert.deepEqual(await numbers(), ['draft ']);
    });
  });
});

function invoiceOf(result: Drafted | Issued): Invoice {
  if (result.kind === 'refused') assert.fail(result.why);
  return result.invoice;
}
