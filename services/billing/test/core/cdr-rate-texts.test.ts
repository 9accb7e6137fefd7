import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Terms } from '@tandem/proto/billing';
import { cdrRateColumns } from '../../src/core/cdr-csv.ts';
import { writeLevels } from '../../src/core/cdr-levels.ts';
import { rateTexts } from '../../src/core/cdr-rate-texts.ts';
import { terms } from '../support/call-events.ts';

const levels: unknown = JSON.parse(
  writeLevels([
    { account: 'north', price: 20_000_000n, currency: 'USD', billedSeconds: 60, prefix: '44' },
    { account: 'owner', price: 0n, currency: 'USD', billedSeconds: 60, prefix: '44' },
  ]),
);

function told(kept: unknown, customerTerms: Uint8Array): Record<string, string | null> {
  const texts = rateTexts(kept, customerTerms);
  return Object.fromEntries(cdrRateColumns.flatMap((name, at) => (texts[at] === null ? [] : [[name, texts[at] ?? null]]))); // prettier-ignore
}

test('BILL-06 BILL-01 the columns of a CDR say by whose rates it was charged, and what each reseller owes by which rate', () => {
  const resellers = [
    terms({ account: 'north', rateGroup: 'north', pricePerMinute: '0.02', rateSheetVersion: 5 }),
    terms({ account: 'owner', rateGroup: 'owner', pricePerMinute: '0' }),
  ];
  const charged = Terms.encode(terms({ rateSheetVersion: 3, configurationVersion: 41, resellers }));
  assert.deepEqual(told(levels, charged.finish()), {
    rate_group: 'standard',
    rate_sheet_version: '3',
    configuration_version: '41',
    level_1_account: 'north',
    level_1_price: '0.02',
    level_1_rate: '0.02 a minute, 60/60, prefix 44, rate group north, version 5 of its sheet',
    level_2_account: 'owner',
    level_2_price: '0',
    level_2_rate: '0 a minute, 60/60, prefix 44, rate group owner',
  });
});

test('BILL-06 a rate of the configuration has no sheet, and a call that nobody is charged for no rates', () => {
  assert.deepEqual(told(null, Terms.encode(terms()).finish()), { rate_group: 'standard', configuration_version: '1' }); // prettier-ignore
  assert.deepEqual(told(null, new Uint8Array()), {});
});

test('BILL-04 terms that cannot be read leave what the levels owe', () => {
  const whatIsKnown = { level_1_account: 'north', level_1_price: '0.02', level_2_account: 'owner', level_2_price: '0' }; // prettier-ignore
  assert.deepEqual(told(levels, Buffer.from([0xff, 0xff])), whatIsKnown);
});
