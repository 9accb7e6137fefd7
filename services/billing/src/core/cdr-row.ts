import { USUAL_ROUNDING, callSeconds, charge } from '@tandem/domain';
import type { Nanos, SecondsRounding } from '@tandem/domain';
import { levelsOf } from './cdr-levels.ts';
import type { ChargedLevel } from './cdr-levels.ts';
import { rateOfBytes } from './known-rates.ts';
import { durationMs } from './rating.ts';
import type { EventHead, ReceivedEvent } from './received-event.ts';

/** One finished call as it is kept: what is searched for and charged by, beside the event itself. */
export interface CdrRow {
  readonly callId: string;
  readonly startedMs: number;
  /** 0 = never answered. */
  readonly answeredMs: number;
  readonly endedMs: number;
  readonly originKind: string;
  readonly origin: string;
  readonly gateway: string;
  readonly customerAccount: string;
  readonly vendorAccount: string;
  readonly caller: string;
  readonly callee: string;
  readonly aSipCallId: string;
  /** '' where it is the call id itself. */
  readonly bSipCallId: string;
  /** Where the call came from, without its port. */
  readonly address: string;
  readonly reason: string;
  readonly code: number;
  /** From the answer to the moment to which it is charged (BILL-11); 0 = never answered. */
  readonly durationMs: number;
  /** From the INVITE to the first ringing, or to the answer where nothing rang before. @default it did not come so far */
  readonly pddMs?: number | undefined;
  /** Of the customer's rate: where the call went to; '' where none was found. */
  readonly prefix: string;
  readonly billedSeconds: number;
  readonly price: Nanos;
  readonly currency: string;
  /** It has reserved its customer's money (BILL-05). */
  readonly isReserving: boolean;
  readonly cost: Nanos;
  readonly costCurrency: string;
  /** What resellers above the customer owe, from the one next to it on up (BILL-01). */
  readonly levels: readonly ChargedLevel[];
  readonly event: Uint8Array;
  /** Why the call could not be charged though it should have been; empty where all is well. */
  readonly problem: string;
}

/** An event that no CDR can be made of, and why. */
export interface Unusable {
  readonly kind: 'unusable';
  readonly cause: string;
}

export interface Usable {
  readonly kind: 'usable';
  readonly row: CdrRow;
}

/** Later than any call: such a time is a mistake, and PostgreSQL would refuse some of them. */
const LATEST_MS = Date.UTC(2100, 0, 1);
/** A call id of ours has some 22 characters. */
const MAX_CALL_ID = 128;
/** The most that is searched for; the whole text is in the event. An index entry has 2,700 bytes at most. */
const MAX_TEXT = 512;
/** What fits PostgreSQL's integer. */
const MAX_CODE = 999;

/**
 * The CDR of an `ended` event (BILL-03). A call whose terms cannot be read has one too, uncharged and with
 * its problem named: a call without CDR would be worse.
 */
export function cdrOf({ head, bytes }: ReceivedEvent): Usable | Unusable {
  const cause = whyUnusable(head);
  if (cause !== '') return { kind: 'unusable', cause };
  // An answered call counts though it lasted no millisecond.
  const lastedMs = head.answeredMs === 0 ? undefined : durationMs(head);
  const customer = settle(head.customerTerms, lastedMs, head.originAccount);
  const vendor = settle(head.vendorTerms, lastedMs, '');
  return {
    kind: 'usable',
    row: {
      callId: head.callId,
      startedMs: head.startedMs,
      answeredMs: head.answeredMs,
      endedMs: head.endedMs,
      originKind: text(head.originKind),
      origin: text(head.originName),
      gateway: text(head.gateway),
      customerAccount: customer.account,
      vendorAccount: vendor.account,
      caller: text(head.caller),
      callee: text(head.callee),
      aSipCallId: text(head.aSipCallId),
      // The Call-ID towards the callee is the call id itself (one index entry less).
      bSipCallId: head.bSipCallId === head.callId ? '' : text(head.bSipCallId),
      address: text(hostOf(head.aPeerAddress)),
      reason: text(head.reason),
      code: Math.min(head.code, MAX_CODE),
      durationMs: lastedMs ?? 0,
      pddMs: pddMs(head),
      prefix: customer.prefix,
      billedSeconds: customer.billedSeconds,
      price: customer.amount,
      currency: text(customer.currency),
      isReserving: customer.isReserving,
      cost: vendor.amount,
      costCurrency: text(vendor.currency),
      levels: customer.levels,
      event: bytes,
      problem: `${problemOf('customer', customer)}${problemOf('vendor', vendor)}`.trimEnd(),
    },
  };
}

