import { parseMoney } from '@tandem/domain';
import { timeZoneMistake } from '@tandem/time-zones';
import { z } from 'zod';
import { entriesOf, isBlock, namesOf, reportDuplicates } from './blocks.ts';
import type { Block, Report } from './blocks.ts';
import { name } from './fields.ts';
import { didYouMean } from './suggest.ts';

// Who issues invoices to whom, and what is on them (BILL-06).

const line = z
  .string()
  // eslint-disable-next-line no-control-regex -- \p{Cc}, for programs that read the description and do not know it
  .regex(/^[^\u0000-\u001f\u007f-\u009f]{1,120}$/u, 'must be one line of 1 to 120 characters')
  .describe('One line.');
const address = z.array(line).max(6).default([]).describe('Its lines, without the name.');
const country = z
  .string()
  .regex(/^[A-Z]{2}$/, 'must be two capital letters of ISO 3166-1, such as "GB"')
  .describe('ISO 3166-1 alpha-2.');

const timeZone = z.string().superRefine((value, context) => {
  const message = timeZoneMistake(value);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

const percent = z
  .string()
  .refine(
    isPercent,
    'must be per cent in quotes, from "0" to "100" with at most 4 digits after the point, such as "19" or "8.875"',
  ) // prettier-ignore
  .describe('Of what is charged.');

function isPercent(text: string): boolean {
  return /^\d{1,3}(?:\.\d{1,4})?$/.test(text) && parseMoney(text) <= 100_000_000_000n;
}

const series = z
  .string()
  .regex(
    /^[A-Za-z0-9](?:[A-Za-z0-9./-]|\{year\}){0,30}$/,
    'must begin with a letter or digit, and have letters, digits, ".", "/", "-" and {year} alone, such as "INV-{year}-"',
  )
  .describe('What numbers begin with. {year}: that of the day of issue; numbers begin at 1 in each.'); // prettier-ignore

const tax = { name: line.describe('As on the invoice, such as VAT.'), percent };

export const accountTimeZone = timeZone
  .optional()
  .describe('Area/City, such as Europe/London: days and months of its invoices. Not set: UTC.');

const invoiceIssuer = z.strictObject({
  name,
  legalName: line,
  address,
  country,
  taxNumber: line.optional().describe('Such as a VAT number.'),
  timeZone: timeZone.default('UTC').describe('What day it is when an invoice is issued.'),
  series: series.default('INV-{year}-'),
  creditSeries: series.default('CN-{year}-').describe('The same of credit notes.'),
  dueDays: z.int().min(0).max(365).default(30).describe('Days from the issue until it is due.'),
  taxes: z
    .array(
      z.strictObject({
        country: country.optional().describe('Of customers there. Not set: of all others.'),
        ...tax,
      }),
    )
    .max(100)
    .default([]),
  footer: z.array(line).max(8).default([]).describe('Lines at the end, such as a bank account.'),
});

export const invoiceIssuers = z
  .array(invoiceIssuer)
  .optional()
  .describe('Who issues invoices (BILL-06): docs/invoices.md.');

export const accountInvoicing = z
  .strictObject({
    issuer: name.describe('Of invoiceIssuers.'),
    period: z
      .enum(['none', 'day', 'week', 'month'])
      .default('month')
      .describe(
        'By the time zone of the account; a week begins on Monday. At its end a draft is made. none: when somebody asks.',
      ),
    issue: z
      .enum(['by-hand', 'automatic'])
      .default('by-hand')
      .describe('automatic: drafts made at the end of a period are issued at once.'),
    delayHours: z
      .int()
      .min(0)
      .max(240)
      .default(6)
      .describe('Hours from the end of a period to its draft. What comes later is on the next invoice.'), // prettier-ignore
    legalName: line.optional().describe('The name of the account where not set.'),
    address,
    country: country.optional(),
    taxNumber: line.optional(),
    taxes: z
      .array(z.strictObject(tax))
      .max(10)
      .optional()
      .describe('In place of those of its country; []: none.'),
    taxIncluded: z.boolean().default(false).describe('Prices of its rates have the taxes in them.'),
  })
  .optional()
  .describe('How it is invoiced. Not set: it is not. Customers alone.');

/** Issuers that there are, and customers alone who are invoiced. */
export function checkInvoicing(document: Block, report: Report): void {
  const issuers = entriesOf(document, 'invoiceIssuers');
  reportDuplicates(
    issuers.map(({ block, path }) => ({ path: [...path, 'name'], value: block['name'] })),
    report,
  );
  const names = namesOf({ list: document['invoiceIssuers'] ?? [] }, 'list');
  for (const { block, path } of entriesOf(document, 'accounts')) {
    const { invoicing } = block;
    if (!isBlock(invoicing)) continue;
    if (block['type'] === 'vendor') report([...path, 'invoicing'], 'goes with customers alone: a vendor sends invoices to you'); // prettier-ignore
    const { issuer } = invoicing;
    if (typeof issuer !== 'string' || names.has(issuer)) continue;
    report([...path, 'invoicing', 'issuer'], `is "${issuer}", which is not in invoiceIssuers${didYouMean(issuer, [...names])}`); // prettier-ignore
  }
}
