import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Terms } from '@tandem/proto/billing';
import { rateOfBytes } from '../../src/core/known-rates.ts';
import { terms } from '../support/call-events.ts';

const bytes = (pricePerMinute: string) => Terms.encode(terms({ pricePerMinute })).finish();

test('BILL-02 the same terms are read once, others for themselves', () => {
  assert.equal(rateOfBytes(bytes('0.5')), rateOfBytes(bytes('0.5')));
  assert.equal(rateOfBytes(bytes('0.25')).pricePerMinute, 250_000_000n);
});

test('BILL-02 ever new terms do not fill the memory: the old ones are forgotten and read again', () => {
  const first = rateOfBytes(bytes('0.5'));
  for (let index = 0; index < 10_000; index += 1) rateOfBytes(bytes(`1.${String(index)}`));
  const again = rateOfBytes(bytes('0.5'));
  assert.notEqual(again, first);
  assert.deepEqual(again, first);
});

test('BILL-02 terms that cannot be read are refused each time', () => {
  for (let round = 0; round < 2; round += 1) {
    assert.throws(() => rateOfBytes(bytes('cheap')), RangeError);
    assert.throws(() => rateOfBytes(Buffer.from([0xff])), Error);
  }
});
