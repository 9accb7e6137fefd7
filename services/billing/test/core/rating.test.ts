import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callSeconds, charge, formatMoney } from '@tandem/domain';
import { durationMs, explainTerms, rateOf } from '../../src/core/rating.ts';
import { terms } from '../support/call-events.ts';

const rate = (changes: Parameters<typeof terms>[0]) => rateOf(terms(changes));

test('BILL-11 G2-07 milliseconds become seconds as SERVER_BILLING_ROUND says, one at least', () => {
  const lengths: [ms: number, up: number, half: number, down: number][] = [
    [0, 1, 1, 1],
    [1, 1, 1, 1],
    [999, 1, 1, 1],
    [1000, 1, 1, 1],
    [1001, 2, 1, 1],
    [1499, 2, 1, 1],
    [1500, 2, 2, 1],
    [12_004, 13, 12, 12],
    [59_999, 60, 60, 59],
    [60_000, 60, 60, 60],
    [60_009, 61, 60, 60],
    [60_500, 61, 61, 60],
  ];
  for (const [ms, up, half, down] of lengths) {
    const seconds = (['up', 'half', 'down'] as const).map((each) => callSeconds(ms, each));
    assert.deepEqual(seconds, [up, half, down], `${String(ms)} ms`);
  }
});

test('BILL-11 G2-07 a call that both sides hold for 60 s costs 60 s at 60/60, and 120 by `up`', () => {
  const billed = (rounding: string): number => {
    const sixty = rate({ rounding });
    return charge(sixty, callSeconds(60_007, sixty.rounding)).billedSeconds;
  };
  assert.deepEqual(['up', 'half', 'down', ''].map(billed), [120, 60, 60, 60]);
});

test('BILL-11 the duration is that from the answer to the end, to the millisecond, and never negative', () => {
  const call = { answeredMs: 5000, endedMs: 65_007, aliveMs: 0, chargedToAlive: 0 };
  assert.equal(durationMs(call), 60_007);
  assert.equal(durationMs({ ...call, endedMs: 4990 }), 0);
  assert.equal(durationMs({ ...call, answeredMs: 0 }), 0);
});

test('CALL-05 T2-27 what the switch ended is charged to the last proof of life, which is its end where the callee was there', () => {
  const call = { answeredMs: 5000, endedMs: 95_000, chargedToAlive: 1 };
  assert.equal(durationMs({ ...call, aliveMs: 25_100 }), 20_100);
  assert.equal(durationMs({ ...call, aliveMs: 95_000 }), 90_000);
  assert.equal(durationMs({ ...call, aliveMs: 95_900 }), 90_000);
  assert.equal(durationMs({ ...call, aliveMs: 0 }), 0);
});

test('BILL-02 a call is rounded up to the first increment, then to full next increments', () => {
  const cases: [first: number, next: number, seconds: number, billed: number][] = [
    [60, 60, 1, 60],
    [60, 60, 60, 60],
    [60, 60, 61, 120],
    [30, 6, 29, 30],
    [30, 6, 31, 36],
    [30, 6, 36, 36],
    [30, 6, 37, 42],
    [6, 6, 7, 12],
    [1, 1, 7, 7],
    [60, 1, 61, 61],
    [0, 0, 7, 7],
  ];
  for (const [first, next, seconds, billed] of cases) {
    const increments = { firstIncrementSeconds: first, nextIncrementSeconds: next };
    const result = charge(rate(increments), seconds);
    assert.equal(result.billedSeconds, billed, `${String(first)}/${String(next)}`);
  }
});

test('BILL-02 the price is exact: price a minute times billed seconds, plus the connection fee', () => {
  const cases: [changes: Parameters<typeof terms>[0], seconds: number, price: string][] = [
    [{}, 1, '0.0123'],
    [{}, 61, '0.0246'],
    [{ connectionFee: '0.05' }, 1, '0.0623'],
    [{ firstIncrementSeconds: 1, nextIncrementSeconds: 1 }, 7, '0.001435'],
    [{ pricePerMinute: '0.000000001', firstIncrementSeconds: 1, nextIncrementSeconds: 1 }, 29, '0'],
    [{ pricePerMinute: '0.000000001', firstIncrementSeconds: 1, nextIncrementSeconds: 1 }, 30, '0.000000001'], // prettier-ignore
    [{ pricePerMinute: '0' }, 600, '0'],
    [{ pricePerMinute: '999999999999', connectionFee: '' }, 86_400, '1439999999998560'],
  ];
  for (const [changes, seconds, price] of cases) {
    assert.equal(formatMoney(charge(rate(changes), seconds).price), price);
  }
});

test('BILL-02 free seconds come off first; a call no longer than they are costs nothing at all', () => {
  const free = rate({ freeSeconds: 10, connectionFee: '0.1' });
  assert.deepEqual(charge(free, 10), { billedSeconds: 0, price: 0n });
  assert.deepEqual(charge(free, 11), { billedSeconds: 60, price: 112_300_000n });
  assert.deepEqual(charge(free, 71), { billedSeconds: 120, price: 124_600_000n });
});

test('BILL-02 terms whose amounts are no decimals are refused', () => {
  assert.throws(() => charge(rate({ pricePerMinute: '' }), 1), RangeError);
  assert.throws(() => charge(rate({ connectionFee: '1e3' }), 1), RangeError);
});

test('BILL-03 the terms are told in words', () => {
  assert.match(explainTerms(terms({ prefix: '' })), /prefix any, rate group standard$/);
  assert.equal(explainTerms(terms()), '0.0123 a minute, 60/60, prefix 44, rate group standard');
  assert.equal(
    explainTerms(terms({ connectionFee: '0.1', freeSeconds: 5, firstIncrementSeconds: 30, nextIncrementSeconds: 0 })), // prettier-ignore
    '0.0123 a minute, 30/1, connection fee 0.1, first 5 s free, prefix 44, rate group standard',
  );
  assert.match(explainTerms(terms({ rateSheetVersion: 3 })), /rate group standard, version 3 of its sheet$/); // prettier-ignore
  assert.match(explainTerms(terms({ rounding: 'half' })), /rate group standard$/);
  assert.match(explainTerms(terms({ rounding: 'up' })), /standard, begun seconds count$/);
  assert.match(explainTerms(terms({ rounding: 'down' })), /standard, full seconds count$/);
});
