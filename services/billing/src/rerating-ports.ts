import type { HeldImport } from '@tandem/config';
import type { Nanos } from '@tandem/domain';
import type { LiveBalance } from '@tandem/limits';
import type { ClaimedJob } from '@tandem/service';

/** ready: previewed, and nothing is booked yet. */
export type ReratingState = 'previewing' | 'ready' | 'applying' | 'applied' | 'cancelled' | 'failed'; // prettier-ignore

/** Which charge of a call: that of its customer, that of its vendor, or that of a reseller above its customer (ADR 101). */
export type ChargeSide = 'call' | 'cost' | 'level';

/** What the calls of one account come to. */
export interface ReratedSum {
  readonly account: string;
  readonly side: ChargeSide;
  readonly currency: string;
  /** Answered ones. */
  readonly calls: number;
  /** Whose price becomes another one. */
  readonly differing: number;
  /** That find no rate, and keep their price. */
  readonly unrated: number;
  /** What stands. */
  readonly before: Nanos;
  readonly after: Nanos;
}

/** A call whose price becomes another one, or that finds no rate. */
export interface ReratedLine {
  readonly place: number;
  readonly callId: string;
  readonly startedMs: number;
  readonly side: ChargeSide;
  readonly account: string;
  readonly callee: string;
  readonly before: Nanos;
  /** Undefined: it finds no rate, and keeps its price. */
  readonly after: Nanos | undefined;
  readonly currency: string;
  /** The rate in words, or why there is none. */
  readonly why: string;
}

/** What was booked. */
export interface AppliedSum {
  readonly account: string;
  readonly currency: string;
  readonly entries: number;
  /** What is charged more: negative where it is less. */
  readonly difference: Nanos;
}

/** Calls of some accounts, rated once more. */
export interface Rerating {
  readonly id: number;
  readonly state: ReratingState;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly accounts: readonly string[];
  readonly version: number;
  readonly held: readonly HeldImport[];
  /** The one that it takes back. */
  readonly reverses: number | undefined;
  /** The one that takes it back. */
  readonly reversedBy: number | undefined;
  readonly note: string;
  readonly createdBy: string;
  readonly createdAtMs: number;
  readonly appliedBy: string;
  readonly finishedAtMs: number | undefined;
  readonly cause: string;
  /** Of the period of all accounts, or of the lines, that is done: 0 to 1. */
  readonly share: number;
  readonly sums: readonly ReratedSum[];
  /** The dearest differences first. */
  readonly dearest: readonly ReratedLine[];
  readonly lines: number;
  readonly booked: number;
  readonly applied: readonly AppliedSum[];
  /** Lines that were not booked, since their CDRs are gone or were replaced meanwhile. */
  readonly skipped: number;
}

export type NewRerating = Pick<
  Rerating,
  'fromMs' | 'untilMs' | 'accounts' | 'version' | 'held' | 'note' | 'createdBy' | 'reverses'
>;

/** One that this process has in hand. */
export interface ClaimedRerating extends ClaimedJob {
  readonly id: number;
  readonly state: 'previewing' | 'applying';
}

/** Re-ratings (BILL-06). Every method throws SwitchError SWITCH_STORE_UNAVAILABLE where the store is away. */
export interface ReratingStore {
  /** Undefined where the one that it reverses is not applied, or is reversed by another. */
  create(rerating: NewRerating): Promise<Rerating | undefined>;
  get(id: number): Promise<Rerating | undefined>;
  /** Newest first. @param before older than this id */
  list(limit: number, before: number | undefined): Promise<readonly Rerating[]>;
  lines(filter: {
    readonly rerating: number;
    readonly isUnrated: boolean;
    readonly after: number;
    readonly limit: number;
  }): Promise<readonly ReratedLine[]>;
  /** Has it be booked, or what is left of it where that failed. @returns whether it was ready */
  apply(id: number, appliedBy: string): Promise<boolean>;
  /** Gives it up before it is applied. @returns whether that was still possible */
  cancel(id: number): Promise<boolean>;
  claim(silentMs: number): Promise<ClaimedRerating | undefined>;
  isMine(claim: ClaimedRerating): Promise<boolean>;
  release(claim: ClaimedRerating): Promise<void>;
  fail(claim: ClaimedRerating, cause: string): Promise<boolean>;
  /** Books the next lines, in one transaction; undefined where it is somebody else's by now. */
  bookNext(claim: ClaimedRerating): Promise<{ readonly balances: readonly LiveBalance[]; readonly isDone: boolean } | undefined>; // prettier-ignore
}
