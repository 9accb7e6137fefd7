import { formatMoney, parseMoney } from '@tandem/domain';
import type { LiveBalance } from '@tandem/limits';
import type { Pool } from '@tandem/service';
import type { AccountBalance, AccountOpening, BookedPayment, Payment } from '../ports.ts';
import { plainColumn, textColumn } from './pg-columns.ts';

/** A row of account_balance; numbers as text, since they are exact. */
export interface BalanceRow {
  readonly account: string;
  readonly currency: string;
  readonly balance: string;
  readonly entries: string;
  readonly version: string;
}

export function toLiveBalance(row: BalanceRow): LiveBalance {
  return { account: row.account, balance: nanos(row.balance), version: Number(row.version) };
}

/** Adds new entries to the balance that is there. */
export const MOVE_BALANCE = `
  ON CONFLICT (account) DO UPDATE SET
    balance = now.balance + excluded.balance,
    entries = now.entries + excluded.entries,
    version = greatest(now.version + 1, excluded.version)
    WHERE excluded.entries > 0`;

const NEXT_VERSION = '(extract(epoch FROM clock_timestamp()) * 1000000)::bigint';
const BALANCE_COLUMNS = 'account, currency, balance, entries, version';

const OPEN_ACCOUNTS = `
WITH opening AS (
  SELECT * FROM unnest($1::text[], $2::text[], $3::numeric[]) AS row(account, currency, amount)
), booked AS (
  INSERT INTO tandem_billing.ledger (account, reference, kind, amount, currency)
  SELECT account, 'opening', 'opening', amount, currency FROM opening WHERE amount <> 0
  ON CONFLICT DO NOTHING
  RETURNING account, amount
)
INSERT INTO tandem_billing.account_balance AS now (${BALANCE_COLUMNS})
SELECT account, currency, coalesce(booked.amount, 0), count(booked.amount), ${NEXT_VERSION}
FROM opening LEFT JOIN booked USING (account)
GROUP BY account, currency, booked.amount ORDER BY account
${MOVE_BALANCE}
RETURNING ${BALANCE_COLUMNS}`;

/** Books openings once per account (BILL-01); returns the balances that this made or changed. */
export async function openAccounts(
  pool: Pool,
  accounts: readonly AccountOpening[],
): Promise<readonly LiveBalance[]> {
  if (accounts.length === 0) return [];
  const result = await pool.query<BalanceRow>(OPEN_ACCOUNTS, [
    textColumn(accounts, (opening) => opening.account),
    textColumn(accounts, (opening) => opening.currency),
    plainColumn(accounts, (opening) => formatMoney(opening.openingBalance)),
  ]);
  return result.rows.map(toLiveBalance);
}

/** Balances of some accounts, or of all where none is named. */
export async function readBalances(
  pool: Pool,
  accounts: readonly string[],
): Promise<readonly AccountBalance[]> {
  const isAll = accounts.length === 0;
  const result = await pool.query<BalanceRow>(
    `SELECT ${BALANCE_COLUMNS} FROM tandem_billing.account_balance
     ${isAll ? '' : 'WHERE account = ANY ($1::text[])'} ORDER BY account`,
    isAll ? [] : [textColumn(accounts, (account) => account)],
  );
  return result.rows.map(toAccountBalance);
}

// A payment of an account without balance books nothing: the account is not known.
const BOOK_PAYMENT = `
WITH held AS (
  SELECT account, currency, balance FROM tandem_billing.account_balance WHERE account = $1 FOR UPDATE
), booked AS (
  INSERT INTO tandem_billing.ledger
    (account, reference, kind, amount, currency, note, payment_kind, booked_by, balance_after)
  SELECT account, 'payment ' || $2, 'payment', $3::numeric, currency, $4, $5, $6, balance + $3::numeric
  FROM held
  ON CONFLICT DO NOTHING
  RETURNING account, currency, amount
)
INSERT INTO tandem_billing.account_balance AS now (${BALANCE_COLUMNS})
SELECT account, currency, amount, 1, ${NEXT_VERSION} FROM booked
${MOVE_BALANCE}
RETURNING ${BALANCE_COLUMNS}`;

export async function bookPayment(
  pool: Pool,
  payment: Payment,
): Promise<BookedPayment | undefined> {
  const { account, reference, amount, bookedBy, kind, note } = payment;
  const values = [account, reference, formatMoney(amount), given(note), kind, given(bookedBy)];
  const result = await pool.query<BalanceRow>(BOOK_PAYMENT, values);
  const [row] = result.rows;
  if (row !== undefined) return { balance: toAccountBalance(row), isNew: true };
  const [balance] = await readBalances(pool, [account]);
  return balance === undefined ? undefined : { balance, isNew: false };
}

function given(text: string): string | null {
  return text === '' ? null : text;
}

/** Reads a numeric, whatever number of zeros PostgreSQL writes behind the point. */
export function nanos(text: string): bigint {
  return parseMoney(text);
}

function toAccountBalance(row: BalanceRow): AccountBalance {
  return {
    account: row.account,
    currency: row.currency,
    balance: nanos(row.balance),
    ledgerEntries: Number(row.entries),
    version: Number(row.version),
  };
}
