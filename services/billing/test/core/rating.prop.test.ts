import { test } from 'node:test';
import fc from 'fast-check';
import { charge, rateOf } from '../../src/core/rating.ts';
import { terms } from '../support/call-events.ts';

const anyRate = fc
  .record({
    pricePerMinute: fc.integer({ min: 0, max: 1_000_000 }).map((n) => (n / 10_000).toFixed(4)),
    connectionFee: fc.constantFrom('0', '0.01', '1'),
    firstIncrementSeconds: fc.integer({ min: 1, max: 120 }),
    nextIncrementSeconds: fc.integer({ min: 1, max: 120 }),
    freeSeconds: fc.integer({ min: 0, max: 60 }),
  })
  .map((changes) => rateOf(terms(changes)));

test('BILL-02 billed seconds cover the call, in full increments, and no increment too many', () => {
  fc.assert(
    fc.property(anyRate, fc.integer({ min: 1, max: 100_000 }), (rate, seconds) => {
      const { billedSeconds } = charge(rate, seconds);
      const chargeable = Math.max(0, seconds - rate.freeSeconds);
      if (chargeable === 0) return billedSeconds === 0;
      const { firstIncrementSeconds: first, nextIncrementSeconds: next } = rate;
      const isFull = billedSeconds >= first && (billedSeconds - first) % next === 0;
      const isLeast = billedSeconds === first || billedSeconds - next < chargeable;
      return isFull && isLeast && billedSeconds >= chargeable;
    }),
  );
});

test('BILL-02 a longer call never costs less', () => {
  fc.assert(
    fc.property(anyRate, fc.integer({ min: 1, max: 10_000 }), (rate, seconds) => {
      return charge(rate, seconds + 1).price >= charge(rate, seconds).price;
    }),
  );
});
