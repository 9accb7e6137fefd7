import type { Account, InvoiceIssuer } from '@tandem/config';
import { localTimeAt } from '@tandem/time-zones';
import { localDay } from './invoice-periods.ts';
import type { TaxRate } from './invoice-sums.ts';

/** Who is on an invoice. */
interface InvoiceParty {
  readonly legalName: string;
  readonly address: readonly string[];
  readonly country: string;
  readonly taxNumber: string;
}

/** What an invoice takes from the configuration, fixed when it is drafted. */
export interface InvoiceTerms {
  readonly seller: InvoiceParty;
  readonly buyer: InvoiceParty;
  readonly taxes: readonly TaxRate[];
  readonly isTaxIncluded: boolean;
  /** Before `{year}` has become one. */
  readonly series: string;
  readonly creditSeries: string;
  readonly issuerTimeZone: string;
  readonly dueDays: number;
  readonly footer: readonly string[];
}

/** The terms of an account with its issuer. */
export function invoiceTerms(account: Account, issuer: InvoiceIssuer): InvoiceTerms {
  const { invoicing, name } = account;
  const { address = [], country = '', legalName = name, taxNumber = '' } = invoicing ?? {};
  return {
    seller: {
      legalName: issuer.legalName,
      address: issuer.address,
      country: issuer.country,
      taxNumber: issuer.taxNumber ?? '',
    },
    buyer: { legalName, address, country, taxNumber },
    taxes: invoicing?.taxes ?? taxesOf(issuer, country),
    isTaxIncluded: invoicing?.taxIncluded ?? false,
    series: issuer.series,
    creditSeries: issuer.creditSeries,
    issuerTimeZone: issuer.timeZone,
    dueDays: issuer.dueDays,
    footer: issuer.footer,
  };
}

/** Those of the country; where it has none, those of all others. */
function taxesOf({ taxes }: InvoiceIssuer, country: string): readonly TaxRate[] {
  const own = taxes.filter((tax) => tax.country === country);
  const found = own.length > 0 ? own : taxes.filter((tax) => tax.country === undefined);
  return found.map(({ name, percent }) => ({ name, percent }));
}

/** The series of a day, and when what is issued then is due. */
export function issueTerms(
  terms: InvoiceTerms,
  kind: 'invoice' | 'credit-note',
  nowMs: number,
): { readonly series: string; readonly dueOn: string } {
  const { creditSeries, dueDays, issuerTimeZone, series } = terms;
  const { year } = localTimeAt(issuerTimeZone, nowMs);
  const today = Date.parse(`${localDay(issuerTimeZone, nowMs)}T00:00:00Z`);
  return {
    series: (kind === 'invoice' ? series : creditSeries).replaceAll('{year}', String(year)),
    dueOn: new Date(today + dueDays * 86_400_000).toISOString().slice(0, 10),
  };
}

/** `INV-2026-000042`. */
export function invoiceNumber(series: string, number: number): string {
  return `${series}${String(number).padStart(6, '0')}`;
}
