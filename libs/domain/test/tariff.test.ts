import assert from 'node:assert/strict';
import { test } from 'node:test';
import { charge, formatMoney, leastPrice, longestSeconds, parseMoney } from '../src/index.ts';
import type { Tariff } from '../src/index.ts';

function tariff(changes: Partial<Record<keyof Tariff, string | number>>): Tariff {
  const rate = {
    pricePerMinute: '0.6',
    connectionFee: '0',
    firstIncrementSeconds: 60,
    nextIncrementSeconds: 60,
    freeSeconds: 0,
    ...changes,
  };
  return {
    pricePerMinute: parseMoney(String(rate.pricePerMinute)),
    connectionFee: parseMoney(String(rate.connectionFee)),
    firstIncrementSeconds: Number(rate.firstIncrementSeconds),
    nextIncrementSeconds: Number(rate.nextIncrementSeconds),
    freeSeconds: Number(rate.freeSeconds),
  };
}

function least(changes: Parameters<typeof tariff>[0]): string {
  return formatMoney(leastPrice(tariff(changes)));
}

function longest(changes: Parameters<typeof tariff>[0], money: string): number {
  return longestSeconds(tariff(changes), parseMoney(money));
}

test('DENY-05 a call costs at least its connection fee and its first increment', () => {
  const bySecond = { firstIncrementSeconds: 1, nextIncrementSeconds: 1 };
  assert.equal(least({}), '0.6');
  assert.equal(least({ ...bySecond, pricePerMinute: '0.05', connectionFee: '0.15' }), '0.150833333'); // prettier-ignore
  assert.equal(least({ firstIncrementSeconds: 30, nextIncrementSeconds: 6 }), '0.3');
  assert.equal(least({ pricePerMinute: '0', connectionFee: '0.15' }), '0.15');
  assert.equal(least({ pricePerMinute: '0' }), '0');
  assert.equal(least({ ...bySecond, pricePerMinute: '0.000000001' }), '0');
});

test('DENY-05 free seconds do not lower what a call costs once it costs anything', () => {
  assert.equal(least({ connectionFee: '0.1', freeSeconds: 10 }), '0.7');
});

test('CALL-09 the longest call is what the money pays, in full increments', () => {
  assert.equal(longest({}, '6'), 600);
  assert.equal(longest({}, '6.59'), 600);
  assert.equal(longest({ firstIncrementSeconds: 1, nextIncrementSeconds: 1 }, '6.59'), 659);
  assert.equal(longest({ firstIncrementSeconds: 30, nextIncrementSeconds: 6 }, '0.47'), 42);
  assert.equal(longest({ connectionFee: '0.6' }, '6'), 540);
  assert.equal(longest({ freeSeconds: 10 }, '6'), 610);
});

test('CALL-09 a call that began gets its first increment', () => {
  assert.equal(longest({}, '0.000000001'), 60);
  assert.equal(longest({ connectionFee: '5' }, '1'), 60);
});

test('CALL-09 what costs nothing by the minute has no longest time', () => {
  assert.equal(longest({ pricePerMinute: '0', connectionFee: '1' }, '6'), 0);
});

test('CALL-09 the longest time fits its field', () => {
  assert.equal(longest({ pricePerMinute: '0.000000001' }, '100000000'), 0xffff_ffff);
});

test('BILL-02 money is exact where the rounding of the last digit decides', () => {
  const bySecond = {
    pricePerMinute: '0.000000001',
    firstIncrementSeconds: 1,
    nextIncrementSeconds: 1,
  };
  // 29 s round down to nothing, 89 s to one billionth.
  assert.equal(longest(bySecond, '0.000000001'), 89);
  assert.equal(formatMoney(charge(tariff(bySecond), 89).price), '0.000000001');
  assert.equal(formatMoney(charge(tariff(bySecond), 90).price), '0.000000002');
});
