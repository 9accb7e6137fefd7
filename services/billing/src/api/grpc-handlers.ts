import { SwitchError, formatMoney, parseMoney, readNumber } from '@tandem/domain';
import { Balance, BookPaymentResponse, Cdr, Terms } from '@tandem/proto/billing';
import type {
  BookPaymentRequest,
  GetCdrRequest,
  GetCdrResponse,
  GetStatementRequest,
  GetStatementResponse,
  ListBalancesRequest,
  ListBalancesResponse,
  ListCdrsRequest,
  ListCdrsResponse,
  ListPaymentsRequest,
  ListPaymentsResponse,
  ListReconciliationsRequest,
  ListReconciliationsResponse,
  Payment as ToldPayment,
  Reconciliation,
} from '@tandem/proto/billing';
import { readCursor, writeCursor } from '../core/cdr-cursor.ts';
import { readPaymentCursor, writePaymentCursor } from '../core/payment-cursor.ts';
import { explainTerms } from '../core/rating.ts';
import { paymentKinds } from '../ports.ts';
import type {
  AccountBalance,
  BillingStore,
  BookedEntry,
  CdrFilter,
  KeptReport,
  OnCharged,
  Payment,
  PaymentFilter,
  PaymentKind,
  Statement,
  StoredCdr,
} from '../ports.ts';

/** The unary methods of tandem.billing.v1.BillingService, served over gRPC and called directly in one process. */
export interface BillingHandlers {
  listCdrs(request: ListCdrsRequest): Promise<ListCdrsResponse>;
  getCdr(request: GetCdrRequest): Promise<GetCdrResponse>;
  listBalances(request: ListBalancesRequest): Promise<ListBalancesResponse>;
  bookPayment(request: BookPaymentRequest): Promise<BookPaymentResponse>;
  listPayments(request: ListPaymentsRequest): Promise<ListPaymentsResponse>;
  getStatement(request: GetStatementRequest): Promise<GetStatementResponse>;
  listReconciliations(request: ListReconciliationsRequest): Promise<ListReconciliationsResponse>;
}

export interface BillingHandlerParts {
  readonly store: BillingStore;
  /** Told of the balance that a payment moved. */
  readonly onCharged: OnCharged;
}

const DEFAULT_LIMIT = 100;
const MOST_LISTED = 1000;
/** Of a statement. */
const MOST_LINES = 10_000;
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
    listPayments: async (request) => {
      const filter = paymentFilterOf(request);
      const found = await store.payments({ ...filter, limit: filter.limit + 1 });
      const page = found.slice(0, filter.limit);
      const last = found.length > page.length ? page.at(-1) : undefined;
      return {
        payments: page.map(toPayment),
        nextCursor: last === undefined ? '' : writePaymentCursor(last),
      };
    },
    getStatement: async ({ account, fromMs, untilMs }) => {
      const limit = MOST_LINES + 1;
      const asked = { account, limit, fromMs: timeGiven(fromMs), untilMs: timeGiven(untilMs) };
      const statement = await store.statement(asked);
      if (statement === undefined) throw wrong(`account "${account}" is not known`);
      return toStatement(statement);
    },
    listReconciliations: async ({ limit }) => {
      const days = limit === 0 ? DEFAULT_DAYS : Math.min(limit, MOST_DAYS);
      const reports = await store.reconciliation.reports(days);
      return { reconciliations: reports.map(toReconciliation) };
    },
  };
}

function filterOf(request: ListCdrsRequest): CdrFilter {
  const after = request.cursor === '' ? undefined : readCursor(request.cursor);
  if (request.cursor !== '' && after === undefined) {
    throw wrong(`cursor "${request.cursor}" is not one of ours`);
  }
  return {
    fromMs: timeGiven(request.fromMs),
    untilMs: timeGiven(request.untilMs),
    account: given(request.account),
    gateway: given(request.gateway),
    caller: numberGiven(request.caller),
    callee: numberGiven(request.callee),
    reason: given(request.reason),
    address: given(request.address),
    isFailed: request.failed,
    after,
    limit: request.limit === 0 ? DEFAULT_LIMIT : Math.min(request.limit, MOST_LISTED),
  };
}

/** As the switch reads numbers; what is none may still stand in the CDR of a call that was refused for it. */
function numberGiven(text: string): string | undefined {
  const reading = readNumber(text);
  return reading.kind === 'number' ? reading.number : given(text);
}

function paymentFilterOf(request: ListPaymentsRequest): PaymentFilter {
  const after = request.cursor === '' ? undefined : readPaymentCursor(request.cursor);
  if (request.cursor !== '' && after === undefined) {
    throw wrong(`cursor "${request.cursor}" is not one of ours`);
  }
  return {
    account: given(request.account),
    kind: kindOf(request.kind),
    fromMs: timeGiven(request.fromMs),
    untilMs: timeGiven(request.untilMs),
    after,
    limit: request.limit === 0 ? DEFAULT_LIMIT : Math.min(request.limit, MOST_LISTED),
  };
}

function timeGiven(ms: number): number | undefined {
  return ms === 0 ? undefined : ms;
}

function kindOf(text: string): PaymentKind | undefined {
  if (text === '') return undefined;
  const kind = paymentKinds.find((each) => each === text);
  if (kind === undefined) throw wrong(`kind is "${text}", must be ${paymentKinds.join(', ')}`);
  return kind;
}

function given(text: string): string | undefined {
  return text === '' ? undefined : text;
}

function paymentOf(request: BookPaymentRequest): Payment {
  const { account, bookedBy, kind, reference, note } = request;
  if (account === '') throw wrong('account is missing');
  if (reference === '') throw wrong('reference is missing: it makes the payment happen once');
  if (reference.length > 200) throw wrong('reference has more than 200 characters');
  return {
    account,
    reference,
    note,
    bookedBy,
    kind: kindOf(kind) ?? 'payment',
    amount: amountOf(request.amount),
  };
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

function wrong(message: string): SwitchError {
  return new SwitchError('SWITCH_CONFIGURATION_INVALID', message);
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

function toPayment(entry: BookedEntry): ToldPayment {
  const { balanceAfter, account, atMs, bookedBy, currency, kind, note, reference } = entry;
  return {
    account,
    atMs,
    bookedBy,
    currency,
    kind,
    note,
    reference,
    amount: formatMoney(entry.amount),
    balanceAfter: balanceAfter === undefined ? '' : formatMoney(balanceAfter),
  };
}

function toStatement({ currency, lines, opening }: Statement): GetStatementResponse {
  let balance = opening;
  const told = lines.slice(0, MOST_LINES).map((line) => {
    balance += line.amount;
    return { ...line, amount: formatMoney(line.amount), balance: formatMoney(balance) };
  });
  return {
    currency,
    openingBalance: formatMoney(opening),
    closingBalance: formatMoney(balance),
    lines: told,
    isCut: lines.length > told.length,
  };
}

function toBalance(balance: AccountBalance): Balance {
  return Balance.create({
    account: balance.account,
    currency: balance.currency,
    balance: formatMoney(balance.balance),
    ledgerEntries: balance.ledgerEntries,
  });
}
