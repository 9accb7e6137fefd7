import type { Pool, PoolClient } from '@tandem/service';
import type {
  Drafted,
  Invoice,
  InvoiceChain,
  InvoiceFilter,
  InvoiceRequest,
  InvoiceStore,
  WholeInvoice,
} from '../invoice-ports.ts';
import { inTransaction } from './pg-cdr-revision.ts';
import { aloneAt } from './pg-alone.ts';
import { draftCredit } from './pg-credit-notes.ts';
import { guardedAll } from './pg-failures.ts';
import { drafted, invoiceRows, readInvoice, refused, toInvoice } from './pg-invoice-rows.ts';
import type { InvoiceRow } from './pg-invoice-rows.ts';
import { issueInvoice } from './pg-invoice-issue.ts';
import { prepareNext } from './pg-invoice-preparation.ts';
import { nanos } from './pg-ledger.ts';

/** Invoices in PostgreSQL. The pool belongs to the caller. */
export function pgInvoices(pool: Pool): InvoiceStore {
  return guardedAll<InvoiceStore>({
    draft: (request) => inTransaction(pool, (client) => draft(client, request)),
    draftCredit: (request) => inTransaction(pool, (client) => draftCredit(client, request)),
    prepareNext: () => inTransaction(pool, prepareNext),
    issue: (id, issuedBy, nowMs) =>
      inTransaction(pool, (client) => issueInvoice(client, { id, issuedBy, nowMs })),
    discard: async (id) => {
      const gone = await pool.query(
        `DELETE FROM tandem_billing.invoice WHERE id = $1 AND state <> 'issued'`,
        [id],
      );
      if (gone.rowCount === 1) return { kind: 'discarded' };
      return refused(`there is no draft ${String(id)}: what is issued stays, write a credit note`);
    },
    list: (filter) => list(pool, filter),
    get: (id) => get(pool, id),
    chains: () => chains(pool),
    automatic: async () => {
      const { rows } = await pool.query<{ readonly id: string }>(
        `SELECT id FROM tandem_billing.invoice WHERE state = 'draft' AND is_automatic ORDER BY id`,
      );
      return rows.map(({ id }) => Number(id));
    },
    alone: (work) => aloneAt(pool, 'tandem_billing.invoices', work),
  });
}

interface LastRow {
  readonly id: string;
  readonly until_at: Date;
  readonly until_number: string;
}

/** All entries that were numbered so far are there when this is answered. */
async function lastEntry(client: PoolClient): Promise<string> {
  await client.query(
    `SELECT pg_advisory_xact_lock(hashtextextended('tandem_billing.ledger_number', 0))`,
  );
  const { rows } = await client.query<{ readonly number: string }>(
    'SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS number FROM tandem_billing.ledger_number',
  );
  return rows[0]?.number ?? '0';
}

