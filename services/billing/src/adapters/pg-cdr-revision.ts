import { formatMoney } from '@tandem/domain';
import type { LiveBalance } from '@tandem/limits';
import type { Pool, PoolClient } from '@tandem/service';
import { readLevels, writeLevels } from '../core/cdr-levels.ts';
import type { CdrLevel } from '../core/cdr-levels.ts';
import type { CdrRow } from '../core/cdr-row.ts';
import type { ProvisionalKind, WrittenBatch } from '../ports.ts';
import { at } from './pg-cdr-days.ts';
import { plainColumn, textColumn } from './pg-columns.ts';
import { MOVE_BALANCE, nanos, toLiveBalance } from './pg-ledger.ts';
import type { BalanceRow } from './pg-ledger.ts';
import { writeBatch } from './pg-write-batch.ts';

/** Does several things in one transaction. */
export async function inTransaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    client.release();
    return result;
  } catch (error) {
    // A connection in an unknown state is not used again.
    client.release(true);
    throw error;
  }
}

/**
 * Puts the CDRs of calls in the place of provisional ones. The ledger is never edited: what the price differs by is an
 * entry more. Whoever takes the mark `provisional_cdr` away does it, hence it happens once.
 */
export async function reviseCdrs(
  pool: Pool,
  rows: readonly CdrRow[],
  kind?: ProvisionalKind,
): Promise<WrittenBatch> {
  const marked = await pool.query<{ readonly call_id: string }>(
    'SELECT call_id FROM tandem_billing.provisional_cdr WHERE call_id = ANY ($1::text[])',
    [textColumn(rows, (row) => row.callId)],
  );
  const callIds = new Set(marked.rows.map((row) => row.call_id));
  let stored = 0;
  const balances: LiveBalance[] = [];
  for (const row of rows.filter(({ callId }) => callIds.has(callId))) {
    const moved = await inTransaction(pool, (client) => reviseOne(client, row, kind));
    if (moved === undefined) continue;
    stored += 1;
    balances.push(...moved);
  }
  return { stored, balances };
}

interface OldCdr {
  readonly customer_account: string | null;
  readonly currency: string | null;
  readonly price: string;
  readonly vendor_account: string | null;
  readonly cost_currency: string | null;
  readonly cost: string;
  readonly levels: unknown;
}

const TAKE_MARK = `
DELETE FROM tandem_billing.provisional_cdr WHERE call_id = $1 RETURNING started_at`;

// The lock of the ledger's numbers comes before balances, as where calls are charged and payments booked, and balances before what is added
// up of calls: two who do both never wait for each other in a ring.
const HOLD_ENTRIES = `SELECT pg_advisory_xact_lock_shared(hashtextextended('tandem_billing.ledger_number', 0))`;
const HOLD_BALANCES = `
SELECT FROM tandem_billing.account_balance WHERE account = ANY ($1::text[]) ORDER BY account FOR UPDATE`;

/** The provisional CDR makes room, and its charge stays in the ledger: the new one's is what is missing. */
async function takeOld(client: PoolClient, row: CdrRow): Promise<OldCdr | undefined> {
  const marks = await client.query<{ readonly started_at: Date }>(TAKE_MARK, [row.callId]);
  const [mark] = marks.rows;
  if (mark === undefined) return undefined;
  const place = `WHERE call_id = $1 AND ${at(mark.started_at.getTime())}`;
  const sides = 'customer_account, currency, price, vendor_account, cost_currency, cost, levels';
  const found = await client.query<OldCdr>(`SELECT ${sides} FROM tandem_billing.cdr ${place}`, [
    row.callId,
  ]);
  const [old] = found.rows;
  if (old === undefined) return undefined;
  const accounts = [
    old.customer_account,
    old.vendor_account,
    row.customerAccount,
    row.vendorAccount,
    ...[...readLevels(old.levels), ...row.levels].map(({ account }) => account),
  ];
  await client.query(HOLD_ENTRIES);
  await client.query(HOLD_BALANCES, [textColumn(accounts, (account) => account ?? '')]);
  await client.query(`DELETE FROM tandem_billing.cdr ${place}`, [row.callId]);
  return old;
}

