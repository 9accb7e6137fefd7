import { formatMoney, parseMoney } from '@tandem/domain';
import { Invoice as ToldInvoice } from '@tandem/proto/billing';
import type {
  DiscardInvoiceRequest,
  DiscardInvoiceResponse,
  DraftCreditNoteRequest,
  DraftInvoiceRequest,
  GetInvoiceRequest,
  GetInvoiceResponse,
  IssueInvoiceRequest,
  ListInvoicesRequest,
  ListInvoicesResponse,
} from '@tandem/proto/billing';
import { lastPeriod, localDay, startOfNamedDay } from '../core/invoice-periods.ts';
import { invoiceKinds, invoiceStates } from '../invoice-ports.ts';
import type { Drafted, Invoice, InvoiceFilter, InvoiceStore, Refused } from '../invoice-ports.ts';
import type { Invoicing } from '../invoicing.ts';
import { DEFAULT_LIMIT, MOST_LISTED, given, timeGiven, wrong } from './cdr-filter.ts';
import { waitFor } from './wait-for.ts';

/** Invoices (BILL-06), as methods of tandem.billing.v1.BillingService. */
export interface InvoiceHandlers {
  draftInvoice(request: DraftInvoiceRequest): Promise<ToldInvoice>;
  draftCreditNote(request: DraftCreditNoteRequest): Promise<ToldInvoice>;
  issueInvoice(request: IssueInvoiceRequest): Promise<ToldInvoice>;
  discardInvoice(request: DiscardInvoiceRequest): Promise<DiscardInvoiceResponse>;
  listInvoices(request: ListInvoicesRequest): Promise<ListInvoicesResponse>;
  getInvoice(request: GetInvoiceRequest): Promise<GetInvoiceResponse>;
}

/** So long an operator waits for a draft; what takes longer is asked for again. */
const WAIT_MS = 2500;

export function createInvoiceHandlers({
  invoicing,
  store,
}: {
  readonly store: InvoiceStore;
  readonly invoicing: Invoicing;
}): InvoiceHandlers {
  return {
    draftInvoice: async ({ account, createdBy, from, until }) => {
      const { invoicing: how, terms, timeZone } = invoicing.invoiced(account);
      const nowMs = invoicing.now();
      const last = lastPeriod(timeZone, how.period === 'none' ? 'month' : how.period, nowMs);
      const untilMs = momentOf('until', until, timeZone) ?? last.untilMs;
      if (untilMs > nowMs) throw wrong(`until is ${until}, which is not over yet`);
      const drafted = await store.draft({
        account,
        createdBy,
        timeZone,
        terms,
        issuer: how.issuer,
        fromMs: momentOf('from', from, timeZone),
        firstFromMs: until === '' ? last.fromMs : undefined,
        untilMs,
        isScheduled: false,
        isAutomatic: false,
      });
      const { id } = invoiceOf(drafted);
      await waitFor(invoicing.prepare(), WAIT_MS);
      const prepared = await store.get(id);
      if (prepared === undefined) throw wrong(`draft ${String(id)} was discarded meanwhile`);
      return toInvoice(prepared.invoice);
    },
    draftCreditNote: async ({ amount, createdBy, invoice, reason }) => {
      if (reason === '') throw wrong('reason is missing: it stands on the credit note');
      const wanted = amount === '' ? undefined : moneyOf(amount);
      return toInvoice(
        invoiceOf(await store.draftCredit({ invoice, reason, createdBy, amount: wanted })),
      );
    },
    issueInvoice: async ({ id, issuedBy }) => {
      const issued = await invoicing.issue(id, issuedBy);
      if (issued.kind === 'refused') throw wrong(issued.why);
      return toInvoice(issued.invoice);
    },
    discardInvoice: async ({ id }) => {
      const gone = await store.discard(id);
      if (gone.kind === 'refused') throw wrong(gone.why);
      return {};
    },
    listInvoices: async (request) => {
      const filter = filterOf(request);
      const found = await store.list({ ...filter, limit: filter.limit + 1 });
      const page = found.slice(0, filter.limit);
      const next = found.length > page.length ? page.at(-1) : undefined;
      return { invoices: page.map(toInvoice), nextCursor: next === undefined ? '' : String(next.id) }; // prettier-ignore
    },
    getInvoice: async ({ id }) => {
      const found = await store.get(id);
      if (found === undefined) return { invoice: undefined, lines: [] };
      const lines = found.lines.map(({ amount, atMs = 0, ...line }) => ({
        ...line,
        atMs,
        amount: formatMoney(amount),
      }));
      return { invoice: toInvoice(found.invoice), lines };
    },
  };
}

