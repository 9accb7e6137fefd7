import { formatMoney, parseMoney } from '@tandem/domain';
import { Balance, BookPaymentResponse, Cdr, ListCdrsRequest, Terms } from '@tandem/proto/billing';
import type {
  AnalyseCallsRequest,
  AnalyseCallsResponse,
  ExportCdrsRequest,
  ExportCdrsResponse,
  BookPaymentRequest,
  GetCdrRequest,
  GetCdrResponse,
  ListBalancesRequest,
  ListBalancesResponse,
  ListCdrsResponse,
  ListReconciliationsRequest,
  ListReconciliationsResponse,
  Reconciliation,
} from '@tandem/proto/billing';
import { writeCursor } from '../core/cdr-cursor.ts';
import { explainTerms } from '../core/rating.ts';
import type { AccountBalance, BillingStore, KeptReport, OnCharged, StoredCdr } from '../ports.ts';
import { analyseCalls } from './analyse-calls.ts';
import { filterOf, wrong } from './cdr-filter.ts';
import { exportPage } from './export-page.ts';

/** The unary methods of tandem.billing.v1.BillingService, served over gRPC and called directly in one process. */
export interface BillingHandlers {
  listCdrs(request: ListCdrsRequest): Promise<ListCdrsResponse>;
  getCdr(request: GetCdrRequest): Promise<GetCdrResponse>;
  listBalances(request: ListBalancesRequest): Promise<ListBalancesResponse>;
  bookPayment(request: BookPaymentRequest): Promise<BookPaymentResponse>;
  listReconciliations(request: ListReconciliationsRequest): Promise<ListReconciliationsResponse>;
  exportCdrs(request: ExportCdrsRequest): Promise<ExportCdrsResponse>;
  analyseCalls(request: AnalyseCallsRequest): Promise<AnalyseCallsResponse>;
}

export interface BillingHandlerParts {
  readonly store: BillingStore;
  /** Told of the balance that a payment moved. */
  readonly onCharged: OnCharged;
}

const DEFAULT_DAYS = 7;
const MOST_DAYS = 100;

export function createBillingHandlers({ store, onCharged }: BillingHandlerParts): BillingHandlers {
  return {
    listCdrs: async (request) => {
      const filter = filterOf(request);
      // One more than asked for tells whether there is a next page.
      const found = await store.listCdrs({ ...filter, limit: filter.limit + 1 });
      const page = found.slice(0, filter.limit);
      const last = found.length > page.length ? page.at(-1) : undefined;
      return {
        cdrs: page.map(toCdr),
        nextCursor: last === undefined ? '' : writeCursor(last),
      };
    },
    getCdr: async ({ callId }) => {
      const found = callId === '' ? [] : await store.findCdrs(callId);
      return { cdrs: found.map(toCdr) };
    },
    listBalances: async ({ accounts }) => {
      const balances = await store.balances(accounts);
      return { balances: balances.map(toBalance) };
    },
    bookPayment: async (request) => {
      const booked = await store.bookPayment(paymentOf(request));
      if (booked === undefined) throw wrong(`account "${request.account}" is not known`);
      if (booked.isNew) await onCharged([booked.balance]);
      return BookPaymentResponse.create({
        balance: toBalance(booked.balance),
        booked: booked.isNew,
      });
    },
    exportCdrs: ({ filter }) => exportPage(filter ?? ListCdrsRequest.create(), store),
    analyseCalls: (request) => analyseCalls(request, store.analysis),
    listReconciliations: async ({ limit }) => {
      const days = limit === 0 ? DEFAULT_DAYS : Math.min(limit, MOST_DAYS);
      const reports = await store.reconciliation.reports(days);
      return { reconciliations: reports.map(toReconciliation) };
    },
  };
}

function paymentOf(request: BookPaymentRequest) {
  const { account, reference, note } = request;
  if (account === '') throw wrong('account is missing');
  if (reference === '') throw wrong('reference is missing: it makes the payment happen once');
  if (reference.length > 200) throw wrong('reference has more than 200 characters');
  return { account, reference, note, amount: amountOf(request.amount) };
}

function amountOf(text: string): bigint {
  let amount: bigint;
  try {
    amount = parseMoney(text);
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error));
  }
  if (amount === 0n) throw wrong('amount is zero');
  return amount;
}

function toCdr(stored: StoredCdr): Cdr {
  return Cdr.create({
    callId: stored.callId,
    event: stored.event,
    durationMs: stored.durationMs,
    billedSeconds: stored.billedSeconds,
    price: formatMoney(stored.price),
    cost: formatMoney(stored.cost),
    currency: stored.currency,
    costCurrency: stored.costCurrency,
    priceExplanation: explanationOf(stored),
    storedAtMs: stored.storedAtMs,
  });
}

function toReconciliation(report: KeptReport): Reconciliation {
  const { cdrs, answered, entries, provisional, open, partialEnds, dead } = report.counts;
  return {
    day: report.day,
    doneAtMs: report.doneAtMs,
    cdrs,
    answered,
    ledgerEntries: entries,
    provisional,
    open,
    partialEnds,
    deadEvents: dead,
    logRead: report.events !== undefined,
    differences: [...report.differences],
  };
}

function explanationOf({ event }: StoredCdr): string {
  if (event.answeredMs === 0 || event.customerTerms.length === 0) return '';
  try {
    return explainTerms(Terms.decode(event.customerTerms));
  } catch (error) {
    return `not charged, the terms cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function toBalance(balance: AccountBalance): Balance {
  return Balance.create({
    account: balance.account,
    currency: balance.currency,
    balance: formatMoney(balance.balance),
    ledgerEntries: balance.ledgerEntries,
  });
}
