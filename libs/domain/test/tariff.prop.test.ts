import { test } from 'node:test';
import fc from 'fast-check';
import { charge, leastPrice, longestSeconds } from '../src/index.ts';
import type { Tariff } from '../src/index.ts';

const amount = fc.oneof(
  fc.constantFrom(0n, 1n, 29n, 30n, 31n),
  fc.bigInt({ min: 0n, max: 2_000_000_000n }),
);
const anyTariff: fc.Arbitrary<Tariff> = fc.record({
  pricePerMinute: amount,
  connectionFee: amount,
  firstIncrementSeconds: fc.integer({ min: 1, max: 120 }),
  nextIncrementSeconds: fc.integer({ min: 1, max: 120 }),
  freeSeconds: fc.integer({ min: 0, max: 60 }),
});

test('BILL-02 billed seconds cover the call, in full increments, and no increment too many', () => {
  fc.assert(
    fc.property(anyTariff, fc.integer({ min: 1, max: 100_000 }), (tariff, seconds) => {
      const { billedSeconds } = charge(tariff, seconds);
      const chargeable = Math.max(0, seconds - tariff.freeSeconds);
      if (chargeable === 0) return billedSeconds === 0;
      const { firstIncrementSeconds: first, nextIncrementSeconds: next } = tariff;
      const isFull = billedSeconds >= first && (billedSeconds - first) % next === 0;
      const isLeast = billedSeconds === first || billedSeconds - next < chargeable;
      return isFull && isLeast && billedSeconds >= chargeable;
    }),
  );
});

test('BILL-02 a longer call never costs less', () => {
  fc.assert(
    fc.property(anyTariff, fc.integer({ min: 1, max: 10_000 }), (tariff, seconds) => {
      return charge(tariff, seconds + 1).price >= charge(tariff, seconds).price;
    }),
  );
});

test('DENY-05 no call costs less than the least, but those within the free seconds', () => {
  fc.assert(
    fc.property(anyTariff, fc.integer({ min: 1, max: 10_000 }), (tariff, seconds) => {
      const { price } = charge(tariff, seconds);
      return seconds <= tariff.freeSeconds ? price === 0n : price >= leastPrice(tariff);
    }),
  );
});

test('CALL-09 a call that may begin is cut off where its money ends, never later and never earlier', () => {
  fc.assert(
    fc.property(anyTariff, amount, (tariff, more) => {
      const money = leastPrice(tariff) + more;
      const longest = longestSeconds(tariff, money);
      if (longest === 0) return tariff.pricePerMinute === 0n;
      if (longest === 0xffff_ffff) return charge(tariff, longest).price <= money;
      return charge(tariff, longest).price <= money && charge(tariff, longest + 1).price > money;
    }),
    { numRuns: 2000 },
  );
});
