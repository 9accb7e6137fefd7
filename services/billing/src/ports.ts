import type { Nanos } from '@tandem/domain';
import type { LiveBalance, PaidCall } from '@tandem/limits';
import type { CallEvent } from '@tandem/proto/events';
import type { CdrBatch } from './core/cdr-batch.ts';
import type { CdrTexts } from './core/cdr-csv.ts';
import type { CdrRow } from './core/cdr-row.ts';
import type { ReceivedEvent } from './core/received-event.ts';
import type { CdrCursor } from './core/cdr-cursor.ts';
import type { CdrLevel } from './core/cdr-levels.ts';

/** What became of a batch. */
export interface WrittenBatch {
  /** CDRs that were new; the others of the batch were there already. */
  readonly stored: number;
  /** Balances of all accounts that were charged, after it. */
  readonly balances: readonly LiveBalance[];
}

/**
 * Told of balances that have moved, after that was committed, and of the calls whose charges are in them. Never rejects.
 * @param charged @default none
 */
export type OnCharged = (
  balances: readonly LiveBalance[],
  charged?: readonly PaidCall[],
) => Promise<void>;

/** CDRs, ledger and balances. Every method throws SwitchError SWITCH_STORE_UNAVAILABLE where the store is away. */
export interface BillingStore {
  /**
   * Keeps and charges a batch in one transaction, all of it or nothing, each call once whatever was written
   * before (BILL-03, BILL-04). A call of which an end without facts is kept is left out: that end came first.
   * @throws UnstorableError where the store refuses the data itself, so that trying again is of no use.
   */
  write(batch: Pick<CdrBatch, 'ended' | 'answered'>): Promise<WrittenBatch>;
  /** Keeps and charges ends in which ends without facts have been joined with them. */
  writeJoined(ended: readonly CdrRow[]): Promise<WrittenBatch>;
  /**
   * Replaces those CDRs of these calls that the closer made; the difference in price is a ledger entry of its own, once.
   * @param kind what the new ones are; undefined = the calls' own ends
   */
  revise(rows: readonly CdrRow[], kind?: ProvisionalKind): Promise<WrittenBatch>;
  /**
   * Adds decisions to the event of a call's CDR, the same ones once.
   * @param decisions an encoded CallEvent that has nothing else
   * @returns whether there is such a CDR
   */
  addDecisions(callId: string, decisions: Uint8Array): Promise<boolean>;
  readonly openCalls: OpenCallStore;
  readonly reconciliation: ReconciliationStore;
  readonly partitions: CdrPartitionStore;
  readonly feeds: FeedStore;
  readonly analysis: AnalysisStore;
  /** Keeps what could not be used; the same position once. */
  bury(messages: readonly DeadMessage[]): Promise<void>;
  /** Makes accounts known, and books their opening balance where that was not done before. */
  openAccounts(accounts: readonly AccountOpening[]): Promise<readonly LiveBalance[]>;
  /** Balances of the accounts named that have one; of all where none is named. */
  balances(accounts: readonly string[]): Promise<readonly AccountBalance[]>;
  /** Books a payment once per account and reference; undefined where the account is not known. */
  bookPayment(payment: Payment): Promise<BookedPayment | undefined>;
  /** Payments, newest first. */
  payments(filter: PaymentFilter): Promise<readonly BookedEntry[]>;
  /** What moved a balance in a time; undefined where the account is not known. */
  statement(asked: StatementRequest): Promise<Statement | undefined>;
  listCdrs(filter: CdrFilter): Promise<readonly StoredCdr[]>;
  /** A page of CDRs as texts, oldest first. */
  exportCdrs(filter: CdrFilter): Promise<CdrPage>;
  /** CDRs by call id or SIP Call-ID of either leg, newest first. */
  findCdrs(callId: string): Promise<readonly StoredCdr[]>;
  /** Whether the store answers now. */
  ping(): Promise<boolean>;
}

/** What a CDR is that was made without the call's own end. */
export type ProvisionalKind = 'lost' | 'partial';

