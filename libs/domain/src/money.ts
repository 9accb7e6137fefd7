/**
 * An amount of money in 1e-9 units of its currency. Money is never a `number`: sums of floats lose
 * the last decimal, and the ledger must add up to it (BILL-02).
 */
export type Nanos = bigint;

const DIGITS = 9;
const UNIT = 10n ** BigInt(DIGITS);
const DECIMAL = /^(-?)(\d{1,18})(?:\.(\d{1,9}))?$/;

/**
 * Reads decimal text such as `0.0123` or `-5`.
 * @throws RangeError where the text is no decimal with at most 18 digits before and 9 after the point.
 */
export function parseMoney(text: string): Nanos {
  const match = DECIMAL.exec(text);
  if (match === null) {
    throw new RangeError(
      `"${text}" is not an amount: write a decimal with at most ${String(DIGITS)} digits after the point, such as 0.0123`,
    );
  }
  const [, sign, whole = '0', fraction = ''] = match;
  const nanos = BigInt(whole) * UNIT + BigInt(fraction.padEnd(DIGITS, '0'));
  return sign === '-' ? -nanos : nanos;
}

/** Writes an amount as the shortest decimal text that `parseMoney` reads back to the same value. */
export function formatMoney(nanos: Nanos): string {
  const sign = nanos < 0n ? '-' : '';
  const absolute = nanos < 0n ? -nanos : nanos;
  const fraction = (absolute % UNIT).toString().padStart(DIGITS, '0').replace(/0+$/, '');
  const whole = (absolute / UNIT).toString();
  return fraction === '' ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
}

/** `amount × numerator ÷ denominator`, rounded half away from zero to 1e-9. */
export function multiplyRatio(amount: Nanos, numerator: bigint, denominator: bigint): Nanos {
  if (denominator <= 0n) throw new RangeError('the denominator must be positive');
  const product = amount * numerator;
  const half = denominator / 2n;
  return product >= 0n ? (product + half) / denominator : -((-product + half) / denominator);
}
