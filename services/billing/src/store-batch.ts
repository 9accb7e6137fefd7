import {
  decodeCallEvent,
  encodeCallEvent,
  readCallAttempts,
  readCallEventHead,
} from '@tandem/events';
import type { PaidCall } from '@tandem/limits';
import { wholeEnd } from './core/call-ends.ts';
import type { CdrBatch } from './core/cdr-batch.ts';
import { cdrOf } from './core/cdr-row.ts';
import type { CdrRow } from './core/cdr-row.ts';
import { gatewayFigures } from './core/gateway-figures.ts';
import type { GatewayFigure } from './core/gateway-figures.ts';
import type { BillingStore, OnCharged, WrittenBatch } from './ports.ts';
import { countGateways, revisedCdrs, storedCdrs } from './telemetry.ts';

export interface StoreBatchParts {
  readonly store: BillingStore;
  readonly onCharged: OnCharged;
  /** Told of attempts of calls that are over, after they were committed, of each once; never rejects. @default nobody is told */
  readonly onFinished?: ((figures: readonly GatewayFigure[]) => Promise<void>) | undefined;
}

/**
 * Stores ends and answers. An end that was not stored is known already; or an end without facts was told before it, which
 * is the one that counts and takes the facts from this one; or the closer made a CDR, whose place it takes (BILL-09).
 * @returns how many of the ends were of use
 */
export async function storeBatch(
  batch: Pick<CdrBatch, 'ended' | 'answered'>,
  parts: StoreBatchParts,
): Promise<number> {
  const { store } = parts;
  const written = await told(store.write(batch), batch.ended, parts);
  storedCdrs.add(written.stored);
  // Of a batch that came in part before nobody knows which part: it is left out of the figures, which are no money.
  if (written.stored === batch.ended.length) {
    await noteGateways(batch.ended, parts);
    return written.stored;
  }
  const partials = await store.openCalls.partialEnds(batch.ended.map(({ callId }) => callId));
  if (partials.length === 0) return written.stored + (await revise(batch.ended, parts));
  const rows = joined(batch.ended, partials);
  const used = await storeJoined(rows, parts);
  await store.openCalls.forget(rows.map(({ callId }) => callId));
  return written.stored + used;
}

/** What finished calls say of gateways: the live figures must not hold up the books. */
async function noteGateways(ended: readonly CdrRow[], parts: StoreBatchParts): Promise<void> {
  const figures = ended.flatMap(({ event }) => gatewayFigures(readCallAttempts(event)));
  countGateways(figures);
  await parts.onFinished?.(figures);
}

/** Stores ends in which ends without facts are joined with those. @returns how many were of use */
export async function storeJoined(
  rows: readonly CdrRow[],
  parts: StoreBatchParts,
): Promise<number> {
  const { stored } = await told(parts.store.writeJoined(rows), rows, parts);
  storedCdrs.add(stored);
  return stored === rows.length ? stored : stored + (await revise(rows, parts));
}

async function revise(rows: readonly CdrRow[], parts: StoreBatchParts): Promise<number> {
  const { stored } = await told(parts.store.revise(rows), rows, parts);
  revisedCdrs.add(stored);
  return stored;
}

async function told(
  work: Promise<WrittenBatch>,
  rows: readonly CdrRow[],
  parts: StoreBatchParts,
): Promise<WrittenBatch> {
  const written = await work;
  // Of a batch that came in part before nobody knows which part: the next look at what is not charged finds those.
  const charged = written.stored === rows.length ? paidCalls(rows) : [];
  if (written.balances.length + charged.length > 0) {
    await parts.onCharged(written.balances, charged);
  }
  return written;
}

/** The calls whose reservations end with their charges (BILL-05). */
function paidCalls(rows: readonly CdrRow[]): readonly PaidCall[] {
  return rows
    .filter(({ answeredMs }) => answeredMs !== 0)
    .flatMap(({ callId, customerAccount, isReserving, levels }) => [
      ...(isReserving ? [{ callId, account: customerAccount }] : []),
      ...levels.flatMap((level) => (level.isReserving ? [{ callId, account: level.account }] : [])),
    ]);
}

/** Each end with the time and reason of the one that was told before it, where there is one. */
function joined(rows: readonly CdrRow[], partials: readonly Uint8Array[]): readonly CdrRow[] {
  const first = new Map(
    partials.map((bytes) => {
      const event = decodeCallEvent(bytes);
      return [event.callId, event] as const;
    }),
  );
  return rows.map((row) => {
    const partial = first.get(row.callId);
    if (partial === undefined) return row;
    const bytes = encodeCallEvent(wholeEnd(partial, decodeCallEvent(row.event)));
    const result = cdrOf({ head: readCallEventHead(bytes), bytes });
    return result.kind === 'usable' ? result.row : row;
  });
}