/** Calls that were answered and have no CDR, and ends without their answers (BILL-09). */
export interface OpenCallStore {
  /** Keeps ends whose facts are in their calls' answers; what has a CDR by its own end is left out. */
  keepPartialEnds(events: readonly ReceivedEvent[]): Promise<void>;
  /** Ends that were kept and whose facts are there now. */
  matchedEnds(limit: number): Promise<readonly MatchedEnd[]>;
  /** Ends without facts that are kept of these calls, also as CDRs of the closer: whole events. */
  partialEnds(callIds: readonly string[]): Promise<readonly Uint8Array[]>;
  /** Answered calls of which nothing was heard after `beforeMs`, the quietest first. */
  quietCalls(beforeMs: number, limit: number): Promise<readonly QuietCall[]>;
  /** Ends that have waited since before `beforeMs` for their calls' facts: whole events. */
  lonelyEnds(beforeMs: number, limit: number): Promise<readonly Uint8Array[]>;
  /** Makes CDRs that the calls' own ends replace later; calls that have one by their own end are left out. */
  writeProvisional(rows: readonly CdrRow[], kind: ProvisionalKind): Promise<ClosedCalls>;
  /** Whole `answered` events of calls that go on as far as is known, by call id, behind `after`. */
  standing(after: string, limit: number): Promise<readonly Uint8Array[]>;
  /** The same of these calls. */
  standingOf(callIds: readonly string[]): Promise<readonly Uint8Array[]>;
  /** Which of these calls have a CDR. */
  charged(callIds: readonly string[]): Promise<readonly string[]>;
  /** Forgets what is kept of calls: nothing can be made of it, or they have their CDRs. */
  forget(callIds: readonly string[]): Promise<void>;
  /**
   * Says how far this reader of the log is, and tells since when all of them have handled everything; undefined while one
   * of them is behind.
   */
  report(
    reader: string,
    currentSinceMs: number | undefined,
  ): Promise<{ readonly nowMs: number; readonly currentSinceMs: number | undefined }>;
}

export interface ClosedCalls extends WrittenBatch {
  /** The calls that had no CDR at all. */
  readonly callIds: ReadonlySet<string>;
}

export interface MatchedEnd {
  /** Whole events, encoded. */
  readonly partial: Uint8Array;
  readonly answered: Uint8Array;
}

export interface QuietCall {
  readonly callId: string;
  readonly aliveMs: number;
  /** Its `answered` event, encoded. */
  readonly event: Uint8Array;
}

