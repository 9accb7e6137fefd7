import type { Pool } from '@tandem/service';
import type { CdrCorrection } from '../ports.ts';
import type { ChargeSide } from '../rerating-ports.ts';
import { textColumn } from './pg-columns.ts';
import { nanos } from './pg-ledger.ts';

/**
 * What re-ratings have booked for one side of a row of `cdr`, as charged more: an expression of SQL.
 * @param account an expression, where its entries alone count
 */
export function correctionOf(side: ChargeSide, account?: string): string {
  const whose = account === undefined ? '' : `AND entry.account = ${account} `;
  return `coalesce((SELECT -sum(entry.amount) FROM tandem_billing.ledger entry WHERE entry.rerating IS NOT NULL
    AND entry.call_id = cdr.call_id ${whose}AND starts_with(entry.reference, 'rerated ${side} ')), 0)`;
}

const CORRECTIONS = `
SELECT entry.call_id, entry.rerating, entry.account, -entry.amount AS difference, coalesce(entry.note, '') AS note,
  split_part(entry.reference, ' ', 2) AS side,
  rerating.finished_at, coalesce(rerating.applied_by, '') AS applied_by
FROM tandem_billing.ledger entry JOIN tandem_billing.rerating ON rerating.id = entry.rerating
WHERE entry.rerating IS NOT NULL AND entry.call_id = ANY ($1::text[]) ORDER BY entry.number`;

/** What re-ratings have booked for some calls, by call, oldest first. */
export async function correctionsOf(
  pool: Pool,
  callIds: readonly string[],
): Promise<ReadonlyMap<string, readonly CdrCorrection[]>> {
  const found = new Map<string, CdrCorrection[]>();
  if (callIds.length === 0) return found;
  const { rows } = await pool.query<{
    readonly call_id: string;
    readonly rerating: string;
    readonly account: string;
    readonly difference: string;
    readonly note: string;
    readonly side: CdrCorrection['side'];
    readonly finished_at: Date | null;
    readonly applied_by: string;
  }>(CORRECTIONS, [textColumn(callIds, (callId) => callId)]);
  for (const row of rows) {
    const of = found.get(row.call_id) ?? [];
    found.set(row.call_id, of);
    of.push({
      rerating: Number(row.rerating),
      side: row.side,
      account: row.account,
      difference: nanos(row.difference),
      note: row.note,
      appliedAtMs: row.finished_at?.getTime(),
      appliedBy: row.applied_by,
    });
  }
  return found;
}