async function draft(client: PoolClient, request: InvoiceRequest): Promise<Drafted> {
  const { account, untilMs } = request;
  // One who drafts for an account at a time; the draft before makes room.
  await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `tandem_billing.invoice ${account}`,
  ]);
  const known = await client.query<{ readonly currency: string }>(
    'SELECT currency FROM tandem_billing.account_balance WHERE account = $1',
    [account],
  );
  const currency = known.rows[0]?.currency;
  if (currency === undefined) return refused(`account "${account}" has no ledger yet`);
  const found = await client.query<LastRow>(
    `SELECT id, until_at, until_number FROM tandem_billing.invoice
     WHERE account = $1 AND kind = 'invoice' AND state = 'issued' ORDER BY id DESC LIMIT 1`,
    [account],
  );
  const [last] = found.rows;
  const fromMs = last?.until_at.getTime() ?? request.fromMs ?? request.firstFromMs;
  if (fromMs === undefined) return refused('from is missing: it is the first invoice of the account'); // prettier-ignore
  if (request.fromMs !== undefined && request.fromMs !== fromMs)
    return refused(`from must be ${new Date(fromMs).toISOString()}, where the last invoice ends: leave it out`); // prettier-ignore
  if (untilMs <= fromMs)
    return refused(`until must be later than ${new Date(fromMs).toISOString()}, where it begins`);
  await client.query(
    `DELETE FROM tandem_billing.invoice WHERE account = $1 AND kind = 'invoice' AND state <> 'issued'`,
    [account],
  );
  const upTo = await lastEntry(client);
  const { rows } = await client.query<{ readonly id: string }>(
    `INSERT INTO tandem_billing.invoice (kind, state, account, issuer, currency, time_zone, from_at, until_at, since_number,
       until_number, previous, terms, created_by, is_scheduled, is_automatic)
     VALUES ('invoice', 'preparing', $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING id`,
    [
      account,
      request.issuer,
      currency,
      request.timeZone,
      new Date(fromMs),
      new Date(untilMs),
      // Of the first one, what was before its period is no part of it.
      last?.until_number ?? upTo,
      upTo,
      last?.id ?? null,
      JSON.stringify(request.terms),
      request.createdBy,
      request.isScheduled,
      request.isAutomatic,
    ],
  );
  return drafted(client, Number(rows[0]?.id));
}

async function list(pool: Pool, filter: InvoiceFilter): Promise<readonly Invoice[]> {
  const { rows } = await pool.query<InvoiceRow>(
    `${invoiceRows}
     WHERE ($1::text IS NULL OR invoice.account = $1) AND ($2::text IS NULL OR invoice.issuer = $2)
       AND ($3::text IS NULL OR invoice.kind = $3) AND ($4::text IS NULL OR invoice.state = $4)
       AND ($5::timestamptz IS NULL OR invoice.until_at >= $5) AND ($6::timestamptz IS NULL OR invoice.until_at < $6)
       AND ($7::bigint IS NULL OR invoice.id < $7)
     ORDER BY invoice.id DESC LIMIT $8`,
    [
      filter.account ?? null,
      filter.issuer ?? null,
      filter.kind ?? null,
      filter.state ?? null,
      filter.fromMs === undefined ? null : new Date(filter.fromMs),
      filter.untilMs === undefined ? null : new Date(filter.untilMs),
      filter.before ?? null,
      filter.limit,
    ],
  );
  return rows.map(toInvoice);
}

interface LineRow {
  readonly kind: string;
  readonly destination: string;
  readonly rate: string;
  readonly entries: string;
  readonly billed_seconds: string;
  readonly amount: string;
  readonly at: Date | null;
  readonly note: string;
}

async function get(pool: Pool, id: number): Promise<WholeInvoice | undefined> {
  const invoice = await readInvoice(pool, id);
  if (invoice === undefined) return undefined;
  const { rows } = await pool.query<LineRow>(
    `SELECT kind, destination, rate, entries, billed_seconds, amount, at, note
     FROM tandem_billing.invoice_line WHERE invoice = $1 ORDER BY place`,
    [id],
  );
  const lines = rows.map((row) => ({
    kind: row.kind,
    destination: row.destination,
    rate: row.rate,
    entries: Number(row.entries),
    billedSeconds: Number(row.billed_seconds),
    amount: nanos(row.amount),
    atMs: row.at?.getTime(),
    note: row.note,
  }));
  return { invoice, lines };
}

async function chains(pool: Pool): Promise<readonly InvoiceChain[]> {
  const { rows } = await pool.query<{
    readonly account: string;
    readonly until_at: Date | null;
    readonly is_open: boolean;
  }>(
    `SELECT account, max(until_at) FILTER (WHERE state = 'issued') AS until_at, bool_or(state <> 'issued') AS is_open
     FROM tandem_billing.invoice WHERE kind = 'invoice' GROUP BY account`,
  );
  return rows.map(({ account, is_open, until_at }) => ({
    account,
    untilMs: until_at?.getTime(),
    isOpen: is_open,
  }));
}
