import type { Mistake, Rate } from '@tandem/config';
import type { ReadTerms } from './core/rate-file/rate-reader.ts';

/** A version of the rates of a group, without them. */
export interface SheetVersion {
  readonly version: number;
  readonly appliedAt: Date;
  readonly appliedBy: string;
  readonly note: string;
  readonly rates: number;
  readonly prefixes: number;
}

export type ImportState = 'reading' | 'refused' | 'ready' | 'applied' | 'discarded' | 'broken';

/** What was asked of an import. */
export interface ImportTerms {
  readonly mode: 'replace' | 'update';
  /** Of the file, for people. */
  readonly file: string;
  /** Lines that name no time are in effect from then on. */
  readonly effectiveFrom: string;
  /** They are so from the moment at which it is applied. */
  readonly isAtOnce: boolean;
  readonly effectiveUntil: string | undefined;
}

/** A file that is read, or was. */
export interface RateImport extends ImportTerms {
  readonly id: string;
  readonly group: string;
  readonly state: ImportState;
  readonly begunAt: Date;
  readonly begunBy: string;
  readonly note: string;
  /** So far. */
  readonly bytes: number;
  readonly lines: number;
  /** How the file is written, and what it changes; as `RateImport` of the API has it. */
  readonly report: Readonly<Record<string, unknown>> | undefined;
  /** That there would be; undefined where it is not to be applied. */
  readonly rates: number | undefined;
  readonly prefixes: number | undefined;
}

/** What is to be imported. */
export interface ImportRequest {
  readonly group: string;
  readonly terms: ImportTerms;
  readonly read: ReadTerms;
  readonly note: string;
  readonly begunBy: string;
}

/** Why something was not done. */
export type RateDenial =
  | { readonly kind: 'no-such-import' }
  | { readonly kind: 'no-such-version' }
  /** Another file is read into this group. */
  | { readonly kind: 'import-running'; readonly begunBy: string; readonly begunAt: Date }
  | { readonly kind: 'import-not-ready'; readonly state: ImportState }
  /** What is in effect is not what the import was held against. */
  | { readonly kind: 'rates-changed' };

export interface AppliedSheet {
  readonly kind: 'applied';
  readonly version: number;
}

/** The rates of a group as they are in effect, in the document or beside it. */
export interface RatesInEffect {
  readonly isSheet: boolean;
  /** Of the sheet; 0 where nothing was imported. */
  readonly version: number;
}

/** The rates of groups, imported as sheets with versions of their own (BILL-02, ADR 89). */
export interface RateSheets {
  /** Whether there is such a group, and how it has its rates. */
  group(name: string): Promise<RatesInEffect | undefined>;
  /** The names of all groups. */
  groups(): Promise<readonly string[]>;
  /** Reads a file, and holds it against what is in effect; nothing changes. Resolves when it is read, whatever it is worth. */
  read(request: ImportRequest, file: AsyncIterable<Uint8Array>): Promise<RateImport | RateDenial>;
  /** The last ones, newest first. */
  imports(group: string): Promise<readonly RateImport[]>;
  import(group: string, id: string): Promise<RateImport | undefined>;
  mistakes(group: string, id: string): Promise<readonly Mistake[] | undefined>;
  /** Puts what was read into effect, whole. Whoever does so again is told the same. */
  apply(group: string, id: string, appliedBy: string): Promise<AppliedSheet | RateDenial>;
  discard(group: string, id: string): Promise<RateImport | RateDenial>;
  /** The last ten, newest first. */
  versions(group: string): Promise<readonly SheetVersion[]>;
  /** Puts an earlier version into effect, as a new one. */
  rollBack(
    group: string,
    version: number,
    by: { readonly appliedBy: string; readonly note: string },
  ): Promise<AppliedSheet | RateDenial>;
  /** Of an imported sheet, the rates that say why a number has none (DENY-06). */
  near(group: string, callee: string): Promise<readonly Rate[]>;
  /** The rates in effect as CSV, by prefix. */
  csv(group: string): AsyncIterable<string>;
  /** What an import changes, as CSV; undefined where there is nothing to be applied. */
  changes(group: string, id: string): Promise<AsyncIterable<string> | undefined>;
}
