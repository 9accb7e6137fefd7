import type { Nanos } from '@tandem/domain';
import type { LiveBalance } from '@tandem/limits';
import type { InvoiceLine } from './core/invoice-lines.ts';
import type { TaxSum } from './core/invoice-sums.ts';
import type { InvoiceTerms } from './core/invoice-terms.ts';

export const invoiceKinds = ['invoice', 'credit-note'] as const;
export type InvoiceKind = (typeof invoiceKinds)[number];
export const invoiceStates = ['preparing', 'draft', 'issued'] as const;
/** preparing: its lines are being added up. issued: never changed again. */
export type InvoiceState = (typeof invoiceStates)[number];

/** An invoice or a credit note, or the draft of one. */
export interface Invoice {
  readonly id: number;
  readonly kind: InvoiceKind;
  readonly state: InvoiceState;
  /** `INV-2026-000042`; '' until it is issued. */
  readonly number: string;
  readonly account: string;
  readonly issuer: string;
  readonly currency: string;
  readonly timeZone: string;
  readonly fromMs: number;
  /** Before this. */
  readonly untilMs: number;
  readonly isScheduled: boolean;
  readonly isAutomatic: boolean;
  readonly terms: InvoiceTerms;
  /** Balance before its first entry. */
  readonly opening: Nanos;
  readonly payments: Nanos;
  /** What the ledger was charged, exactly. */
  readonly charges: Nanos;
  readonly net: Nanos;
  readonly tax: Nanos;
  readonly total: Nanos;
  /** Balance behind its last entry and its own. */
  readonly closing: Nanos;
  readonly taxes: readonly TaxSum[];
  readonly lineCount: number;
  /** Of a credit note: the invoice. */
  readonly refersTo: number | undefined;
  readonly refersToNumber: string;
  readonly reason: string;
  readonly createdBy: string;
  readonly createdAtMs: number;
  /** '' until it is issued. */
  readonly issuedBy: string;
  readonly issuedAtMs: number | undefined;
  /** `2026-12-31`; '' until it is issued. */
  readonly dueOn: string;
}

export interface WholeInvoice {
  readonly invoice: Invoice;
  readonly lines: readonly InvoiceLine[];
}

export interface InvoiceRequest {
  readonly account: string;
  readonly issuer: string;
  readonly timeZone: string;
  /** Undefined: where the account's last invoice ended. */
  readonly fromMs: number | undefined;
  /** Where the first invoice of an account begins when nobody says. */
  readonly firstFromMs?: number | undefined;
  readonly untilMs: number;
  readonly terms: InvoiceTerms;
  readonly createdBy: string;
  readonly isScheduled: boolean;
  readonly isAutomatic: boolean;
}

export interface CreditRequest {
  readonly invoice: number;
  /** Undefined: all of it that is not credited yet. Net, or with the taxes where they are in the prices. */
  readonly amount: Nanos | undefined;
  readonly reason: string;
  readonly createdBy: string;
}

/** Something that cannot be done, in words for the one who asked. */
export interface Refused {
  readonly kind: 'refused';
  readonly why: string;
}

export type Drafted = { readonly kind: 'drafted'; readonly invoice: Invoice } | Refused;
export type Issued =
  | {
      readonly kind: 'issued';
      readonly invoice: Invoice;
      /** False where it was issued before. */
      readonly isNew: boolean;
      readonly balances: readonly LiveBalance[];
    }
  | Refused;

export interface InvoiceFilter {
  readonly account?: string | undefined;
  readonly issuer?: string | undefined;
  readonly kind?: InvoiceKind | undefined;
  readonly state?: InvoiceState | undefined;
  /** Whose period ends from and before. */
  readonly fromMs?: number | undefined;
  readonly untilMs?: number | undefined;
  /** Older than this id. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** Where an account's invoices are. */
export interface InvoiceChain {
  readonly account: string;
  /** Where its last one ends that is issued; undefined where there is none. */
  readonly untilMs: number | undefined;
  /** There is one that is not issued. */
  readonly isOpen: boolean;
}

/** Invoices (BILL-06). Every method throws SwitchError SWITCH_STORE_UNAVAILABLE where the store is away. */
export interface InvoiceStore {
  /** Makes a draft in place of one that is there. It has no lines until it is prepared. */
  draft(request: InvoiceRequest): Promise<Drafted>;
  draftCredit(request: CreditRequest): Promise<Drafted>;
  /**
   * Adds up one draft that waits for it and that no other process has in hand. What breaks off waits again.
   * @returns undefined where there is none; `empty` where a scheduled one charges nothing, and is gone
   */
  prepareNext(): Promise<
    | { readonly kind: 'prepared'; readonly invoice: Invoice }
    | { readonly kind: 'empty'; readonly account: string; readonly untilMs: number }
    | undefined
  >;
  /** Gives a draft its number and books what it comes to beside its charges; once. */
  issue(id: number, issuedBy: string, nowMs: number): Promise<Issued>;
  discard(id: number): Promise<Refused | { readonly kind: 'discarded' }>;
  list(filter: InvoiceFilter): Promise<readonly Invoice[]>;
  get(id: number): Promise<WholeInvoice | undefined>;
  chains(): Promise<readonly InvoiceChain[]>;
  /** Drafts that are to be issued without anybody. */
  automatic(): Promise<readonly number[]>;
  /** Does it unless another process plans invoices; undefined where one does. */
  alone<T>(work: () => Promise<T>): Promise<T | undefined>;
}
