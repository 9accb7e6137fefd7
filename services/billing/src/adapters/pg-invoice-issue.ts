import { formatMoney } from '@tandem/domain';
import type { PoolClient } from '@tandem/service';
import { invoiceNumber, issueTerms } from '../core/invoice-terms.ts';
import type { Invoice, Issued } from '../invoice-ports.ts';
import { uncredited } from './pg-credit-notes.ts';
import { readInvoice, refused } from './pg-invoice-rows.ts';
import { MOVE_BALANCE, toLiveBalance } from './pg-ledger.ts';
import type { BalanceRow } from './pg-ledger.ts';

const NEXT_NUMBER = `
INSERT INTO tandem_billing.invoice_series AS known (issuer, series, last) VALUES ($1, $2, 1)
ON CONFLICT (issuer, series) DO UPDATE SET last = known.last + 1 RETURNING last`;

const BOOK = `
WITH booked AS (
  INSERT INTO tandem_billing.ledger (account, reference, kind, amount, currency, note, booked_by)
  VALUES ($1, $2, $3, $4::numeric, $5, $6, $7) RETURNING account, currency, amount
)
INSERT INTO tandem_billing.account_balance AS now (account, currency, balance, entries, version)
SELECT account, currency, amount, 1, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint FROM booked
${MOVE_BALANCE}
RETURNING account, currency, balance, entries, version`;

/**
 * Issues a draft in one transaction: its number, its entry in the ledger and its state are there together, or none of them. Whoever
 * issues in the same series meanwhile waits for its end, so that no number is left out or given twice.
 */
export async function issueInvoice(
  client: PoolClient,
  { id, issuedBy, nowMs }: { readonly id: number; readonly issuedBy: string; readonly nowMs: number }, // prettier-ignore
): Promise<Issued> {
  await client.query('SELECT FROM tandem_billing.invoice WHERE id = $1 FOR UPDATE', [id]);
  const invoice = await readInvoice(client, id);
  if (invoice === undefined) return refused(`there is no invoice ${String(id)}`);
  if (invoice.state === 'issued') return { kind: 'issued', invoice, isNew: false, balances: [] };
  if (invoice.state === 'preparing') return refused('it is still being added up: look at it before it is issued'); // prettier-ignore
  const why = await whyNot(client, invoice);
  if (why !== undefined) return refused(why);
  // In the order in which those who charge calls take them: the lock of the ledger's numbers, then the balance. Last the series, which all
  // who issue wait for.
  await client.query(
    `SELECT pg_advisory_xact_lock_shared(hashtextextended('tandem_billing.ledger_number', 0))`,
  );
  await client.query('SELECT FROM tandem_billing.account_balance WHERE account = $1 FOR UPDATE', [
    invoice.account,
  ]);
  const { dueOn, series } = issueTerms(invoice.terms, invoice.kind, nowMs);
  const { rows } = await client.query<{ readonly last: string }>(NEXT_NUMBER, [
    invoice.issuer,
    series,
  ]);
  const number = rows[0]?.last ?? '';
  const balances = await book(client, invoice, { issuedBy, number: invoiceNumber(series, Number(number)) }); // prettier-ignore
  await client.query(
    `UPDATE tandem_billing.invoice
     SET state = 'issued', series = $2, number = $3, issued_by = $4, issued_at = $5, due_on = $6 WHERE id = $1`,
    [id, series, number, issuedBy, new Date(nowMs), invoice.kind === 'invoice' ? dueOn : null],
  );
  const issued = await readInvoice(client, id);
  return issued === undefined
    ? refused(`there is no invoice ${String(id)}`)
    : { kind: 'issued', invoice: issued, isNew: true, balances };
}

/** Another credit note may have been issued since this one was drafted. */
async function whyNot(client: PoolClient, invoice: Invoice): Promise<string | undefined> {
  if (invoice.refersTo === undefined) return undefined;
  const left = await uncredited(client, invoice.refersTo);
  if (left === undefined || invoice.charges <= left.charges) return undefined;
  return `only ${formatMoney(left.charges)} ${invoice.currency} of ${invoice.refersToNumber} are not credited yet: discard it, and draft another one`;
}

/** What the ledger does not have yet: of an invoice taxes and rounding, of a credit note all of it. */
async function book(
  client: PoolClient,
  { account, charges, currency, kind, reason, total }: Invoice,
  { issuedBy, number }: { readonly issuedBy: string; readonly number: string },
): Promise<ReturnType<typeof toLiveBalance>[]> {
  const amount = kind === 'invoice' ? charges - total : total;
  if (amount === 0n) return [];
  const note = kind === 'invoice' ? 'taxes and rounding' : reason;
  const { rows } = await client.query<BalanceRow>(BOOK, [
    account,
    `${kind} ${number}`,
    kind,
    formatMoney(amount),
    currency,
    note,
    issuedBy,
  ]);
  return rows.map(toLiveBalance);
}
