import { z } from 'zod';
import { amount } from '../money.ts';
import { time } from '../times.ts';

const party = z.object({
  legalName: z.string(),
  address: z.array(z.string()),
  country: z.string(),
  taxNumber: z.string(),
});

export const invoiceKind = z.enum(['invoice', 'credit-note']);
export const invoiceState = z.enum(['preparing', 'draft', 'issued']);

const invoice = z.object({
  id: z.int(),
  kind: invoiceKind,
  state: invoiceState.describe(
    'preparing: it is being added up, ask again. draft: it may still be discarded. issued: it is never changed again.',
  ),
  number: z.string().describe('Empty until it is issued.'),
  account: z.string(),
  issuer: z.string(),
  firstDay: z.string().describe('By timeZone, such as 2026-03-01.'),
  lastDay: z.string(),
  from: time,
  until: time.describe('Before this.'),
  timeZone: z.string(),
  currency: z.string(),
  openingBalance: amount,
  payments: amount.describe('Money that came, less what was given back.'),
  charges: amount.describe('What the ledger was charged; what follows is in whole coins.'),
  net: amount,
  tax: amount,
  total: amount,
  closingBalance: amount,
  isTaxIncluded: z.boolean(),
  isScheduled: z.boolean(),
  lineCount: z.int(),
  refersTo: z.int().nullable().describe('Of a credit note: the id of its invoice.'),
  refersToNumber: z.string(),
  reason: z.string(),
  createdBy: z.string(),
  createdAt: time,
  issuedBy: z.string(),
  issuedAt: time,
  issuedOn: z.string().describe('The day, by the time zone of the issuer.'),
  dueOn: z.string(),
});

const line = z.object({
  kind: z
    .string()
    .describe(
      'calls, late calls (of periods before), adjustments, credit; opening, payment, recharge, refund, correction, credit-note.',
    ),
  destination: z.string().describe('Prefix of the rate.'),
  rate: z.string(),
  entries: z.int().describe('How many of the ledger it stands for.'),
  billedSeconds: z.int(),
  amount,
  at: time,
  note: z.string(),
});

/** The named shapes of this resource. */
export const invoiceSchemas = {
  Invoice: invoice,
  InvoiceLine: line,
  InvoiceList: z.object({ invoices: z.array(invoice), nextCursor: z.string().nullable() }),
  WholeInvoice: z.object({
    invoice,
    taxes: z.array(z.object({ name: z.string(), percent: z.string(), amount })),
    seller: party,
    buyer: party,
    footer: z.array(z.string()),
    lines: z.array(line),
  }),
  InvoiceDraft: z.strictObject({
    account: z.string(),
    from: z
      .string()
      .default('')
      .describe('A day such as 2026-03-01, by the time zone of the account, or a moment with its offset. Empty: where the last invoice ends.'), // prettier-ignore
    until: z
      .string()
      .default('')
      .describe('The same; before this. Empty: the end of the last period.'),
  }),
  CreditNoteDraft: z.strictObject({
    amount: z
      .string()
      .default('')
      .describe('Net; with the taxes where they are in the prices. Empty: all that is left.'),
    reason: z.string().min(1).max(500).describe('Stands on the credit note.'),
  }),
};

export type InvoiceView = z.output<typeof invoice>;
export type WholeInvoiceView = z.output<(typeof invoiceSchemas)['WholeInvoice']>;
export type InvoiceDraft = z.output<(typeof invoiceSchemas)['InvoiceDraft']>;
export type CreditNoteDraft = z.output<(typeof invoiceSchemas)['CreditNoteDraft']>;
