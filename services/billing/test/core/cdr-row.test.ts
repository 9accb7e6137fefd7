import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeCallEvent } from '@tandem/events';
import { Terms } from '@tandem/proto/billing';
import type { CallEvent } from '@tandem/proto/events';
import { readLevels, writeLevels } from '../../src/core/cdr-levels.ts';
import { cdrOf } from '../../src/core/cdr-row.ts';
import type { CdrRow } from '../../src/core/cdr-row.ts';
import { answeredEvent, endedEvent, noonMs, terms, received } from '../support/call-events.ts';

function row(changes: Partial<CallEvent> = {}): CdrRow {
  const result = cdrOf(received(endedEvent('call-1', changes)));
  assert.equal(result.kind, 'usable');
  return result.row;
}

const bytes = (changes: Partial<Terms>) => Terms.encode(terms(changes)).finish();

test('BILL-03 an answered call becomes a row with numbers, gateways, accounts, times and price', () => {
  const { event, ...columns } = row({ vendorTerms: bytes({ account: 'vendor-x', currency: 'EUR' }) }); // prettier-ignore
  assert.equal(decodeCallEvent(event).callId, 'call-1');
  assert.deepEqual(columns, {
    callId: 'call-1',
    startedMs: noonMs,
    answeredMs: noonMs + 3000,
    endedMs: noonMs + 13_000,
    originKind: 'mapping-gateway',
    origin: 'demo-trunk',
    gateway: 'carrier-a',
    customerAccount: 'demo',
    vendorAccount: 'vendor-x',
    caller: '1001',
    callee: '442079460000',
    aSipCallId: 'a-call-1@127.0.0.2',
    address: '127.0.0.2',
    bSipCallId: '',
    reason: 'NormalClearing',
    code: 200,
    pddMs: 500,
    prefix: '44',
    durationMs: 10_000,
    billedSeconds: 60,
    price: 12_300_000n,
    currency: 'USD',
    isReserving: false,
    cost: 12_300_000n,
    costCurrency: 'EUR',
    levels: [],
    problem: '',
  });
});

test('BILL-03 a failed attempt has a row that costs nothing', () => {
  const refused = row({
    answeredMs: 0,
    b: undefined,
    attempts: [],
    customerTerms: Buffer.alloc(0),
    termination: { reason: 'NoRate', code: 403, by: 'switch', text: '' },
  });
  assert.equal(refused.reason, 'NoRate');
  assert.equal(refused.code, 403);
  assert.equal(refused.gateway, '');
  assert.equal(refused.customerAccount, 'demo');
  assert.equal(refused.billedSeconds, 0);
  assert.equal(refused.price, 0n);
});

test('BILL-03 a call from nobody known still has a row', () => {
  const unknown = row({ origin: undefined, a: undefined, termination: undefined, answeredMs: 0 });
  assert.deepEqual([unknown.origin, unknown.caller, unknown.reason, unknown.code], ['', '', '', 0]);
});

test('BILL-03 the gateway is that of the last attempt', () => {
  const attempt = { account: '', address: '', startedMs: 1, endedMs: 2, code: 503, reason: '', text: '' }; // prettier-ignore
  const { gateway } = row({
    attempts: [
      { ...attempt, gateway: 'carrier-a' },
      { ...attempt, gateway: 'carrier-b' },
    ],
  });
  assert.equal(gateway, 'carrier-b');
});

test('BILL-02 a call without terms is not charged but its seconds are counted', () => {
  const free = row({ customerTerms: Buffer.alloc(0) });
  assert.deepEqual([free.billedSeconds, free.price, free.problem], [10, 0n, '']);
});

test('BILL-11 G2-07 the row keeps the milliseconds and bills seconds by the rounding of its terms', () => {
  const times = { answeredMs: noonMs, endedMs: noonMs + 60_007 };
  for (const [rounding, billed] of [
    ['up', 120],
    ['half', 60],
    ['down', 60],
    ['', 60],
  ] as const) {
    // prettier-ignore
    const { durationMs, billedSeconds } = row({ ...times, customerTerms: bytes({ rounding }) });
    assert.deepEqual([durationMs, billedSeconds], [60_007, billed], rounding);
  }
  const unanswered = row({ answeredMs: 0 });
  assert.deepEqual([unanswered.durationMs, unanswered.billedSeconds], [0, 0]);
});