/** Post-dial delay. Clocks of two pods may make a ringing earlier than its INVITE. */
function pddMs({ startedMs, ringingMs, answeredMs }: EventHead): number | undefined {
  const heardMs = ringingMs > 0 ? ringingMs : answeredMs;
  return heardMs > 0 && isTime(heardMs) ? Math.max(0, heardMs - startedMs) : undefined;
}

/** Why nothing can be made of the event of an answered or ended call; empty where something can. */
export function whyUnusable(event: EventHead): string {
  const name = whyNoName(event.callId);
  if (name !== '') return name;
  if (!isTime(event.startedMs) || event.startedMs === 0)
    return `started at ${String(event.startedMs)}`;
  if (!isTime(event.answeredMs)) return `answered at ${String(event.answeredMs)}`;
  if (!isTime(event.endedMs)) return `ended at ${String(event.endedMs)}`;
  if (!isTime(event.aliveMs)) return `alive at ${String(event.aliveMs)}`;
  if (event.type === 'ended' && event.endedMs === 0) return 'an end without its time';
  if (event.type !== 'ended' && event.answeredMs === 0) return 'an answer without its time';
  return '';
}

/** Why nothing can be made of the end of a call whose other facts are elsewhere; empty where something can. */
export function whyUnusableEnd({ callId, endedMs }: EventHead): string {
  const name = whyNoName(callId);
  if (name !== '') return name;
  return isTime(endedMs) && endedMs > 0 ? '' : `ended at ${String(endedMs)}`;
}

function whyNoName(callId: string): string {
  if (callId.length > MAX_CALL_ID) return `call id has ${String(callId.length)} characters`;
  return callId.includes('\0') ? 'call id holds a NUL character' : '';
}

function isTime(ms: number): boolean {
  return Number.isSafeInteger(ms) && ms >= 0 && ms < LATEST_MS;
}

interface Settlement {
  readonly account: string;
  readonly prefix: string;
  readonly currency: string;
  readonly billedSeconds: number;
  readonly amount: Nanos;
  readonly isReserving: boolean;
  readonly levels: readonly ChargedLevel[];
  readonly problem: string;
}

/** @param lastedMs undefined = never answered */
function settle(
  terms: Uint8Array,
  lastedMs: number | undefined,
  fallbackAccount: string,
): Settlement {
  const secondsBy = (rounding: SecondsRounding): number =>
    lastedMs === undefined ? 0 : callSeconds(lastedMs, rounding);
  const uncharged = secondsBy(USUAL_ROUNDING);
  const free = {
    prefix: '',
    currency: '',
    billedSeconds: uncharged,
    amount: 0n,
    isReserving: false,
    levels: [],
    problem: '',
  };
  if (terms.length === 0) return { ...free, account: text(fallbackAccount) };
  try {
    const rate = rateOfBytes(terms);
    const account = text(rate.account === '' ? fallbackAccount : rate.account);
    const { currency, isReserving } = rate;
    const prefix = text(rate.prefix);
    const levels = levelsOf(rate.resellers, lastedMs);
    if (lastedMs === undefined) return { ...free, account, prefix, currency, levels };
    const { billedSeconds, price } = charge(rate, secondsBy(rate.rounding));
    const problem = price !== 0n && account === '' ? 'no account to charge' : '';
    const amount = problem === '' ? price : 0n;
    return { account, prefix, currency, billedSeconds, amount, isReserving, levels, problem };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { ...free, account: text(fallbackAccount), problem };
  }
}

function problemOf(side: string, { problem }: Settlement): string {
  return problem === '' ? '' : `${side} not charged: ${problem} `;
}

/** "2001:db8::1" of "[2001:db8::1]:5060". */
function hostOf(address: string): string {
  return address.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
}

/** Text that PostgreSQL takes and an index holds. */
function text(value: string): string {
  const short = value.length > MAX_TEXT ? value.slice(0, MAX_TEXT) : value;
  return short.includes('\0') ? short.replaceAll('\0', '') : short;
}