async function reviseOne(
  client: PoolClient,
  row: CdrRow,
  kind: ProvisionalKind | undefined,
): Promise<readonly LiveBalance[] | undefined> {
  const old = await takeOld(client, row);
  if (old === undefined) return undefined;
  const paid = { price: nanos(old.price), cost: nanos(old.cost) };
  // Without prices the batch books nothing; the differences are booked below.
  const unpriced = { ...row, price: 0n, cost: 0n, levels: [] };
  await writeBatch(client, { ended: [unpriced], answered: [] }, true);
  const levels = writeLevels(row.levels);
  await client.query(
    `UPDATE tandem_billing.cdr SET price = $2::numeric, cost = $3::numeric, levels = $4::jsonb
     WHERE call_id = $1 AND ${at(row.startedMs)}`,
    [row.callId, formatMoney(row.price), formatMoney(row.cost), levels === '' ? null : levels],
  );
  if (kind !== undefined) await markProvisional(client, [row], kind);
  const customer = {
    side: 'call',
    account: row.customerAccount === '' ? old.customer_account : row.customerAccount,
    currency: row.currency === '' ? old.currency : row.currency,
    before: paid.price,
    after: row.price,
  };
  const vendor = {
    side: 'cost',
    account: row.vendorAccount === '' ? old.vendor_account : row.vendorAccount,
    currency: row.costCurrency === '' ? old.cost_currency : row.costCurrency,
    before: paid.cost,
    after: row.cost,
  };
  const balances: LiveBalance[] = [];
  for (const difference of [customer, vendor, ...levelDifferences(old, row)]) {
    balances.push(...(await bookDifference(client, row, difference)));
  }
  return balances;
}

/** What resellers owe now, against what they were charged. */
function levelDifferences(old: OldCdr, row: CdrRow): readonly Difference[] {
  const before = readLevels(old.levels);
  const priceIn = (levels: readonly CdrLevel[], account: string): bigint =>
    levels.find((level) => level.account === account)?.price ?? 0n;
  const all = new Map([...before, ...row.levels].map((level) => [level.account, level.currency]));
  return [...all].map(([account, currency]) => ({
    side: 'call',
    account,
    currency,
    before: priceIn(before, account),
    after: priceIn(row.levels, account),
  }));
}

interface Difference {
  readonly side: string;
  readonly account: string | null;
  readonly currency: string | null;
  readonly before: bigint;
  readonly after: bigint;
}

const BOOK = `
WITH booked AS (
  INSERT INTO tandem_billing.ledger (account, reference, kind, amount, currency, call_id, note, at)
  VALUES ($1, $2, $3, $4::numeric, $5, $6, $7, to_timestamp($8::float8 / 1000))
  RETURNING account, currency, amount
)
INSERT INTO tandem_billing.account_balance AS now (account, currency, balance, entries, version)
SELECT account, currency, amount, 1, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint FROM booked
${MOVE_BALANCE}
RETURNING account, currency, balance, entries, version`;

async function bookDifference(
  client: PoolClient,
  row: CdrRow,
  { side, account, currency, before, after }: Difference,
): Promise<readonly LiveBalance[]> {
  const amount = before - after;
  if (amount === 0n || account === null) return [];
  // What was not charged before is charged as every call is; a correction names the end that it is of.
  const isFirst = before === 0n;
  const result = await client.query<BalanceRow>(BOOK, [
    account,
    isFirst ? `${side} ${row.callId}` : `revised ${side} ${row.callId} ${String(row.endedMs)}`,
    isFirst ? 'call' : 'adjustment',
    formatMoney(amount),
    currency ?? '',
    row.callId,
    isFirst ? null : 'the call ended otherwise than its CDR said at first',
    row.endedMs,
  ]);
  return result.rows.map(toLiveBalance);
}

/** Marks CDRs as made without their calls' own ends. */
export async function markProvisional(
  client: PoolClient,
  rows: readonly CdrRow[],
  kind: ProvisionalKind,
): Promise<void> {
  await client.query(MARK, [
    textColumn(rows, (row) => row.callId),
    plainColumn(rows, (row) => row.startedMs),
    kind,
  ]);
}

const MARK = `
INSERT INTO tandem_billing.provisional_cdr (call_id, kind, started_at)
SELECT call_id, $3, to_timestamp(started_ms / 1000::float8)
FROM unnest($1::text[], $2::bigint[]) AS row(call_id, started_ms)
ON CONFLICT (call_id) DO UPDATE SET kind = excluded.kind, started_at = excluded.started_at`;
