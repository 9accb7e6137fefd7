import { formatMoney } from '@tandem/domain';
import type { Pool, PoolClient } from '@tandem/service';
import type { DisputeSums, SideSum } from '../core/dispute-sums.ts';
import type { Dispute, DisputeState } from '../dispute-ports.ts';
import { nanos } from './pg-ledger.ts';

/** A row of `disputeRows`. */
export interface DisputeRow {
  readonly id: string;
  readonly account: string;
  readonly side: 'customer' | 'vendor';
  readonly state: DisputeState;
  readonly from_at: Date;
  readonly until_at: Date;
  readonly file: string;
  readonly currency: string;
  readonly tolerances: Dispute['tolerances'];
  readonly mapping: string;
  readonly sums: WrittenSums | null;
  readonly cause: string | null;
  readonly created_by: string;
  readonly created_at: Date;
  readonly done_at: Date | null;
}

/** Disputes without their differences. */
export const disputeRows = `
SELECT id, account, side, state, from_at, until_at, file, currency, tolerances, mapping, sums, cause, created_by, created_at, done_at
FROM tandem_billing.dispute`;

/** A dispute without its differences. */
export async function readDispute(
  client: Pool | PoolClient,
  id: number,
): Promise<Dispute | undefined> {
  const { rows } = await client.query<DisputeRow>(`${disputeRows} WHERE id = $1`, [id]);
  return rows.map(toDispute)[0];
}

type WrittenSide = Omit<SideSum, 'price'> & { readonly price: string };
type SideName = 'ours' | 'theirs' | 'onlyOurs' | 'onlyTheirs';
type WrittenSums = Omit<DisputeSums, 'price' | SideName> & {
  readonly price: string;
} & Readonly<Record<SideName, WrittenSide>>;

export function toDispute(row: DisputeRow): Dispute {
  return {
    id: Number(row.id),
    account: row.account,
    side: row.side,
    state: row.state,
    fromMs: row.from_at.getTime(),
    untilMs: row.until_at.getTime(),
    file: row.file,
    currency: row.currency,
    tolerances: row.tolerances,
    mapping: row.mapping,
    sums: row.sums === null ? undefined : readSums(row.sums),
    cause: row.cause ?? '',
    createdBy: row.created_by,
    createdAtMs: row.created_at.getTime(),
    doneAtMs: row.done_at?.getTime(),
  };
}

/** As jsonb: money is text in it. */
export function writtenSums(sums: DisputeSums): WrittenSums {
  const written = (side: SideSum): WrittenSide => ({ ...side, price: formatMoney(side.price) });
  return {
    ...sums,
    ours: written(sums.ours),
    theirs: written(sums.theirs),
    onlyOurs: written(sums.onlyOurs),
    onlyTheirs: written(sums.onlyTheirs),
    price: formatMoney(sums.price),
  };
}

function readSums(sums: WrittenSums): DisputeSums {
  const side = (written: WrittenSide): SideSum => ({ ...written, price: nanos(written.price) });
  return {
    ...sums,
    ours: side(sums.ours),
    theirs: side(sums.theirs),
    onlyOurs: side(sums.onlyOurs),
    onlyTheirs: side(sums.onlyTheirs),
    price: nanos(sums.price),
  };
}
