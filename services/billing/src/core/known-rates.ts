import { Terms } from '@tandem/proto/billing';
import { rateOf } from './rating.ts';
import type { Rate } from './rating.ts';

/** More different terms than this are forgotten all at once; a busy hour has a few thousand. */
const MOST_KNOWN = 10_000;

const known = new Map<string, Rate>();

/**
 * The rate of encoded terms. All calls of a customer to one prefix have the same bytes, hence they are read
 * once; the result depends on the bytes alone.
 * @throws Error where the bytes are no terms or an amount is no decimal.
 */
export function rateOfBytes(bytes: Uint8Array): Rate {
  const key = latin1(bytes);
  let rate = known.get(key);
  if (rate === undefined) {
    rate = rateOf(Terms.decode(bytes));
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(key, rate);
  }
  return rate;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
