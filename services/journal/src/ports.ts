import type {
  AnalysisRow,
  HistoryPoint,
  JournalEntry,
  RegistrationAnalysisRequest,
  RegistrationHistoryRequest,
} from '@tandem/proto/journal';
import type { JournalBatch } from './core/journal-batch.ts';
import type { EntryCursor } from './core/entry-cursor.ts';

/** Which entries; what is undefined or '' does not restrict. */
export interface EntryFilter {
  readonly fromMs?: number | undefined;
  readonly untilMs?: number | undefined;
  /** Any of them. */
  readonly causes?: readonly string[] | undefined;
  readonly terminal: string;
  readonly account: string;
  /** An address, or a CIDR block. */
  readonly source: string;
  /** A SIP Call-ID, or the id of an entry. */
  readonly callId: string;
  /** As the switch reads numbers; those that a user wrote with a + are found too. */
  readonly caller: string;
  readonly callee: string;
  readonly after?: EntryCursor | undefined;
  readonly limit: number;
}

/** What is to go by now. */
export interface Cutoff {
  /** Entries of days that ended before, and minutes. */
  readonly entriesMs: number;
  readonly hoursMs: number;
}

/** What the journal is kept in. All methods throw SwitchError SWITCH_STORE_UNAVAILABLE where it is away. */
export interface JournalStore {
  /** Keeps what comes; of what comes again the highest count. @returns how many of the messages were of no use */
  write(batch: JournalBatch): Promise<number>;
  /** Newest first. */
  list(filter: EntryFilter): Promise<readonly JournalEntry[]>;
  history(request: RegistrationHistoryRequest): Promise<readonly HistoryPoint[]>;
  analysis(request: RegistrationAnalysisRequest): Promise<readonly AnalysisRow[]>;
  /** Makes room for the days from one moment to another. */
  prepare(fromMs: number, untilMs: number): Promise<void>;
  /** Drops what is too old. @returns how many days of entries */
  drop(cutoff: Cutoff): Promise<number>;
  isReachable(): boolean;
}

/** Says in which country a network is (REG-06). */
export interface Countries {
  /** Two letters of ISO 3166-1; `private` for what is on no map; `unknown`. @param network "192.0.2.0/24"; '' is unknown */
  countryOf(network: string): string;
}
