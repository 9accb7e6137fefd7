import { formatMoney } from '@tandem/domain';
import type { Nanos } from '@tandem/domain';
import type { Rate } from './rating.ts';

/** An entry of the ledger that an invoice has, with what its CDR says. */
export interface InvoicedEntry {
  /** As in the ledger, or what a payment is. */
  readonly kind: string;
  readonly reference: string;
  /** Negative: charged. */
  readonly amount: Nanos;
  readonly atMs: number;
  readonly note: string;
  /** Before the period: it came when that one was invoiced already. */
  readonly isLate: boolean;
  /** Undefined where there is no CDR any more, and of payments. */
  readonly call?: InvoicedCall | undefined;
}

export interface InvoicedCall {
  readonly prefix: string;
  /** In words; '' where it is not known. */
  readonly rate: string;
  readonly billedSeconds: number;
}

export interface InvoiceLine {
  readonly kind: string;
  /** Prefix of the rate; '' where it is not known. */
  readonly destination: string;
  readonly rate: string;
  readonly entries: number;
  readonly billedSeconds: number;
  /** What is charged is positive, and what is paid. */
  readonly amount: Nanos;
  /** Of a payment. */
  readonly atMs: number | undefined;
  readonly note: string;
}

/** Lines that are charged; the others are payments, and what was there when the account was opened. */
const chargedKinds: readonly string[] = ['calls', 'late calls', 'adjustments', 'credit'];

const USAGE: Readonly<Record<string, string>> = { call: 'calls', adjustment: 'adjustments' };

/** Puts entries of the ledger together, by destination and rate. What they add up to is exact. */
export class InvoiceLines {
  readonly #usage = new Map<string, InvoiceLine>();
  readonly #payments: InvoiceLine[] = [];
  #charges = 0n;
  #paid = 0n;

  /** What was charged: positive. */
  get charges(): Nanos {
    return this.#charges;
  }

  /** What was paid, less what was given back, with an opening balance. */
  get payments(): Nanos {
    return this.#paid;
  }

  add(entry: InvoicedEntry): void {
    const usage = USAGE[entry.kind];
    if (usage === undefined) this.#pay(entry);
    else this.#charge(entry, usage === 'calls' && entry.isLate ? 'late calls' : usage);
  }

  /** Charges by kind and destination, then payments by their time. */
  lines(): readonly InvoiceLine[] {
    const usage = [...this.#usage.values()].sort(
      (one, other) =>
        chargedKinds.indexOf(one.kind) - chargedKinds.indexOf(other.kind) ||
        compare(one.destination, other.destination) ||
        compare(one.rate, other.rate),
    );
    return [...usage, ...this.#payments];
  }

  #charge({ amount, call }: InvoicedEntry, kind: string): void {
    const { billedSeconds = 0, prefix = '', rate = '' } = call ?? {};
    // What corrects a charge is not what was talked once more.
    const seconds = kind === 'adjustments' ? 0 : billedSeconds;
    const key = `${kind}\n${prefix}\n${rate}`;
    const known = this.#usage.get(key);
    this.#charges -= amount;
    this.#usage.set(key, {
      kind,
      destination: prefix,
      rate,
      entries: (known?.entries ?? 0) + 1,
      billedSeconds: (known?.billedSeconds ?? 0) + seconds,
      amount: (known?.amount ?? 0n) - amount,
      atMs: undefined,
      note: '',
    });
  }

  #pay({ amount, atMs, kind, note, reference }: InvoicedEntry): void {
    this.#paid += amount;
    const told = [reference, note].filter((text) => text !== '').join(': ');
    this.#payments.push({ kind, destination: '', rate: '', entries: 1, billedSeconds: 0, amount, atMs, note: told }); // prettier-ignore
  }
}

/** `0.0123 a minute, 60/60, connection fee 0.01`. */
export function rateWords(rate: Rate): string {
  const { connectionFee, firstIncrementSeconds, freeSeconds, nextIncrementSeconds, pricePerMinute } = rate; // prettier-ignore
  const words = [
    `${formatMoney(pricePerMinute)} a minute`,
    `${String(firstIncrementSeconds)}/${String(nextIncrementSeconds)}`,
  ];
  if (connectionFee !== 0n) words.push(`connection fee ${formatMoney(connectionFee)}`);
  if (freeSeconds > 0) words.push(`first ${String(freeSeconds)} s free`);
  return words.join(', ');
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
