import { minorUnitOf, multiplyRatio, parseMoney } from '@tandem/domain';
import type { Nanos } from '@tandem/domain';

/** A tax that is on what is charged. */
export interface TaxRate {
  readonly name: string;
  /** Decimal text, per cent, such as `8.875`. */
  readonly percent: string;
}

/** What a tax comes to. */
export interface TaxSum extends TaxRate {
  readonly amount: Nanos;
}

/** What an invoice comes to. Everything but the charges is in whole coins of the currency, and net + taxes = total. */
export interface InvoiceSums {
  readonly net: Nanos;
  readonly taxes: readonly TaxSum[];
  readonly tax: Nanos;
  readonly total: Nanos;
}

const DIGITS = 9;
const HUNDRED = 100_000_000_000n;

/** In whole coins (ISO 4217), half away from zero. */
export function toCoins(amount: Nanos, currency: string): Nanos {
  const coin = 10n ** BigInt(Math.max(0, DIGITS - minorUnitOf(currency)));
  return multiplyRatio(amount, 1n, coin) * coin;
}

/**
 * What is to be paid for charges (ADR 99): their sum is rounded to coins once, and so is each tax, which is on the rounded sum. Where
 * taxes are in the prices the rounded sum is the total, and each tax is its part of it.
 */
export function invoiceSums(
  charges: Nanos,
  terms: {
    readonly currency: string;
    readonly taxes: readonly TaxRate[];
    readonly isTaxIncluded: boolean;
  },
): InvoiceSums {
  const { currency, isTaxIncluded } = terms;
  const rounded = toCoins(charges, currency);
  const rates = terms.taxes.map((rate) => ({ rate, share: parseMoney(rate.percent) }));
  const whole = isTaxIncluded ? rates.reduce((sum, { share }) => sum + share, HUNDRED) : HUNDRED;
  const taxes = rates.map(({ rate, share }) => ({
    ...rate,
    amount: coinsOfRatio(rounded, { share, whole, currency }),
  }));
  const tax = taxes.reduce((sum, { amount }) => sum + amount, 0n);
  const net = isTaxIncluded ? rounded - tax : rounded;
  return { net, taxes, tax, total: net + tax };
}

/** A part of an amount in whole coins, rounded once. */
function coinsOfRatio(
  amount: Nanos,
  { currency, share, whole }: { readonly share: bigint; readonly whole: bigint; readonly currency: string }, // prettier-ignore
): Nanos {
  const coin = 10n ** BigInt(Math.max(0, DIGITS - minorUnitOf(currency)));
  return multiplyRatio(amount, share, whole * coin) * coin;
}
