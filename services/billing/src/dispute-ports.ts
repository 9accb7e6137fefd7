import type { Nanos } from '@tandem/domain';
import type { DifferenceKind, DisputeSums } from './core/dispute-sums.ts';

/** receiving: its file is awaited. */
export type DisputeState = 'receiving' | 'comparing' | 'done' | 'failed';

/** By how much two tellings of one call may differ. */
export interface Tolerances {
  readonly timeMs: number;
  readonly durationMs: number;
  /** Decimal text. */
  readonly price: string;
  /** So many of the last digits of numbers are compared; 0 = all. */
  readonly digits: number;
  readonly theirPrefix: string;
  readonly ourPrefix: string;
  /** Callers are compared as well. */
  readonly callers: boolean;
  /** Calls that were not answered, too. */
  readonly unanswered: boolean;
  /** Their times are those of the INVITE, not of the answer. */
  readonly startTimes: boolean;
}

/** A file of another side's CDRs, and what came of it. */
export interface Dispute {
  readonly id: number;
  readonly account: string;
  /** Whose price of ours is compared. */
  readonly side: 'customer' | 'vendor';
  readonly state: DisputeState;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly file: string;
  readonly currency: string;
  readonly tolerances: Tolerances;
  /** How the file is read. */
  readonly mapping: string;
  /** Undefined until it is done. */
  readonly sums: DisputeSums | undefined;
  readonly cause: string;
  readonly createdBy: string;
  readonly createdAtMs: number;
  readonly doneAtMs: number | undefined;
}

export type NewDispute = Pick<
  Dispute,
  'account' | 'side' | 'fromMs' | 'untilMs' | 'file' | 'tolerances' | 'mapping' | 'createdBy'
>;

/** A call as a side tells it, for people. */
export interface ToldCall {
  readonly id: string;
  readonly caller: string;
  readonly callee: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly price: Nanos | undefined;
  /** Of their file; 0 = it is ours. */
  readonly line: number;
}

interface DisputeDifference {
  readonly place: number;
  readonly kind: DifferenceKind;
  readonly ours: ToldCall | undefined;
  readonly theirs: ToldCall | undefined;
}

/** Disputes (BILL-06). Every method throws SwitchError SWITCH_STORE_UNAVAILABLE where the store is away. */
export interface DisputeStore {
  /** Undefined where the account has no ledger. */
  create(dispute: NewDispute): Promise<Dispute | undefined>;
  /** Keeps lines of the file; what other attempts at it left goes. False where it is not receiving. */
  add(id: number, attempt: string, calls: readonly ToldCall[]): Promise<boolean>;
  /** All lines are there. @returns how many; undefined where it is not receiving */
  close(id: number, attempt: string, calls: number): Promise<number | undefined>;
  /** Compares one that waits for it and that no other process has in hand. What breaks off waits again. */
  compareNext(): Promise<Dispute | undefined>;
  remove(id: number): Promise<boolean>;
  get(id: number): Promise<Dispute | undefined>;
  list(filter: {
    readonly account: string | undefined;
    /** Older than this id. */
    readonly before: number | undefined;
    readonly limit: number;
  }): Promise<readonly Dispute[]>;
  differences(filter: {
    readonly dispute: number;
    readonly kinds: readonly DifferenceKind[];
    readonly after: number;
    readonly limit: number;
  }): Promise<readonly DisputeDifference[]>;
}
