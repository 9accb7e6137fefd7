import assert from 'node:assert/strict';
import { after, before, beforeEach, suite, test } from 'node:test';
import { formatMoney } from '@tandem/domain';
import { Terms } from '@tandem/proto/billing';
import { CallEvent } from '@tandem/proto/events';
import { sortBatch } from '../../src/core/cdr-batch.ts';
import { writeCursor, readCursor } from '../../src/core/cdr-cursor.ts';
import { UnstorableError } from '../../src/ports.ts';
import type { BillingStore, Payment } from '../../src/ports.ts';
import { decisionsOf } from '../../src/core/call-ends.ts';
import {
  answeredEvent,
  endedEvent,
  noonMs,
  notedEvent,
  terms,
  received,
} from '../support/call-events.ts';
import { openBillingStore } from '../support/billing-store.ts';
import type { TestBillingStore } from '../support/billing-store.ts';

function payment(reference: string, amount: bigint): Payment {
  const of = { account: 'demo', note: 'cash', kind: 'payment', bookedBy: 'somebody' } as const;
  return { ...of, reference, amount };
}

suite('the store in PostgreSQL', () => {
  let database: TestBillingStore;
  let store: BillingStore;

  before(async () => {
    database = await openBillingStore();
    ({ store } = database);
  });
  after(() => database.close());
  beforeEach(async () => {
    await database.empty();
    await store.openAccounts([
      { account: 'demo', currency: 'USD', openingBalance: 100_000_000_000n },
    ]);
  });

  const write = (...events: CallEvent[]) => store.write(sortBatch(events.map(received)));
  const count = async (table: string) => {
    const result = await database.pool.query<{ n: string }>(
      `SELECT count(*) AS n FROM tandem_billing.${table}`,
    );
    return Number(result.rows[0]?.n);
  };
  const balanceOf = async (account: string) => {
    const [balance] = await store.balances([account]);
    return balance === undefined ? undefined : formatMoney(balance.balance);
  };

  test('BILL-03 a call that ended is kept with all its event and charged to the last decimal', async () => {
    const event = endedEvent('call-1');
    const { stored, balances } = await write(event);
    assert.equal(stored, 1);
    assert.deepEqual(
      balances.map(({ account, balance }) => [account, formatMoney(balance)]),
      [['demo', '99.9877']],
    );
    const [cdr] = await store.findCdrs('call-1');
    assert.ok(cdr);
    assert.deepEqual(CallEvent.toJSON(cdr.event), CallEvent.toJSON(event));
    assert.equal(cdr.durationMs, 10_000);
    assert.equal(cdr.billedSeconds, 60);
    assert.equal(formatMoney(cdr.price), '0.0123');
    assert.equal(cdr.currency, 'USD');
    assert.equal(cdr.startedMs, noonMs);
  });

  test('OPS-09 decisions are added to the event of a CDR, each once, and money stays as it is', async () => {
    await write(endedEvent('call-1'));
    const notes = ['one', 'two'].map((cause) =>
      decisionsOf(CallEvent.encode(notedEvent('call-1', cause)).finish()),
    );
    for (const note of [...notes, ...notes]) assert.ok(await store.addDecisions('call-1', note));
    assert.equal(await store.addDecisions('call-2', notes[0] ?? Buffer.alloc(0)), false);
    const [cdr] = await store.findCdrs('call-1');
    assert.ok(cdr !== undefined);
    assert.deepEqual(
      cdr.event.decisions.slice(-2).map(({ facts }) => facts.at(-1)?.value),
      ['one', 'two'],
    );
    assert.equal(cdr.event.decisions.length, endedEvent('call-1').decisions.length + 2);
    assert.equal(await balanceOf('demo'), '99.9877');
  });

  test('BILL-11 a row of the version before, without milliseconds, tells those of its event', async () => {
    await write(endedEvent('call-1', { endedMs: noonMs + 10_437 }));
    await database.pool.query('UPDATE tandem_billing.cdr SET duration_ms = NULL');
    const [cdr] = await store.findCdrs('call-1');
    assert.equal(cdr?.durationMs, 7437);
  });

  test('BILL-04 the same end again stores nothing, books nothing and moves no balance', async () => {
    await write(endedEvent('call-1'));
    const again = await write(endedEvent('call-1'), endedEvent('call-2'));
    assert.equal(again.stored, 1);
    const third = await write(endedEvent('call-1'), endedEvent('call-2'));
    assert.deepEqual(third, { stored: 0, balances: [] });
    assert.equal(await count('cdr'), 2);
    assert.equal(await count('ledger'), 3);
    assert.equal(await balanceOf('demo'), '99.9754');
  });

  test('BILL-03 a second end with another time does not make a second CDR', async () => {
    await write(endedEvent('call-1'));
    const other = endedEvent('call-1', { startedMs: noonMs - 1, eventId: 'call-1.ended.2' });
    assert.equal((await write(other)).stored, 0);
    assert.equal(await balanceOf('demo'), '99.9877');
  });

  test('BILL-04 two writers of the same batch at once charge it once', async () => {
    const events = Array.from({ length: 200 }, (_, index) => endedEvent(`call-${String(index)}`));
    const results = await Promise.all([1, 2, 3, 4].map(() => write(...events)));
    assert.equal(results.reduce((sum, { stored }) => sum + stored, 0), 200); // prettier-ignore
    assert.equal(await count('cdr'), 200);
    assert.equal(await balanceOf('demo'), formatMoney(100_000_000_000n - 200n * 12_300_000n));
  });

  test('BILL-01 a vendor is booked its cost, also where the customer is the same account', async () => {
    const vendorTerms = Terms.encode(terms({ account: 'vendor-x', pricePerMinute: '0.005' }));
    await write(endedEvent('call-1', { vendorTerms: vendorTerms.finish() }));
    const own = Terms.encode(terms({ account: 'demo', pricePerMinute: '0.005' })).finish();
    await write(endedEvent('call-2', { vendorTerms: own }));
    assert.equal(await balanceOf('vendor-x'), '-0.005');
    assert.equal(await balanceOf('demo'), '99.9704');
  });

  test('BILL-01 the balance is the sum of the ledger', async () => {
    await write(...Array.from({ length: 50 }, (_, index) => endedEvent(`call-${String(index)}`)));
    await store.bookPayment(payment('r1', 5_000_000_001n));
    const sum = await database.pool.query<{ sum: string; entries: string }>(
      `SELECT sum(amount)::text AS sum, count(*) AS entries FROM tandem_billing.ledger WHERE account = 'demo'`,
    );
    const [balance] = await store.balances(['demo']);
    assert.equal(balance?.ledgerEntries, Number(sum.rows[0]?.entries));
    assert.equal(formatMoney(balance.balance), sum.rows[0]?.sum);
  });

  test('BILL-03 an unanswered call has a CDR and no ledger entry', async () => {
    const termination = { reason: 'InviteTimeout', code: 408, by: 'switch', text: '' };
    const { balances } = await write(endedEvent('call-1', { answeredMs: 0, termination }));
    assert.deepEqual(balances, []);
    assert.equal(await count('ledger'), 1);
    const [cdr] = await store.findCdrs('call-1');
    assert.equal(cdr?.price, 0n);
    assert.equal(cdr.billedSeconds, 0);
  });

  test('BILL-09 an answered call waits for its end and is forgotten with it', async () => {
    await write(answeredEvent('call-1'), answeredEvent('call-2'));
    await write(answeredEvent('call-1'));
    assert.equal(await count('answered_call'), 2);
    await write(endedEvent('call-1'));
    assert.equal(await count('answered_call'), 1);
  });

  test('BILL-04 an answer that comes after the end is of no consequence', async () => {
    await write(endedEvent('call-1'));
    await write(answeredEvent('call-1'));
    assert.equal(await count('answered_call'), 0);
  });

  test('BILL-04 text that PostgreSQL or an index would refuse is kept in the event and cut in its column', async () => {
    const hostile = `\0"\\{},NULL'${'x'.repeat(9000)}é😀`;
    const event = endedEvent('call-1');
    const { a } = event;
    assert.ok(a);
    a.caller = hostile;
    a.sipCallId = hostile;
    await write(event, endedEvent('call-2'));
    const [cdr] = await store.findCdrs('call-1');
    assert.equal(cdr?.event.a?.caller, hostile);
  });

  test('BILL-04 data that PostgreSQL refuses is told apart from PostgreSQL being away', async () => {
    const batch = sortBatch([received(endedEvent('call-1'))]);
    const [row] = batch.ended;
    assert.ok(row);
    const impossible = { ...batch, ended: [{ ...row, code: 1e12 }] };
    await assert.rejects(store.write(impossible), UnstorableError);
    assert.equal(await count('cdr'), 0);
  });

  test('BILL-01 an opening balance is booked once, whatever is applied later', async () => {
    const opening = { account: 'demo', currency: 'USD', openingBalance: 7_000_000_000n };
    assert.deepEqual(await store.openAccounts([opening]), []);
    assert.equal(await balanceOf('demo'), '100');
    const free = { account: 'new', currency: 'EUR', openingBalance: 0n };
    const [made] = await store.openAccounts([opening, free]);
    assert.deepEqual([made?.account, made?.balance], ['new', 0n]);
    const [late] = await store.openAccounts([{ ...free, openingBalance: 3_000_000_000n }]);
    assert.deepEqual([late?.account, late?.balance], ['new', 3_000_000_000n]);
  });

  test('BILL-01 a payment with the same reference is booked once', async () => {
    const paid = payment('inv-1', 10_000_000_000n);
    const first = await store.bookPayment(paid);
    const second = await store.bookPayment(paid);
    assert.deepEqual([first?.isNew, second?.isNew], [true, false]);
    assert.equal(await balanceOf('demo'), '110');
    assert.equal(await store.bookPayment({ ...paid, account: 'nobody' }), undefined);
    assert.equal(await count('ledger'), 2);
  });

  test('BILL-10 payments are listed newest first, page by page, each with what there was after it', async () => {
    await store.openAccounts([{ account: 'other', currency: 'JPY', openingBalance: 0n }]);
    await store.bookPayment(payment('one', 1_000_000_000n));
    await store.bookPayment({ ...payment('two', -2_000_000_000n), kind: 'refund' });
    await store.bookPayment({ ...payment('one', 5_000_000_000n), account: 'other' });
    await write(endedEvent('call-1'));
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        store.bookPayment({ ...payment(String(index), 1n), kind: 'correction' }),
      ),
    );
    const all = await store.payments({ limit: 100 });
    assert.equal(all.length, 23);
    const earlier = all.slice(20).map((each) => {
      const { account, amount, balanceAfter, bookedBy, kind, note, reference } = each;
      return { account, amount, balanceAfter, bookedBy, kind, note, reference };
    });
    const told = { bookedBy: 'somebody', note: 'cash' };
    assert.deepEqual(earlier, [
      { ...told, account: 'other', amount: 5_000_000_000n, balanceAfter: 5_000_000_000n, kind: 'payment', reference: 'one' }, // prettier-ignore
      { ...told, account: 'demo', amount: -2_000_000_000n, balanceAfter: 99_000_000_000n, kind: 'refund', reference: 'two' }, // prettier-ignore
      { ...told, account: 'demo', amount: 1_000_000_000n, balanceAfter: 101_000_000_000n, kind: 'payment', reference: 'one' }, // prettier-ignore
    ]);
    // Booked at once, each has seen the one before.
    const later = all.slice(0, 20).map(({ balanceAfter = 0n }) => balanceAfter);
    assert.equal(new Set(later).size, 20);
    const pages: string[] = [];
    let place: (typeof all)[number] | undefined;
    do {
      const page = await store.payments({ limit: 7, after: place });
      pages.push(...page.map(({ account, reference }) => `${account} ${reference}`));
      place = page.at(-1);
    } while (place !== undefined);
    assert.deepEqual(
      pages,
      all.map(({ account, reference }) => `${account} ${reference}`),
    );
    const refunds = await store.payments({ limit: 9, account: 'demo', kind: 'refund' });
    assert.deepEqual(
      refunds.map(({ reference }) => reference),
      ['two'],
    );
    const none = await store.payments({ limit: 9, untilMs: all.at(-1)?.atMs });
    assert.deepEqual(none, []);
  });

  test('BILL-10 BILL-01 a statement leads from what there was to what there is: payments one by one, the calls of a day together', async () => {
    await store.bookPayment({ ...payment('first', 3_000_000_000n), kind: 'recharge' });
    const [first] = await store.payments({ limit: 1 });
    const atMs = first?.atMs ?? 0;
    await write(endedEvent('call-1'), endedEvent('call-2'));
    await store.bookPayment(payment('second', 4_000_000_000n));
    const whole = await store.statement({ account: 'demo', limit: 100 });
    const sum = (whole?.lines ?? []).reduce((total, { amount }) => total + amount, 0n);
    assert.equal(whole?.opening, 0n);
    assert.equal(formatMoney(sum), await balanceOf('demo'));
    const kinds = whole.lines.map(({ entries, kind }) => [kind, entries]);
    assert.deepEqual(kinds.sort(), [['calls', 2], ['opening', 1], ['payment', 1], ['recharge', 1]]); // prettier-ignore
    // What comes later than asked for is in neither.
    const until = await store.statement({ account: 'demo', untilMs: atMs, limit: 100 });
    assert.ok(until?.lines.every(({ kind }) => kind === 'opening' || kind === 'calls'));
    const since = await store.statement({ account: 'demo', fromMs: atMs + 60_000, limit: 100 });
    assert.equal(formatMoney(since?.opening ?? 0n), await balanceOf('demo'));
    assert.deepEqual(since?.lines, []);
    assert.equal(await store.statement({ account: 'nobody', limit: 1 }), undefined);
  });

  test('BILL-05 the version of a balance grows with each change', async () => {
    const versions: number[] = [];
    for (let index = 0; index < 5; index += 1) {
      const { balances } = await write(endedEvent(`call-${String(index)}`));
      versions.push(...balances.map(({ version }) => version));
    }
    assert.equal(versions.length, 5);
    assert.deepEqual(versions, [...new Set(versions)].sort((one, other) => one - other)); // prettier-ignore
  });

  test('BILL-06 CDRs are listed newest first, page by page, none twice and none left out', async () => {
    // Many calls start in the same millisecond: the cursor must tell them apart.
    const events = Array.from({ length: 25 }, (_, index) =>
      endedEvent(`call-${String(index)}`, { startedMs: noonMs + Math.floor(index / 10) }),
    );
    await write(...events);
    const seen: string[] = [];
    let cursor: string | undefined;
    for (;;) {
      const place = cursor === undefined ? undefined : readCursor(cursor);
      const page = await store.listCdrs({ limit: 7, after: place });
      seen.push(...page.map(({ callId }) => callId));
      const last = page.at(-1);
      if (last === undefined) break;
      cursor = writeCursor(last);
    }
    assert.equal(seen.length, 25);
    assert.equal(new Set(seen).size, 25);
    assert.equal(seen[0], 'call-24');
  });

  test('BILL-06 CDRs are found by time, account, gateway, number and reason', async () => {
    const vendorTerms = Terms.encode(terms({ account: 'vendor-x' })).finish();
    const busy = { reason: 'Rejected', code: 486, by: 'callee', text: 'Busy Here' };
    await write(
      endedEvent('call-1', { vendorTerms }),
      endedEvent('call-2', { startedMs: noonMs + 1000, termination: busy, answeredMs: 0 }),
      endedEvent('call-3', { origin: { kind: 'phone', name: '1001', account: 'other' }, customerTerms: Buffer.alloc(0) }), // prettier-ignore
    );
    const list = async (filter: object) =>
      (await store.listCdrs({ limit: 10, ...filter })).map(({ callId }) => callId);
    assert.deepEqual(await list({ account: 'vendor-x' }), ['call-1']);
    assert.deepEqual(await list({ account: 'other' }), ['call-3']);
    assert.deepEqual(await list({ gateway: 'demo-trunk' }), ['call-2', 'call-1']);
    assert.deepEqual(await list({ gateway: 'carrier-a', account: 'demo' }), ['call-2', 'call-1']);
    assert.deepEqual(await list({ reason: 'Rejected' }), ['call-2']);
    assert.deepEqual(await list({ isFailed: true }), ['call-2']);
    assert.deepEqual(await list({ address: '127.0.0.2' }), ['call-2', 'call-3', 'call-1']);
    assert.deepEqual(await list({ address: '192.0.2.99' }), []);
    assert.deepEqual(await list({ fromMs: noonMs + 1 }), ['call-2']);
    assert.deepEqual(await list({ untilMs: noonMs + 1 }), ['call-3', 'call-1']);
    assert.deepEqual(await list({ caller: '1001', callee: '442079460000', limit: 1 }), ['call-2']);
    assert.deepEqual(await list({ caller: '9' }), []);
  });

  test('BILL-06 a number finds its CDRs with + and without, whichever is asked for', async () => {
    const international = endedEvent('call-2', { startedMs: noonMs + 1000 });
    assert.ok(international.a);
    international.a.callee = '+442079460000';
    await write(endedEvent('call-1'), international, endedEvent('call-3', { a: undefined }));
    for (const callee of ['442079460000', '+442079460000']) {
      const found = await store.listCdrs({
        callee,
        caller: '+1001',
        gateway: 'carrier-a',
        limit: 10,
      });
      assert.deepEqual(
        found.map(({ callId }) => callId),
        ['call-2', 'call-1'],
      );
    }
  });

  test('BILL-03 a CDR is found by the SIP Call-ID of either leg', async () => {
    const event = endedEvent('call-1');
    const { b } = event;
    assert.ok(b);
    b.sipCallId = 'other-leg';
    await write(event, endedEvent('call-2'));
    for (const id of ['call-1', 'a-call-1@127.0.0.2', 'other-leg']) {
      assert.deepEqual((await store.findCdrs(id)).map(({ callId }) => callId), ['call-1']); // prettier-ignore
    }
    assert.deepEqual(await store.findCdrs('nothing'), []);
  });

  test('BILL-04 what cannot be used is kept once, with its cause', async () => {
    const message = { position: 'topic/0/7', value: Buffer.from([0, 1, 255]), cause: 'no\0event' };
    await store.bury([message, { ...message, position: 'topic/0/8', value: Buffer.alloc(0) }]);
    await store.bury([message]);
    const dead = await database.pool.query(
      `SELECT position, cause, value FROM tandem_billing.dead_event ORDER BY position`,
    );
    assert.deepEqual(dead.rows, [
      { position: 'topic/0/7', cause: 'noevent', value: Buffer.from([0, 1, 255]) },
      { position: 'topic/0/8', cause: 'noevent', value: Buffer.alloc(0) },
    ]);
  });
});