/** CDRs of a day, UTC, which are made ahead and taken away together (BILL-07). */
export interface CdrPartition {
  readonly name: string;
  /** `2026-11-21`, or `before-2026-11-22` of the version that had no days. */
  readonly label: string;
  /** -Infinity where it has no beginning. */
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Takes all CDRs of a partition, each with its whole event behind the columns of `cdrColumns`. It rejects where they are not safe. */
export type WriteCdrs = (rows: AsyncIterable<readonly CdrTexts[]>) => Promise<void>;

/** The days of CDRs. */
export interface CdrPartitionStore {
  /** Has those made that are missing. @returns their days */
  prepare(fromMs: number, untilMs: number): Promise<readonly string[]>;
  /** Those that ended before, oldest first. */
  old(beforeMs: number): Promise<readonly CdrPartition[]>;
  /** Writes what is in a partition, then takes it away; where writing fails it stays. */
  retire(partition: CdrPartition, write: WriteCdrs): Promise<void>;
  /** The same for what has no day of its own. @returns how many; undefined where there was none */
  retireOther(beforeMs: number, write: WriteCdrs): Promise<number | undefined>;
  /** Does it unless another process is doing this; undefined where one is. */
  alone<T>(work: () => Promise<T>): Promise<T | undefined>;
}

/** Some CDRs, in the order in which they were stored, for one who is fed with them. */
export interface FeedBatch {
  readonly feed: string;
  /** From 1, without a gap. */
  readonly batch: number;
  readonly fromNumber: number;
  /** Before this. */
  readonly untilNumber: number;
  readonly plannedAtMs: number;
  /** It was planned before, and may have been sent. */
  readonly isAgain: boolean;
}

/** What feeds were sent. A batch that was planned stays the same until it is sent. */
export interface FeedStore {
  /**
   * The batch that is to be sent next; undefined where nothing is new. A feed begins with what is stored after it was first asked for.
   * @param most numbers that are in it at most
   */
  next(feed: string, most: number): Promise<FeedBatch | undefined>;
  /** Reads a batch; it rejects where `take` does. */
  rows(
    batch: FeedBatch,
    take: (rows: AsyncIterable<readonly CdrTexts[]>) => Promise<void>,
  ): Promise<void>;
  sent(batch: FeedBatch, cdrs: number): Promise<void>;
  /** CDRs that a feed was not sent yet. */
  behind(feed: string): Promise<number>;
  /** Does it unless another process feeds this one; undefined where one does. */
  alone<T>(feed: string, work: () => Promise<T>): Promise<T | undefined>;
}

/** Some CDRs as texts, in the order of `cdrColumns`. */
export interface CdrPage {
  readonly rows: readonly CdrTexts[];
  /** The last one; undefined where there is none. */
  readonly last: CdrCursor | undefined;
}

/** What calls are told apart by in what is added up of them. */
export const dimensions = ['hour', 'day', 'account', 'vendor', 'origin', 'gateway', 'destination', 'reason', 'code'] as const; // prettier-ignore
export type Dimension = (typeof dimensions)[number];

/** Which calls are added up, and by what. */
export interface AnalysisQuery {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly by: readonly Dimension[];
  /** Each currency by itself, with price and cost. */
  readonly isMoney: boolean;
  readonly account?: string | undefined;
  readonly vendor?: string | undefined;
  readonly origin?: string | undefined;
  readonly gateway?: string | undefined;
  /** What the prefixes of rates begin with. */
  readonly destination?: string | undefined;
  readonly limit: number;
}

/** What some calls come to. */
export interface AnalysisRow {
  /** In the order of `by`. */
  readonly keys: readonly string[];
  readonly currency: string;
  readonly costCurrency: string;
  /** False: calls alone are counted by this. */
  readonly hasFigures: boolean;
  readonly calls: number;
  readonly answered: number;
  readonly effective: number;
  readonly pddCalls: number;
  readonly pddMs: number;
  readonly durationMs: number;
  readonly billedSeconds: number;
  readonly price: Nanos;
  readonly cost: Nanos;
}

/** What calls come to, exactly, without a look at them (BILL-06). */
export interface AnalysisStore {
  /** By time where that is asked for, else those with most calls first. */
  analyse(query: AnalysisQuery): Promise<readonly AnalysisRow[]>;
}

/** What is counted and compared once a day (BILL-09). Days are UTC, written `2026-11-21`. */
export interface ReconciliationStore {
  /** The days without a report, from the newest that has one until this day, a week at most; the oldest first. */
  missing(until: string): Promise<readonly string[]>;
  /** Does it unless another process is doing this; undefined where one is. */
  alone<T>(work: () => Promise<T>): Promise<T | undefined>;
  counts(day: string): Promise<readonly [DayCounts]>;
  /** Where CDRs that began on the day, ledger entries and balances do not agree. */
  differences(day: string): Promise<readonly Difference[]>;
  /** Calls of which the log told and of which nothing is left here. */
  unaccounted(ended: readonly string[], answered: readonly string[]): Promise<readonly string[]>;
  keep(report: ReconciliationReport): Promise<void>;
  /** The newest day first. */
  reports(limit: number): Promise<readonly KeptReport[]>;
}

/** What a day's reconciliation found. */
export interface ReconciliationReport {
  readonly day: string;
  readonly counts: DayCounts;
  /** Calls that the log told of on that day; undefined where the log was not read. */
  readonly events: { readonly ended: number; readonly answered: number } | undefined;
  readonly differences: readonly Difference[];
}

export interface KeptReport extends ReconciliationReport {
  readonly doneAtMs: number;
}

export interface DayCounts {
  readonly cdrs: number;
  readonly answered: number;
  readonly entries: number;
  /** CDRs of the closer that no end has replaced, of any day. */
  readonly provisional: number;
  /** Answered calls without an end. */
  readonly open: number;
  /** Ends of calls, told without their facts, that still wait for them. */
  readonly partialEnds: number;
  /** What was put aside on the day, of whatever day it tells. */
  readonly dead: number;
}

export interface Difference {
  /** `charge`, `entry without CDR`, `balance`, `rollup` or `event without CDR`. */
  readonly kind: string;
  /** The call, entry or account. */
  readonly subject: string;
  readonly expected: string;
  readonly found: string;
}

/** A message or event that could not be used. */
export interface DeadMessage {
  /** Where or what it is: the same one always has the same. */
  readonly position: string;
  readonly cause: string;
  readonly value: Uint8Array;
}

/** The store will never take this data. */
export class UnstorableError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UnstorableError';
  }
}

export interface AccountOpening {
  readonly account: string;
  readonly currency: string;
  /** 0 = nothing is booked. */
  readonly openingBalance: Nanos;
}

