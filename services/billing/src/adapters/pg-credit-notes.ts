import { formatMoney } from '@tandem/domain';
import type { Nanos } from '@tandem/domain';
import type { PoolClient } from '@tandem/service';
import { invoiceSums, toCoins } from '../core/invoice-sums.ts';
import type { InvoiceSums } from '../core/invoice-sums.ts';
import type { CreditRequest, Drafted, Invoice } from '../invoice-ports.ts';
import { drafted, readInvoice, refused } from './pg-invoice-rows.ts';
import { nanos } from './pg-ledger.ts';

/** What of an invoice is not credited yet. */
interface Uncredited {
  /** Net, or with the taxes where they are in the prices: whole coins. */
  readonly charges: Nanos;
  readonly credited: Nanos;
}

/** Undefined where there is no such invoice. Whoever asks holds it until the end of the transaction. */
export async function uncredited(
  client: PoolClient,
  invoice: number,
): Promise<Uncredited | undefined> {
  await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `tandem_billing.credit ${String(invoice)}`,
  ]);
  const { rows } = await client.query<{
    readonly charges: string;
    readonly currency: string;
    readonly credited: string;
  }>(
    `SELECT charges, currency, (SELECT coalesce(sum(credit.charges), 0) FROM tandem_billing.invoice AS credit
       WHERE credit.refers_to = invoice.id AND credit.state = 'issued') AS credited
     FROM tandem_billing.invoice WHERE id = $1 AND state = 'issued' AND kind = 'invoice'`,
    [invoice],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const credited = nanos(row.credited);
  return { charges: toCoins(nanos(row.charges), row.currency) - credited, credited };
}

/**
 * Drafts a credit note. Its taxes are what those of the invoice differ by with and without it, so that credit notes for all of an
 * invoice give back its total, whatever they were cut into.
 */
export async function draftCredit(client: PoolClient, request: CreditRequest): Promise<Drafted> {
  const { createdBy, reason } = request;
  const invoice = await readInvoice(client, request.invoice);
  const left = await uncredited(client, request.invoice);
  if (invoice === undefined || left === undefined)
    return refused(`there is no issued invoice ${String(request.invoice)}: a draft is discarded`);
  const amount = request.amount ?? left.charges;
  const { currency, number } = invoice;
  if (amount <= 0n) return refused(`nothing of ${number} is left to be credited`);
  if (amount > left.charges)
    return refused(`only ${formatMoney(left.charges)} ${currency} of ${number} are not credited yet`); // prettier-ignore
  if (toCoins(amount, currency) !== amount)
    return refused(`${formatMoney(amount)} ${currency} has parts of a coin`);
  const sums = difference(invoice, left.credited, amount);
  const { rows } = await client.query<{ readonly id: string }>(
    `INSERT INTO tandem_billing.invoice (kind, state, account, issuer, currency, time_zone, from_at, until_at, since_number,
       until_number, refers_to, terms, created_by, reason, charges, net, tax, total, taxes, line_count)
     SELECT 'credit-note', 'draft', account, issuer, currency, time_zone, from_at, until_at, since_number,
       until_number, id, terms, $2, $3, $4, $5, $6, $7, $8, 1 FROM tandem_billing.invoice WHERE id = $1 RETURNING id`,
    [
      invoice.id,
      createdBy,
      reason,
      ...[amount, sums.net, sums.tax, sums.total].map(formatMoney),
      JSON.stringify(sums.taxes.map((tax) => ({ ...tax, amount: formatMoney(tax.amount) }))),
    ],
  );
  const id = Number(rows[0]?.id);
  await client.query(
    `INSERT INTO tandem_billing.invoice_line (invoice, place, kind, destination, rate, entries, billed_seconds, amount, note)
     VALUES ($1, 1, 'credit', '', '', 1, 0, $2, $3)`,
    [id, formatMoney(amount), reason],
  );
  return drafted(client, id);
}

function difference({ currency, terms }: Invoice, before: Nanos, amount: Nanos): InvoiceSums {
  const { isTaxIncluded, taxes } = terms;
  const [less, more] = [before, before + amount].map((sum) =>
    invoiceSums(sum, { currency, taxes, isTaxIncluded }),
  );
  if (less === undefined || more === undefined) throw new Error('two sums are two');
  return {
    net: more.net - less.net,
    tax: more.tax - less.tax,
    total: more.total - less.total,
    taxes: more.taxes.map((tax, index) => ({
      ...tax,
      amount: tax.amount - (less.taxes[index]?.amount ?? 0n),
    })),
  };
}