function invoiceOf(drafted: Drafted | Refused): Invoice {
  if (drafted.kind === 'refused') throw wrong(drafted.why);
  return drafted.invoice;
}

/** A day at a place, or a moment; undefined where nothing is given. */
function momentOf(name: string, text: string, timeZone: string): number | undefined {
  if (text === '') return undefined;
  const isMoment = /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)$/.test(text);
  const ms = isMoment ? Date.parse(text) : startOfNamedDay(timeZone, text);
  if (ms !== undefined && !Number.isNaN(ms)) return ms;
  throw wrong(
    `${name} is "${text}": write a day such as 2026-03-01, or a moment with its offset such as 2026-03-01T00:00:00Z`,
  );
}

function moneyOf(text: string): bigint {
  try {
    return parseMoney(text);
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error));
  }
}

function filterOf(request: ListInvoicesRequest): InvoiceFilter {
  if (request.cursor !== '' && !/^\d{1,15}$/.test(request.cursor))
    throw wrong(`cursor "${request.cursor}" is not one of ours`);
  return {
    account: given(request.account),
    issuer: given(request.issuer),
    kind: oneOf('kind', request.kind, invoiceKinds),
    state: oneOf('state', request.state, invoiceStates),
    fromMs: timeGiven(request.fromMs),
    untilMs: timeGiven(request.untilMs),
    before: request.cursor === '' ? undefined : Number(request.cursor),
    limit: request.limit === 0 ? DEFAULT_LIMIT : Math.min(request.limit, MOST_LISTED),
  };
}

/** One of some words; undefined where none is given. */
export function oneOf<Word extends string>(
  name: string,
  text: string,
  words: readonly Word[],
): Word | undefined {
  if (text === '') return undefined;
  const word = words.find((each) => each === text);
  if (word === undefined) throw wrong(`${name} is "${text}", must be ${words.join(', ')}`);
  return word;
}

function toInvoice(invoice: Invoice): ToldInvoice {
  const { issuedAtMs, terms, timeZone } = invoice;
  const { buyer, footer, isTaxIncluded, issuerTimeZone, seller } = terms;
  return ToldInvoice.create({
    id: invoice.id,
    kind: invoice.kind,
    state: invoice.state,
    number: invoice.number,
    account: invoice.account,
    issuer: invoice.issuer,
    currency: invoice.currency,
    timeZone,
    fromMs: invoice.fromMs,
    untilMs: invoice.untilMs,
    firstDay: localDay(timeZone, invoice.fromMs),
    lastDay: localDay(timeZone, invoice.untilMs - 1),
    openingBalance: formatMoney(invoice.opening),
    payments: formatMoney(invoice.payments),
    charges: formatMoney(invoice.charges),
    net: formatMoney(invoice.net),
    tax: formatMoney(invoice.tax),
    total: formatMoney(invoice.total),
    closingBalance: formatMoney(invoice.closing),
    taxes: invoice.taxes.map((tax) => ({ ...tax, amount: formatMoney(tax.amount) })),
    taxIncluded: isTaxIncluded,
    seller: { ...seller, address: [...seller.address] },
    buyer: { ...buyer, address: [...buyer.address] },
    footer: [...footer],
    lineCount: invoice.lineCount,
    refersTo: invoice.refersTo ?? 0,
    refersToNumber: invoice.refersToNumber,
    reason: invoice.reason,
    createdBy: invoice.createdBy,
    createdAtMs: invoice.createdAtMs,
    issuedBy: invoice.issuedBy,
    issuedAtMs: issuedAtMs ?? 0,
    issuedOn: issuedAtMs === undefined ? '' : localDay(issuerTimeZone, issuedAtMs),
    dueOn: invoice.dueOn,
    scheduled: invoice.isScheduled,
  });
}