test('CALL-05 T2-27 a call that nobody refreshed is charged to its last proof of life, and ends when it was ended', () => {
  const ended = { answeredMs: noonMs, endedMs: noonMs + 90_000, chargedToAlive: true };
  const second = { firstIncrementSeconds: 1, nextIncrementSeconds: 1 };
  for (const [aliveMs, lastedMs, billed] of [
    [noonMs + 90_000, 90_000, 90],
    [noonMs + 30_200, 30_200, 30],
    [noonMs, 0, 1],
  ] as const) {
    const cdr = row({ ...ended, aliveMs, customerTerms: bytes(second) });
    assert.deepEqual([cdr.durationMs, cdr.billedSeconds], [lastedMs, billed]);
    assert.equal(cdr.endedMs, noonMs + 90_000);
  }
});

test('BILL-04 a call whose terms cannot be read has a row, not charged, that says why', () => {
  const broken = row({ customerTerms: bytes({ pricePerMinute: 'cheap' }), vendorTerms: Buffer.from([0xff]) }); // prettier-ignore
  assert.equal(broken.price, 0n);
  assert.match(
    broken.problem,
    /customer not charged: "cheap" is not an amount.*vendor not charged/,
  );
});

test('BILL-04 a price that nobody would pay is not charged and says why', () => {
  const nobody = row({ customerTerms: bytes({ account: '' }), origin: undefined });
  assert.equal(nobody.price, 0n);
  assert.equal(nobody.problem, 'customer not charged: no account to charge');
});

test('BILL-01 terms without account are charged to the account of the caller', () => {
  assert.equal(row({ customerTerms: bytes({ account: '' }) }).customerAccount, 'demo');
});

test('BILL-04 an event with impossible times or ids is unusable, with its cause', () => {
  const cases: [changes: Partial<CallEvent>, cause: RegExp][] = [
    [{ startedMs: 0 }, /started at 0/],
    [{ startedMs: -1 }, /started at 1844674407370955/],
    [{ endedMs: 9e15 }, /ended at/],
    [{ answeredMs: 9e15 }, /answered at 9000000000000000/],
    [{ endedMs: 0 }, /an end without its time/],
    [{ callId: 'x'.repeat(129) }, /129 characters/],
    [{ callId: 'a\0b' }, /NUL/],
  ];
  for (const [changes, cause] of cases) {
    const result = cdrOf(received(endedEvent('call-1', changes)));
    assert.ok(result.kind === 'unusable');
    assert.match(result.cause, cause);
  }
  const answer = cdrOf(received(answeredEvent('call-1', { answeredMs: 0 })));
  assert.ok(answer.kind === 'unusable');
  assert.match(answer.cause, /an answer without its time/);
});

test('BILL-04 text longer than an index bears is cut, a NUL character taken out', () => {
  const event = endedEvent('call-1');
  assert.ok(event.a);
  event.a.caller = `a\0b${'x'.repeat(1000)}`;
  const result = cdrOf(received(event));
  assert.ok(result.kind === 'usable');
  assert.equal(result.row.caller.length, 511);
  assert.ok(result.row.caller.startsWith('abx'));
});

test('BILL-01 BILL-03 each reseller above the customer owes by its own rate; nothing where nobody answered', () => {
  const north = terms({ account: 'north', pricePerMinute: '0.02', reserving: true });
  const owner = terms({ account: 'owner', pricePerMinute: '0.6', firstIncrementSeconds: 1, nextIncrementSeconds: 1 }); // prettier-ignore
  const customerTerms = bytes({ pricePerMinute: '0.03', resellers: [north, owner] });
  const answered = row({ answeredMs: noonMs, endedMs: noonMs + 10_000, customerTerms });
  const level = { currency: 'USD', prefix: '44' };
  assert.deepEqual(answered.levels, [
    { ...level, account: 'north', price: 20_000_000n, billedSeconds: 60, isReserving: true },
    { ...level, account: 'owner', price: 100_000_000n, billedSeconds: 10, isReserving: false },
  ]);
  const { levels } = row({ answeredMs: 0, customerTerms });
  assert.deepEqual(
    levels.map(({ account, billedSeconds, price }) => [account, billedSeconds, price]),
    [
      ['north', 0, 0n],
      ['owner', 0, 0n],
    ],
  );
  const kept = answered.levels.map((each) => ({ ...each, isReserving: undefined }));
  const read = readLevels(JSON.parse(writeLevels(answered.levels)));
  assert.deepEqual(
    read.map((each) => ({ ...each, isReserving: undefined })),
    kept,
  );
});
