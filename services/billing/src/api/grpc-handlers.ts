import { formatMoney } from '@tandem/domain';
import { Cdr, ListCdrsRequest } from '@tandem/proto/billing';
import type {
  AnalyseCallsRequest,
  CdrLevel,
  AnalyseCallsResponse,
  ExportCdrsRequest,
  ExportCdrsResponse,
  GetLagResponse,
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
import { toldRatesOf } from '../core/told-rates.ts';
import type { BillingStore, CdrCorrection, KeptReport, OnCharged, StoredCdr } from '../ports.ts';
import { analyseCalls } from './analyse-calls.ts';
import { filterOf } from './cdr-filter.ts';
import { exportPage } from './export-page.ts';
import { createPaymentHandlers, toBalance, type PaymentHandlers } from './payment-handlers.ts';

/** What is asked of calls and the ledger, as methods of tandem.billing.v1.BillingService. */
export interface CallHandlers extends PaymentHandlers {
  listCdrs(request: ListCdrsRequest): Promise<ListCdrsResponse>;
  getCdr(request: GetCdrRequest): Promise<GetCdrResponse>;
  listBalances(request: ListBalancesRequest): Promise<ListBalancesResponse>;
  listReconciliations(request: ListReconciliationsRequest): Promise<ListReconciliationsResponse>;
  exportCdrs(request: ExportCdrsRequest): Promise<ExportCdrsResponse>;
  analyseCalls(request: AnalyseCallsRequest): Promise<AnalyseCallsResponse>;
  getLag(): Promise<GetLagResponse>;
}

export interface BillingHandlerParts {
  readonly store: BillingStore;
  /** Told of the balance that a payment moved. */
  readonly onCharged: OnCharged;
  /** Events that no pod of billing has stored yet. */
  readonly groupLag: () => Promise<number>;
}

const DEFAULT_DAYS = 7;
const MOST_DAYS = 100;

export function createBillingHandlers({
  groupLag,
  store,
  onCharged,
}: BillingHandlerParts): CallHandlers {
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
    ...createPaymentHandlers({ store, onCharged }),
    exportCdrs: ({ filter }) => exportPage(filter ?? ListCdrsRequest.create(), store),
    analyseCalls: (request) => analyseCalls(request, store.analysis),
    getLag: async () => ({ events: await groupLag() }),
    listReconciliations: async ({ limit }) => {
      const days = limit === 0 ? DEFAULT_DAYS : Math.min(limit, MOST_DAYS);
      const reports = await store.reconciliation.reports(days);
      return { reconciliations: reports.map(toReconciliation) };
    },
  };
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
    ...pricedBy(stored),
    storedAtMs: stored.storedAtMs,
    corrections: (stored.corrections ?? []).map((correction) => ({
      ...correction,
      difference: formatMoney(correction.difference),
      appliedAtMs: correction.appliedAtMs ?? 0,
    })),
    currentPrice: formatMoney(stored.price + corrected(stored, 'call')),
    currentCost: formatMoney(stored.cost + corrected(stored, 'cost')),
    levels: levelsOf(stored),
  });
}

/** What re-ratings have added to a charge. @param account of a level; a call has one of each other side */
function corrected(
  { corrections = [] }: StoredCdr,
  side: CdrCorrection['side'],
  account?: string,
): bigint {
  const own = corrections.filter((each) => each.side === side && (account === undefined || each.account === account)); // prettier-ignore
  return own.reduce((sum, { difference }) => sum + difference, 0n);
}

/** What each reseller owes, and what it takes on top of that: what the account below it owes, less its own. */
function levelsOf(stored: StoredCdr): CdrLevel[] {
  const explanations = resellerRates(stored.event.customerTerms);
  let below = stored.price;
  let belowNow = stored.price + corrected(stored, 'call');
  return stored.levels.map(({ account, billedSeconds, currency, price }, at) => {
    const priceNow = price + corrected(stored, 'level', account);
    const [margin, marginNow] = [below - price, belowNow - priceNow];
    [below, belowNow] = [price, priceNow];
    return {
      ...{ account, currency, billedSeconds },
      price: formatMoney(price),
      priceExplanation: explanations[at] ?? '',
      margin: formatMoney(margin),
      currentPrice: formatMoney(priceNow),
      currentMargin: formatMoney(marginNow),
    };
  });
}

function resellerRates(terms: Uint8Array): readonly string[] {
  try {
    return toldRatesOf(terms).resellers;
  } catch {
    return [];
  }
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

/** By what the customer is charged; empty where the call is not. */
function pricedBy({
  event: { answeredMs, customerTerms },
}: StoredCdr): Pick<
  Cdr,
  'priceExplanation' | 'rateGroup' | 'rateSheetVersion' | 'configurationVersion'
> {
  const unknown = { rateGroup: '', rateSheetVersion: 0, configurationVersion: 0 };
  if (customerTerms.length === 0) return { ...unknown, priceExplanation: '' };
  try {
    const { configurationVersion, rateGroup, rateSheetVersion, words } = toldRatesOf(customerTerms);
    const priceExplanation = answeredMs === 0 ? '' : words;
    return { priceExplanation, rateGroup, rateSheetVersion, configurationVersion };
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    const priceExplanation =
      answeredMs === 0 ? '' : `not charged, the terms cannot be read: ${cause}`;
    return { ...unknown, priceExplanation };
  }
}
