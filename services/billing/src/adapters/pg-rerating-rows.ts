import type { HeldImport, SheetVersion } from '@tandem/config';
import { formatMoney } from '@tandem/domain';
import type { Pool, PoolClient } from '@tandem/service';
import { readPreview, shareOf } from '../core/rerating/preview.ts';
import type { WrittenPreview } from '../core/rerating/preview.ts';
import type { AppliedSum, ChargeSide, ReratedLine, Rerating, ReratingState } from '../rerating-ports.ts'; // prettier-ignore
import { nanos } from './pg-ledger.ts';

/** A row of `reratingRows`. */
export interface ReratingRow {
  readonly id: string;
  readonly state: ReratingState;
  readonly from_at: Date;
  readonly until_at: Date;
  readonly accounts: readonly string[];
  readonly version: string;
  readonly held: readonly HeldImport[];
  readonly sheets: readonly SheetVersion[] | null;
  readonly reverses: string | null;
  readonly reversed_by: string | null;
  readonly note: string;
  readonly created_by: string;
  readonly created_at: Date;
  readonly applied_by: string | null;
  readonly finished_at: Date | null;
  readonly cause: string;
  readonly progress: WrittenPreview | null;
  readonly lines: string;
  readonly booked: string;
  readonly applied: WrittenApplied | null;
}

/** What was booked, as jsonb has it: money is text in it. */
export interface WrittenApplied {
  readonly sums: readonly (Omit<AppliedSum, 'difference'> & { readonly difference: string })[];
  readonly skipped: number;
}

export const reratingRows = `
SELECT id, state, from_at, until_at, accounts, version, held, sheets, reverses, note, created_by, created_at, applied_by, finished_at, cause, progress,
  lines, booked, applied,
  (SELECT other.id FROM tandem_billing.rerating other WHERE other.reverses = rerating.id AND other.state NOT IN ('cancelled', 'failed')) AS reversed_by
FROM tandem_billing.rerating`;

export async function readRerating(
  client: Pool | PoolClient,
  id: number,
): Promise<Rerating | undefined> {
  const { rows } = await client.query<ReratingRow>(`${reratingRows} WHERE id = $1`, [id]);
  return rows.map(toRerating)[0];
}

export function toRerating(row: ReratingRow): Rerating {
  const { applied, progress } = row;
  const period = { fromMs: row.from_at.getTime(), untilMs: row.until_at.getTime() };
  const [lines, booked] = [Number(row.lines), Number(row.booked)];
  return {
    id: Number(row.id),
    state: row.state,
    ...period,
    accounts: row.accounts,
    version: Number(row.version),
    held: row.held,
    reverses: row.reverses === null ? undefined : Number(row.reverses),
    reversedBy: row.reversed_by === null ? undefined : Number(row.reversed_by),
    note: row.note,
    createdBy: row.created_by,
    createdAtMs: row.created_at.getTime(),
    appliedBy: row.applied_by ?? '',
    finishedAtMs: row.finished_at?.getTime(),
    cause: row.cause,
    share: sharedOf(row.state, { previewed: progress === null ? 0 : shareOf(progress, period), booked: lines === 0 ? 0 : booked / lines }), // prettier-ignore
    ...readPreview(progress ?? undefined),
    lines,
    booked,
    applied: readApplied(applied),
    skipped: applied?.skipped ?? 0,
  };
}

function sharedOf(
  state: ReratingState,
  { booked, previewed }: { readonly previewed: number; readonly booked: number },
): number {
  if (state === 'previewing' || state === 'cancelled' || state === 'failed') return previewed;
  return state === 'applying' ? booked : 1;
}

export function readApplied(written: WrittenApplied | null): readonly AppliedSum[] {
  return (written?.sums ?? []).map((sum) => ({ ...sum, difference: nanos(sum.difference) }));
}

export function writtenApplied(sums: readonly AppliedSum[], skipped: number): WrittenApplied {
  return {
    sums: sums.map((sum) => ({ ...sum, difference: formatMoney(sum.difference) })),
    skipped,
  };
}

interface LineRow {
  readonly place: string;
  readonly call_id: string;
  readonly started_at: Date;
  readonly side: ChargeSide;
  readonly account: string;
  readonly callee: string;
  readonly before: string;
  readonly after: string | null;
  readonly currency: string;
  readonly why: string;
}

/** Lines behind a place. */
export async function readLines(
  pool: Pool,
  { after, isUnrated, limit, rerating }: { readonly rerating: number; readonly isUnrated: boolean; readonly after: number; readonly limit: number }, // prettier-ignore
): Promise<readonly ReratedLine[]> {
  const { rows } = await pool.query<LineRow>(
    `SELECT place, call_id, started_at, side, account, callee, before, after, currency, why FROM tandem_billing.rerating_line
     WHERE rerating = $1 AND place > $2 ${isUnrated ? 'AND after IS NULL' : ''} ORDER BY place LIMIT $3`,
    [rerating, after, limit],
  );
  return rows.map((row) => ({
    place: Number(row.place),
    callId: row.call_id,
    startedMs: row.started_at.getTime(),
    side: row.side,
    account: row.account,
    callee: row.callee,
    before: nanos(row.before),
    after: row.after === null ? undefined : nanos(row.after),
    currency: row.currency,
    why: row.why,
  }));
}
