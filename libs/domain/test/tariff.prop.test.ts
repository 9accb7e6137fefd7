import { test } from 'node:test';
import fc from 'fast-check';
import { charge, incrementsOf, leastPrice, longestSeconds } from '../src/index.ts';
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

/** What a call costs, told as a clerk would: increment for increment, in sixtieths of 1e-9, rounded once. */
function plainPrice(tariff: Tariff, seconds: number): bigint {
  if (seconds <= tariff.freeSeconds) return 0n;
  let billed = tariff.firstIncrementSeconds;
  let sixtieths = tariff.pricePerMinute * BigInt(tariff.firstIncrementSeconds);
  while (tariff.freeSeconds + billed < seconds) {
    billed += tariff.nextIncrementSeconds;
    sixtieths += tariff.pricePerMinute * BigInt(tariff.nextIncrementSeconds);
  }
  const whole = sixtieths / 60n;
  return tariff.connectionFee + (sixtieths % 60n >= 30n ? whole + 1n : whole);
}

test('BILL-02 the price is that of a plain rater, to the last digit, and so is the sum of many', () => {
  fc.assert(
    fc.property(
      anyTariff,
      fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 20 }),
      (tariff, calls) => {
        const sum = (price: (seconds: number) => bigint) =>
          calls.reduce((total, seconds) => total + price(seconds), 0n);
        return (
          sum((seconds) => charge(tariff, seconds).price) ===
          sum((seconds) => plainPrice(tariff, seconds))
        );
      },
    ),
  );
});

test('BILL-05 what is reserved in whole increments is never less than the charge, and more by less than 1e-9 for each', () => {
  fc.assert(
    fc.property(anyTariff, fc.integer({ min: 1, max: 10_000 }), (tariff, seconds) => {
      const { firstSeconds, freeSeconds, leastNanos, nextSeconds, stepNanos } =
        incrementsOf(tariff);
      const steps = Math.ceil(Math.max(0, seconds - firstSeconds) / nextSeconds);
      const reserved = seconds <= freeSeconds ? 0n : leastNanos + stepNanos * BigInt(steps);
      const { price } = charge(tariff, seconds);
      return reserved >= price && reserved - price <= BigInt(steps + 1);
    }),
    { numRuns: 2000 },
  );
});
