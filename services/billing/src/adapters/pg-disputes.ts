import type { Pool, PoolClient } from '@tandem/service';
import type { DifferenceKind } from '../core/dispute-sums.ts';
import type { Dispute, DisputeStore, NewDispute, ToldCall } from '../dispute-ports.ts'; // prettier-ignore
import { comparableNumber } from '../core/dispute-matching.ts';
import { inTransaction } from './pg-cdr-revision.ts';
import { textColumn } from './pg-columns.ts';
import { keepCalls, keyOf } from './pg-dispute-calls.ts';
import { compareNext } from './pg-dispute-comparison.ts';
import { disputeRows, readDispute, toDispute } from './pg-dispute-rows.ts';
import type { DisputeRow } from './pg-dispute-rows.ts';
import { guardedAll } from './pg-failures.ts';
import { nanos } from './pg-ledger.ts';

/** Disputes in PostgreSQL. The pool belongs to the caller. */
export function pgDisputes(pool: Pool): DisputeStore {
  return guardedAll<DisputeStore>({
    create: (dispute) => create(pool, dispute),
    add: (id, attempt, calls) => inTransaction(pool, (client) => add(client, { id, attempt, calls })), // prettier-ignore
    close: (id, attempt, calls) => inTransaction(pool, (client) => close(client, { id, attempt, calls })), // prettier-ignore
    compareNext: async () => {
      const id = await inTransaction(pool, compareNext);
      return id === undefined ? undefined : readDispute(pool, id);
    },
    remove: async (id) => {
      const gone = await pool.query('DELETE FROM tandem_billing.dispute WHERE id = $1', [id]);
      return gone.rowCount === 1;
    },
    get: (id) => readDispute(pool, id),
    list: async ({ account, before, limit }) => {
      const { rows } = await pool.query<DisputeRow>(
        `${disputeRows} WHERE ($1::text IS NULL OR account = $1) AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
        [account ?? null, before ?? null, limit],
      );
      return rows.map(toDispute);
    },
    differences: async ({ after, dispute, kinds, limit }) => {
      const { rows } = await pool.query<{
        readonly place: string;
        readonly kind: DifferenceKind;
        readonly ours: WrittenCall | null;
        readonly theirs: WrittenCall | null;
      }>(
        `SELECT place, kind, ours, theirs FROM tandem_billing.dispute_difference
         WHERE dispute = $1 AND place > $2 AND (cardinality($3::text[]) = 0 OR kind = ANY ($3)) ORDER BY place LIMIT $4`,
        [dispute, after, textColumn(kinds, (kind) => kind), limit],
      );
      return rows.map(({ kind, ours, place, theirs }) => ({
        kind,
        place: Number(place),
        ours: ours === null ? undefined : toTold(ours),
        theirs: theirs === null ? undefined : toTold(theirs),
      }));
    },
  });
}

/** A call as jsonb has it. */
type WrittenCall = Omit<ToldCall, 'price'> & { readonly price: string | null };

function toTold({ price, ...call }: WrittenCall): ToldCall {
  return { ...call, price: price === null ? undefined : nanos(price) };
}

async function create(pool: Pool, dispute: NewDispute): Promise<Dispute | undefined> {
  const { rows } = await pool.query<{ readonly id: string }>(
    `INSERT INTO tandem_billing.dispute (account, side, state, from_at, until_at, file, currency, tolerances, mapping, created_by)
     SELECT account, $2, 'receiving', $3, $4, $5, currency, $6, $7, $8 FROM tandem_billing.account_balance WHERE account = $1
     RETURNING id`,
    [
      dispute.account,
      dispute.side,
      new Date(dispute.fromMs),
      new Date(dispute.untilMs),
      dispute.file,
      JSON.stringify(dispute.tolerances),
      dispute.mapping,
      dispute.createdBy,
    ],
  );
  const [row] = rows;
  return row === undefined ? undefined : readDispute(pool, Number(row.id));
}

interface Sent {
  readonly id: number;
  readonly attempt: string;
}

async function add(
  client: PoolClient,
  { attempt, calls, id }: Sent & { readonly calls: readonly ToldCall[] },
): Promise<boolean> {
  const dispute = await hold(client, id);
  if (dispute?.state !== 'receiving') return false;
  const { callers, digits, theirPrefix: prefix } = dispute.tolerances;
  const format = { digits, prefix };
  await client.query(
    'DELETE FROM tandem_billing.dispute_call WHERE dispute = $1 AND attempt <> $2',
    [id, attempt],
  );
  await keepCalls(client, {
    dispute: id,
    attempt,
    isOurs: false,
    calls: calls.map((call) => ({
      ...call,
      place: call.line,
      key: keyOf(
        comparableNumber(call.callee, format),
        callers ? comparableNumber(call.caller, { digits, prefix: '' }) : '',
      ),
    })),
  });
  return true;
}

async function close(
  client: PoolClient,
  { attempt, calls, id }: Sent & { readonly calls: number },
): Promise<number | undefined> {
  const dispute = await hold(client, id);
  if (dispute?.state !== 'receiving') return undefined;
  const { rows } = await client.query<{ readonly count: string }>(
    `SELECT count(*) FROM tandem_billing.dispute_call WHERE dispute = $1 AND attempt = $2`,
    [id, attempt],
  );
  const found = Number(rows[0]?.count);
  if (found === calls) {
    await client.query(
      `UPDATE tandem_billing.dispute SET state = 'comparing', attempt = $2 WHERE id = $1`,
      [id, attempt],
    );
  }
  return found;
}

async function hold(client: PoolClient, id: number): Promise<Dispute | undefined> {
  await client.query('SELECT FROM tandem_billing.dispute WHERE id = $1 FOR UPDATE', [id]);
  return readDispute(client, id);
}
