import type { CheckOutcome } from '@tandem/proto/health';
import type { CheckTerms } from './check-terms.ts';
import { placeKey } from './health.ts';
import type { AddressHealth, GatewayHealth } from './health.ts';

/** A check of a gateway that has come to its end. */
export interface Checked {
  readonly edge: string;
  /** One for each address that was asked. */
  readonly outcomes: readonly CheckOutcome[];
}

/** As many checks as a state remembers. */
const MOST_BITS = 30;

/**
 * ROUTE-07: what a check makes of what was known. An address is off line once `failures` of its last `window` checks have failed,
 * and on line again once `window` in a row were answered: what answers now and then stays off. Addresses that were not asked,
 * since the name does not stand for them any more, are forgotten.
 */
export function healthStep(
  before: GatewayHealth | undefined,
  { edge, outcomes }: Checked,
  { nowMs, terms }: { readonly nowMs: number; readonly terms: CheckTerms },
): GatewayHealth {
  const known = new Map(before?.addresses.map((each) => [placeKey(each), each]));
  const addresses = outcomes.map((outcome) =>
    addressStep(known.get(placeKey(outcome)), outcome, { nowMs, terms }),
  );
  return { edge, checkedMs: nowMs, addresses };
}

/** RFC 3261 §11: whoever gives a final answer is there, whatever it says; but for what only says that nobody is. */
export function isAlive({ code }: CheckOutcome, { deadCodes }: CheckTerms): boolean {
  return code >= 200 && !deadCodes.has(code);
}

function addressStep(
  before: AddressHealth | undefined,
  outcome: CheckOutcome,
  { nowMs, terms }: { readonly nowMs: number; readonly terms: CheckTerms },
): AddressHealth {
  const { address, transport } = outcome;
  const hasFailed = !isAlive(outcome, terms);
  const mask = 2 ** MOST_BITS - 1;
  const failed = (((before?.failed ?? 0) << 1) | Number(hasFailed)) & mask;
  const count = Math.min((before?.count ?? 0) + 1, MOST_BITS);
  const wasOffline = before?.isOffline === true;
  const looked = failed & (2 ** terms.window - 1);
  const isOffline = wasOffline
    ? looked !== 0 || count < terms.window
    : bitsIn(looked) >= terms.failures;
  const hasChanged = before === undefined || isOffline !== wasOffline;
  return {
    transport,
    address,
    // What was before its return does not count against it: as many have to fail anew.
    failed: wasOffline && !isOffline ? 0 : failed,
    count,
    isOffline,
    sinceMs: hasChanged ? nowMs : before.sinceMs,
    last: outcome,
    lastMs: nowMs,
  };
}

/** How many of the last checks of an address have failed, of how many that are looked back at. */
export function failedOf(
  { count, failed }: Pick<AddressHealth, 'count' | 'failed'>,
  { window }: Pick<CheckTerms, 'window'>,
): { readonly failed: number; readonly of: number } {
  return { failed: bitsIn(failed & (2 ** window - 1)), of: Math.min(count, window) };
}

function bitsIn(value: number): number {
  let left = value;
  let bits = 0;
  while (left !== 0) {
    left &= left - 1;
    bits += 1;
  }
  return bits;
}
