import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatMoney, minorUnitOf } from '@tandem/domain';
import { InvoiceLines } from '../../src/core/invoice-lines.ts';
import { invoiceSums, toCoins } from '../../src/core/invoice-sums.ts';

const currency = fc.constantFrom('USD', 'JPY', 'KWD', 'EUR');
const amount = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n });
const percent = fc.integer({ min: 0, max: 1_000_000 }).map((tenThousandths) => formatMoney(BigInt(tenThousandths) * 100_000n)); // prettier-ignore
const taxes = fc.array(percent.map((each) => ({ name: 'tax', percent: each })), { maxLength: 3 }); // prettier-ignore

/** Half away from zero by long division of decimal digits, without the shared arithmetic. */
function plainCoins(nanos: bigint, digits: number): bigint {
  const sign = nanos < 0n ? -1n : 1n;
  const text = (nanos * sign).toString().padStart(10, '0');
  const whole = BigInt(text.slice(0, text.length - 9 + digits) || '0');
  const next = Number(text[text.length - 9 + digits] ?? '0');
  return sign * (whole + (next >= 5 ? 1n : 0n)) * 10n ** BigInt(9 - digits);
}

test('BILL-06 charges are rounded to coins of 0, 2 and 3 digits once, half away from zero', () => {
  fc.assert(
    fc.property(amount, currency, (charges, code) => {
      assert.equal(toCoins(charges, code), plainCoins(charges, minorUnitOf(code)));
    }),
  );
});

test('BILL-06 net and taxes are the total, in whole coins, and each tax is off its share by half a coin at most', () => {
  fc.assert(
    fc.property(amount, currency, taxes, fc.boolean(), (charges, code, rates, isTaxIncluded) => {
      const sums = invoiceSums(charges, { currency: code, taxes: rates, isTaxIncluded });
      const coin = 10n ** BigInt(9 - minorUnitOf(code));
      assert.equal(sums.net + sums.tax, sums.total);
      assert.equal(sums.taxes.reduce((sum, tax) => sum + tax.amount, 0n), sums.tax); // prettier-ignore
      for (const part of [sums.net, sums.total, ...sums.taxes.map((tax) => tax.amount)]) assert.equal(part % coin, 0n); // prettier-ignore
      const rounded = toCoins(charges, code);
      assert.equal(isTaxIncluded ? sums.total : sums.net, rounded);
      const shares = rates.map((rate) => BigInt(Math.round(Number(rate.percent) * 10_000)));
      const whole = isTaxIncluded ? shares.reduce((sum, share) => sum + share, 1_000_000n) : 1_000_000n; // prettier-ignore
      for (const [index, tax] of sums.taxes.entries()) {
        const off = tax.amount * whole - rounded * (shares[index] ?? 0n);
        assert.ok((off < 0n ? -off : off) * 2n <= coin * whole, `${String(tax.amount)} of ${String(rounded)}`); // prettier-ignore
      }
    }),
  );
});

test('BILL-06 lines add up to what was charged and paid, to the last digit, whatever they are grouped by', () => {
  const entry = fc.record({
    kind: fc.constantFrom('call', 'adjustment', 'payment', 'refund', 'opening', 'credit-note'),
    reference: fc.string(),
    amount,
    atMs: fc.nat(),
    note: fc.string(),
    isLate: fc.boolean(),
    call: fc.option(
      fc.record({
        prefix: fc.constantFrom('44', '4420', '1'),
        rate: fc.constantFrom('0.01 a minute, 60/60', ''),
        billedSeconds: fc.nat(10_000),
      }),
      { nil: undefined },
    ),
  });
  fc.assert(
    fc.property(fc.array(entry), (entries) => {
      const lines = new InvoiceLines();
      for (const each of entries) lines.add(each);
      const charged = lines.lines().filter(({ atMs }) => atMs === undefined);
      const paid = lines.lines().filter(({ atMs }) => atMs !== undefined);
      const sum = (all: readonly { readonly amount: bigint }[]) => all.reduce((total, each) => total + each.amount, 0n); // prettier-ignore
      assert.equal(sum(charged), lines.charges);
      assert.equal(sum(paid), lines.payments);
      assert.equal(lines.payments - lines.charges, sum(entries));
      const counted = lines.lines().reduce((total, each) => total + each.entries, 0);
      assert.equal(counted, entries.length);
    }),
  );
});
