import type { Pool, PoolClient } from '@tandem/service';
import { invoiceNumber } from '../core/invoice-terms.ts';
import type { InvoiceTerms } from '../core/invoice-terms.ts';
import type { Drafted, Invoice, InvoiceKind, InvoiceState, Refused } from '../invoice-ports.ts';
import { nanos } from './pg-ledger.ts';

export function refused(why: string): Refused {
  return { kind: 'refused', why };
}

/** What was just written, for the answer. */
export async function drafted(client: PoolClient, id: number): Promise<Drafted> {
  const invoice = await readInvoice(client, id);
  if (invoice === undefined) return refused(`there is no invoice ${String(id)}`);
  return { kind: 'drafted', invoice };
}

/** A row of `invoiceRows`. */
export interface InvoiceRow {
  readonly id: string;
  readonly kind: InvoiceKind;
  readonly state: InvoiceState;
  readonly account: string;
  readonly issuer: string;
  readonly series: string | null;
  readonly number: string | null;
  readonly currency: string;
  readonly time_zone: string;
  readonly from_at: Date;
  readonly until_at: Date;
  readonly is_scheduled: boolean;
  readonly is_automatic: boolean;
  readonly terms: InvoiceTerms;
  readonly opening: string;
  readonly payments: string;
  readonly charges: string;
  readonly net: string;
  readonly tax: string;
  readonly total: string;
  readonly closing: string;
  readonly taxes: readonly { name: string; percent: string; amount: string }[];
  readonly line_count: number;
  readonly refers_to: string | null;
  readonly refers_series: string | null;
  readonly refers_number: string | null;
  readonly reason: string | null;
  readonly created_by: string;
  readonly created_at: Date;
  readonly issued_by: string | null;
  readonly issued_at: Date | null;
  readonly due_on: string | null;
}

/** Invoices, each with the number of the one that it refers to. */
export const invoiceRows = `
SELECT invoice.id, invoice.kind, invoice.state, invoice.account, invoice.issuer, invoice.series, invoice.number, invoice.currency,
  invoice.time_zone, invoice.from_at, invoice.until_at, invoice.is_scheduled, invoice.is_automatic, invoice.terms, invoice.opening,
  invoice.payments, invoice.charges, invoice.net, invoice.tax, invoice.total, invoice.closing, invoice.taxes, invoice.line_count,
  invoice.refers_to, referred.series AS refers_series, referred.number AS refers_number, invoice.reason, invoice.created_by,
  invoice.created_at, invoice.issued_by, invoice.issued_at, invoice.due_on::text AS due_on
FROM tandem_billing.invoice LEFT JOIN tandem_billing.invoice AS referred ON referred.id = invoice.refers_to`;

/** An invoice without its lines. */
export async function readInvoice(
  client: Pool | PoolClient,
  id: number,
): Promise<Invoice | undefined> {
  const { rows } = await client.query<InvoiceRow>(`${invoiceRows} WHERE invoice.id = $1`, [id]);
  return rows.map(toInvoice)[0];
}

export function toInvoice(row: InvoiceRow): Invoice {
  return {
    id: Number(row.id),
    kind: row.kind,
    state: row.state,
    number: numberOf(row.series, row.number),
    account: row.account,
    issuer: row.issuer,
    currency: row.currency,
    timeZone: row.time_zone,
    fromMs: row.from_at.getTime(),
    untilMs: row.until_at.getTime(),
    isScheduled: row.is_scheduled,
    isAutomatic: row.is_automatic,
    terms: row.terms,
    opening: nanos(row.opening),
    payments: nanos(row.payments),
    charges: nanos(row.charges),
    net: nanos(row.net),
    tax: nanos(row.tax),
    total: nanos(row.total),
    closing: nanos(row.closing),
    taxes: row.taxes.map((tax) => ({ ...tax, amount: nanos(tax.amount) })),
    lineCount: row.line_count,
    refersTo: row.refers_to === null ? undefined : Number(row.refers_to),
    refersToNumber: numberOf(row.refers_series, row.refers_number),
    reason: row.reason ?? '',
    createdBy: row.created_by,
    createdAtMs: row.created_at.getTime(),
    issuedBy: row.issued_by ?? '',
    issuedAtMs: row.issued_at?.getTime(),
    dueOn: row.due_on ?? '',
  };
}

function numberOf(series: string | null, number: string | null): string {
  return series === null || number === null ? '' : invoiceNumber(series, Number(number));
}