export interface AccountBalance {
  readonly account: string;
  readonly currency: string;
  readonly balance: Nanos;
  readonly ledgerEntries: number;
  readonly version: number;
}

export const paymentKinds = ['payment', 'recharge', 'refund', 'correction'] as const;
/** Money that came, that was added beforehand, that was given back, or a mistake that is put right (BILL-10). */
export type PaymentKind = (typeof paymentKinds)[number];

export interface Payment {
  readonly account: string;
  readonly amount: Nanos;
  readonly reference: string;
  readonly note: string;
  readonly kind: PaymentKind;
  /** '' = nobody is told. */
  readonly bookedBy: string;
}

/** A payment as it stands in the ledger. */
export interface BookedEntry extends Payment {
  readonly currency: string;
  /** Microseconds since 1970, as text: the database is that exact. */
  readonly at: string;
  readonly atMs: number;
  /** Undefined where the version before booked it. */
  readonly balanceAfter: Nanos | undefined;
}

/** A place in the list of payments: the last one that was read. */
export type PaymentPlace = Pick<BookedEntry, 'at' | 'account' | 'reference'>;

/** Which payments to list; what is undefined does not restrict. */
export interface PaymentFilter {
  readonly account?: string | undefined;
  readonly kind?: PaymentKind | undefined;
  readonly fromMs?: number | undefined;
  readonly untilMs?: number | undefined;
  readonly after?: PaymentPlace | undefined;
  readonly limit: number;
}

export interface StatementRequest {
  readonly account: string;
  readonly fromMs?: number | undefined;
  readonly untilMs?: number | undefined;
  /** Lines at most. */
  readonly limit: number;
}

/** What moved a balance in a time. */
export interface Statement {
  readonly currency: string;
  readonly opening: Nanos;
  /** In the order of time. */
  readonly lines: readonly StatementLine[];
}

export interface StatementLine {
  readonly atMs: number;
  /** `opening`, `calls` or `adjustments` of a day, or what a payment is. */
  readonly kind: string;
  readonly amount: Nanos;
  readonly entries: number;
  readonly reference: string;
  readonly note: string;
}

export interface BookedPayment {
  readonly balance: AccountBalance;
  /** False where this reference was booked before. */
  readonly isNew: boolean;
}

/** Which CDRs to list, newest first; what is undefined does not restrict. */
export interface CdrFilter {
  readonly fromMs?: number | undefined;
  readonly untilMs?: number | undefined;
  /** Customer's or vendor's, or that of a reseller above the customer. */
  readonly account?: string | undefined;
  /** Mapping gateway, phone or routing gateway. */
  readonly gateway?: string | undefined;
  readonly caller?: string | undefined;
  readonly callee?: string | undefined;
  /** What numbers begin with. */
  readonly callerPrefix?: string | undefined;
  readonly calleePrefix?: string | undefined;
  readonly reason?: string | undefined;
  /** What the caller got. */
  readonly code?: number | undefined;
  /** Where calls came from, without a port. */
  readonly address?: string | undefined;
  /** Those alone that were not answered. @default false */
  readonly isFailed?: boolean | undefined;
  /** Of a list. @default newest first */
  readonly isOldestFirst?: boolean | undefined;
  readonly after?: CdrCursor | undefined;
  readonly limit: number;
}

export interface StoredCdr {
  readonly callId: string;
  readonly startedMs: number;
  readonly storedAtMs: number;
  /** From the answer to the moment to which it is charged; 0 = never answered. */
  readonly durationMs: number;
  readonly billedSeconds: number;
  readonly price: Nanos;
  readonly currency: string;
  readonly cost: Nanos;
  readonly costCurrency: string;
  /** What resellers above the customer owe, from the one next to it on up (BILL-01). */
  readonly levels: readonly CdrLevel[];
  readonly event: CallEvent;
  /** What re-ratings have booked since, oldest first. @default nothing */
  readonly corrections?: readonly CdrCorrection[] | undefined;
}

/** What a re-rating has booked for a call. */
export interface CdrCorrection {
  readonly rerating: number;
  /** Of the customer, of the vendor, or of a reseller above the customer. */
  readonly side: 'call' | 'cost' | 'level';
  readonly account: string;
  /** What is charged more; negative: less. */
  readonly difference: Nanos;
  /** The rate in words. */
  readonly note: string;
  /** Undefined while the re-rating is being applied. */
  readonly appliedAtMs: number | undefined;
  readonly appliedBy: string;
}
