import type { LiveBalance } from '@tandem/limits';
import type { CdrBatch } from './core/cdr-batch.ts';
import type { BillingStore } from './ports.ts';
import { revisedCdrs, storedCdrs } from './telemetry.ts';

export interface StoreBatchParts {
  readonly store: BillingStore;
  /** Told of the balances that a batch moved, after it was committed. */
  readonly onCharged: (balances: readonly LiveBalance[]) => Promise<void>;
}

/**
 * Stores ends and answers. Where a call has a CDR already it is either by this very end, or the closer made it: then
 * the call's own end takes its place (BILL-09).
 * @returns how many of the ends were of use
 */
export async function storeBatch(
  batch: Pick<CdrBatch, 'ended' | 'answered'>,
  { store, onCharged }: StoreBatchParts,
): Promise<number> {
  const { stored, balances } = await store.write(batch);
  storedCdrs.add(stored);
  if (balances.length > 0) await onCharged(balances);
  if (stored === batch.ended.length) return stored;
  const revised = await store.revise(batch.ended);
  revisedCdrs.add(revised.stored);
  if (revised.balances.length > 0) await onCharged(revised.balances);
  return stored + revised.stored;
}
