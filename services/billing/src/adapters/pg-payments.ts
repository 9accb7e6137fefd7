import type { Pool } from '@tandem/service';
import { paymentKinds } from '../ports.ts';
import type {
  BookedEntry,
  PaymentFilter,
  Statement,
  StatementLine,
  StatementRequest,
} from '../ports.ts';
import { nanos } from './pg-ledger.ts';

interface PaymentRow {
  readonly account: string;
  readonly reference: string;
  readonly amount: string;
  readonly currency: string;
  readonly note: string | null;
  readonly payment_kind: string | null;
  readonly booked_by: string | null;
  readonly balance_after: string | null;
  /** Microseconds since 1970. */
  readonly at: string;
}

const MICROS = '(extract(epoch FROM at) * 1000000)::bigint';
const TIME = (parameter: string): string => `to_timestamp(${parameter}::numeric / 1000)`;

const PAYMENTS = `
SELECT account, substr(reference, 9) AS reference, amount, currency, note, payment_kind, booked_by, balance_after, ${MICROS} AS at
FROM tandem_billing.ledger
WHERE kind = 'payment'
  AND ($1::text IS NULL OR account = $1)
  AND ($2::text IS NULL OR coalesce(payment_kind, 'payment') = $2)
  AND ($3::bigint IS NULL OR at >= ${TIME('$3')})
  AND ($4::bigint IS NULL OR at < ${TIME('$4')})
  AND ($5::bigint IS NULL OR at < to_timestamp($5::numeric / 1000000)
    OR (at = to_timestamp($5::numeric / 1000000) AND (account, reference) > ($6, 'payment ' || $7)))
ORDER BY at DESC, account, reference LIMIT $8`;

/** Payments, newest first (BILL-10). */
export async function listPayments(
  pool: Pool,
  { account, after, fromMs, kind, limit, untilMs }: PaymentFilter,
): Promise<readonly BookedEntry[]> {
  const { rows } = await pool.query<PaymentRow>(PAYMENTS, [
    account ?? null,
    kind ?? null,
    fromMs ?? null,
    untilMs ?? null,
    after?.at ?? null,
    after?.account ?? null,
    after?.reference ?? null,
    limit,
  ]);
  return rows.map(toEntry);
}

function toEntry(row: PaymentRow): BookedEntry {
  return {
    account: row.account,
    reference: row.reference,
    amount: nanos(row.amount),
    currency: row.currency,
    note: row.note ?? '',
    kind: paymentKinds.find((kind) => kind === row.payment_kind) ?? 'payment',
    bookedBy: row.booked_by ?? '',
    balanceAfter: row.balance_after === null ? undefined : nanos(row.balance_after),
    at: row.at,
    atMs: Math.floor(Number(row.at) / 1000),
  };
}

interface LineRow {
  readonly at: string;
  readonly kind: string;
  readonly amount: string;
  readonly entries: string;
  readonly reference: string;
  readonly note: string | null;
}

/** What was there before, by what is there now: of an account's life it reads what came since alone. */
const OPENING = `
SELECT currency, balance - coalesce((
    SELECT sum(amount) FROM tandem_billing.ledger
    WHERE account = $1 AND ($2::bigint IS NULL OR at >= ${TIME('$2')})
  ), 0) AS opening
FROM tandem_billing.account_balance WHERE account = $1`;

const LINES = `
WITH entry AS (
  SELECT at, amount, note,
    CASE kind WHEN 'payment' THEN coalesce(payment_kind, 'payment') WHEN 'call' THEN 'calls'
      WHEN 'adjustment' THEN 'adjustments' ELSE kind END AS kind,
    CASE kind WHEN 'payment' THEN substr(reference, 9) WHEN 'invoice' THEN substr(reference, 9)
      WHEN 'credit-note' THEN substr(reference, 13) ELSE '' END AS reference
  FROM tandem_billing.ledger
  WHERE account = $1 AND ($2::bigint IS NULL OR at >= ${TIME('$2')}) AND ($3::bigint IS NULL OR at < ${TIME('$3')})
), line AS (
  SELECT at, kind, amount, 1 AS entries, reference, note FROM entry WHERE kind NOT IN ('calls', 'adjustments')
  UNION ALL
  SELECT greatest(date_trunc('day', at, 'UTC'), coalesce(${TIME('$2')}, '-infinity')), kind, sum(amount), count(*), '', NULL
  FROM entry WHERE kind IN ('calls', 'adjustments') GROUP BY date_trunc('day', at, 'UTC'), kind
)
SELECT (extract(epoch FROM at) * 1000)::bigint AS at, kind, amount, entries, reference, note
FROM line ORDER BY line.at, kind, reference LIMIT $4`;

/** What moved a balance in a time: payments one by one, calls by days (UTC); undefined where the account is not known. */
export async function readStatement(
  pool: Pool,
  { account, fromMs, limit, untilMs }: StatementRequest,
): Promise<Statement | undefined> {
  const client = await pool.connect();
  try {
    // One look at the ledger: what is booked meanwhile is in neither.
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const from = fromMs ?? null;
    const opened = await client.query<{ readonly currency: string; readonly opening: string }>(
      OPENING,
      [account, from],
    );
    const lines = await client.query<LineRow>(LINES, [account, from, untilMs ?? null, limit]);
    await client.query('COMMIT');
    const [row] = opened.rows;
    if (row === undefined) return undefined;
    const { currency, opening } = row;
    return { currency, opening: nanos(opening), lines: lines.rows.map(toLine) };
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

function toLine({ amount, at, entries, kind, note, reference }: LineRow): StatementLine {
  return {
    atMs: Number(at),
    kind,
    amount: nanos(amount),
    entries: Number(entries),
    reference,
    note: note ?? '',
  };
}
