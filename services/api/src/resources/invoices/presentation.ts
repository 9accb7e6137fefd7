import type { GetInvoiceResponse, Invoice, InvoiceParty } from '@tandem/proto/billing';
import { csvText } from '../csv.ts';
import { presentTime } from '../times.ts';
import { invoiceKind, invoiceState } from './schemas.ts';
import type { InvoiceView, WholeInvoiceView } from './schemas.ts';

export function presentInvoice(invoice: Invoice): InvoiceView {
  const { account, currency, id, issuer, number, reason, refersToNumber, timeZone } = invoice;
  const { charges, closingBalance, net, openingBalance, payments, tax, total } = invoice;
  const { createdBy, dueOn, firstDay, issuedBy, issuedOn, lastDay, lineCount } = invoice;
  return {
    ...{ account, currency, id, issuer, number, reason, refersToNumber, timeZone },
    ...{ charges, closingBalance, net, openingBalance, payments, tax, total },
    ...{ createdBy, dueOn, firstDay, issuedBy, issuedOn, lastDay, lineCount },
    kind: invoiceKind.parse(invoice.kind),
    state: invoiceState.parse(invoice.state),
    refersTo: invoice.refersTo === 0 ? null : invoice.refersTo,
    from: presentTime(invoice.fromMs),
    until: presentTime(invoice.untilMs),
    createdAt: presentTime(invoice.createdAtMs),
    issuedAt: presentTime(invoice.issuedAtMs),
    isScheduled: invoice.scheduled,
    isTaxIncluded: invoice.taxIncluded,
  };
}

export function presentWhole(
  invoice: Invoice,
  lines: GetInvoiceResponse['lines'],
): WholeInvoiceView {
  return {
    invoice: presentInvoice(invoice),
    taxes: invoice.taxes,
    seller: partyOf(invoice.seller),
    buyer: partyOf(invoice.buyer),
    footer: invoice.footer,
    lines: lines.map(({ atMs, ...line }) => ({ ...line, at: presentTime(atMs) })),
  };
}

export function invoiceCsv({ lines }: WholeInvoiceView): string {
  return csvText(lines, ['kind', 'destination', 'rate', 'entries', 'billedSeconds', 'amount', 'at', 'note']); // prettier-ignore
}

/** What its file is called. */
export function fileNameOf({ id, kind, number }: InvoiceView): string {
  const name = number === '' ? `draft-${String(id)}` : number;
  return `${kind}-${name.replace(/[^\w.-]/g, '_')}`;
}

function partyOf(party: InvoiceParty | undefined): WholeInvoiceView['seller'] {
  return party ?? { legalName: '', address: [], country: '', taxNumber: '' };
}
