import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMoney } from '@tandem/domain';
import { Terms } from '@tandem/proto/billing';
import { RateMemo } from '../../src/core/rate-memo.ts';
import { describePrice, findRate } from '../../src/core/rates.ts';
import type { RateMatch } from '../../src/core/routing-tables.ts';
import { NOON, configure, tablesOf } from '../routing-fixture.ts';

function rate(changes: Record<string, unknown>): RateMatch {
  const rates = [
    { prefix: '44', pricePerMinute: '0.6', ...changes },
    { prefix: '4420', pricePerMinute: '9' },
  ];
  const rateGroups = [{ name: 'standard', currency: 'EUR', rates }];
  const group = tablesOf(configure({ rateGroups })).accounts.get('demo')?.rateGroup;
  const match = findRate(group, '441', NOON);
  assert.ok(match);
  return match;
}

test('BILL-02 the rate with the longest prefix is taken', () => {
  const tables = tablesOf(configure());
  const group = tables.accounts.get('demo')?.rateGroup;
  assert.equal(findRate(group, '+442079460000', NOON)?.prefix, '44');
  assert.equal(findRate(group, '33', NOON), undefined);
  assert.equal(findRate(undefined, '44', NOON), undefined);
});

test('BILL-02 the terms hold all that the call is charged by', () => {
  const tables = tablesOf(configure(), 7);
  const account = tables.accounts.get('demo');
  assert.ok(account);
  const match = rate({ connectionFee: '0.1', freeSeconds: 3, firstIncrement: 6, nextIncrement: 1 });
  assert.deepEqual(
    Terms.decode(new RateMemo(7, 'down', 60).terms(account, match)),
    Terms.create({
      account: 'demo',
      rateGroup: 'standard',
      prefix: '44',
      currency: 'EUR',
      pricePerMinute: '0.6',
      firstIncrementSeconds: 6,
      nextIncrementSeconds: 1,
      connectionFee: '0.1',
      freeSeconds: 3,
      configurationVersion: 7,
      rounding: 'down',
      reserving: true,
    }),
  );
});

test('ROUTE-12 the price is told in words', () => {
  assert.equal(describePrice(rate({})), '0.6 EUR a minute, 60/60, prefix 44, rate group standard');
  assert.equal(
    describePrice(rate({ connectionFee: '0.10', freeSeconds: 3, nextIncrement: 1 })),
    '0.6 EUR a minute, 60/1, connection fee 0.10, first 3 s free, prefix 44, rate group standard',
  );
  assert.match(describePrice({ ...rate({}), prefix: '' }), /prefix any/);
});

test('ROUTE-14 what is remembered of rates is bounded and stays right', () => {
  const memo = new RateMemo(1, 'half', 60);
  const account = tablesOf(configure()).accounts.get('demo');
  assert.ok(account);
  for (let index = 0; index < 50_000; index++) {
    const match = rateNumber(index);
    const price = `0.${String(index + 1)}`;
    assert.equal(memo.tariff(match.rate).pricePerMinute, parseMoney(price));
    if (index % 2 !== 0) continue;
    const terms = memo.terms(account, match);
    assert.equal(memo.terms(account, match), terms);
  }
});

const template = rate({});

function rateNumber(index: number): RateMatch {
  return { ...template, rate: { ...template.rate, pricePerMinute: `0.${String(index + 1)}` } };
}

test('BILL-02 a rate is in effect from its first moment on and no more at its last; a shorter prefix stands in where none is', () => {
  const rates = [
    { prefix: '44', pricePerMinute: '1', effectiveUntil: '2026-06-01T12:00:00Z' },
    { prefix: '44', pricePerMinute: '2', effectiveFrom: '2026-06-01T14:00:00+02:00', effectiveUntil: '2026-06-02T00:00:00Z' }, // prettier-ignore
    { prefix: '44', pricePerMinute: '3', effectiveFrom: '2026-06-03T00:00:00Z' },
    { prefix: '4', pricePerMinute: '9' },
  ];
  const rateGroups = [{ name: 'standard', currency: 'EUR', rates }];
  const group = tablesOf(configure({ rateGroups })).accounts.get('demo')?.rateGroup;
  const priceAt = (time: string) => findRate(group, '4420', Date.parse(time))?.rate.pricePerMinute;
  assert.equal(priceAt('2026-06-01T11:59:59.999Z'), '1');
  assert.equal(priceAt('2026-06-01T12:00:00.000Z'), '2');
  assert.equal(priceAt('2026-06-01T23:59:59.999Z'), '2');
  assert.equal(priceAt('2026-06-02T00:00:00Z'), '9');
  assert.equal(priceAt('2026-06-02T23:59:59.999Z'), '9');
  assert.equal(priceAt('2026-06-03T00:00:00Z'), '3');
  const match = findRate(group, '4420', NOON);
  assert.ok(match);
  assert.match(
    describePrice(match),
    /rate group standard, from 2026-06-01T14:00:00\+02:00, until /,
  );
});
