import { formatMoney, parseMoney } from '@tandem/domain';
import { Balance, BookPaymentResponse } from '@tandem/proto/billing';
import type {
  BookPaymentRequest,
  GetStatementRequest,
  GetStatementResponse,
  ListPaymentsRequest,
  ListPaymentsResponse,
  Payment as ToldPayment,
} from '@tandem/proto/billing';
import { readPaymentCursor, writePaymentCursor } from '../core/payment-cursor.ts';
import { paymentKinds } from '../ports.ts';
import type {
  AccountBalance,
  BillingStore,
  BookedEntry,
  OnCharged,
  Payment,
  PaymentFilter,
  PaymentKind,
  Statement,
} from '../ports.ts';
import { DEFAULT_LIMIT, MOST_LISTED, given, timeGiven, wrong } from './cdr-filter.ts';

/** Payments and statements (BILL-10), as methods of tandem.billing.v1.BillingService. */
export interface PaymentHandlers {
  bookPayment(request: BookPaymentRequest): Promise<BookPaymentResponse>;
  listPayments(request: ListPaymentsRequest): Promise<ListPaymentsResponse>;
  getStatement(request: GetStatementRequest): Promise<GetStatementResponse>;
}

/** Of a statement. */
const MOST_LINES = 10_000;

export function createPaymentHandlers({
  store,
  onCharged,
}: {
  readonly store: BillingStore;
  readonly onCharged: OnCharged;
}): PaymentHandlers {
  return {
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
  };
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

function kindOf(text: string): PaymentKind | undefined {
  if (text === '') return undefined;
  const kind = paymentKinds.find((each) => each === text);
  if (kind === undefined) throw wrong(`kind is "${text}", must be ${paymentKinds.join(', ')}`);
  return kind;
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

/** A balance as it is told. */
export function toBalance(balance: AccountBalance): Balance {
  return Balance.create({
    account: balance.account,
    currency: balance.currency,
    balance: formatMoney(balance.balance),
    ledgerEntries: balance.ledgerEntries,
  });
}
