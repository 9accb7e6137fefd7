import type { Configuration } from '@tandem/config';
import type { ClaimedJob } from '@tandem/service';
import type { PastCall } from './core/replay/past-call.ts';
import type { RunState } from './core/replay/replay-run.ts';
import type { Change } from './core/changes.ts';

/** `awaiting-calls`: the file of its calls has not come yet. */
export type ReplayState = 'awaiting-calls' | 'waiting' | 'running' | 'done' | 'failed';

/** A replay, without what is counted. */
export interface Replay {
  readonly id: string;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly note: string;
  readonly version: number;
  /** Undefined: the draft has a document of its own, under the id of the replay. */
  readonly draftVersion: number | undefined;
  /** Files of rates that wait to be applied: the draft has them already. */
  readonly heldRates: readonly HeldRates[];
  readonly changes: readonly Change[];
  readonly keepsLimits: boolean;
  /** Of CDRs; undefined: the calls are those of a file. */
  readonly period: { readonly fromMs: number; readonly untilMs: number } | undefined;
  readonly state: ReplayState;
  /** Why it failed, or what it waits for; empty otherwise. */
  readonly error: string;
  /** Of a file: its calls. */
  readonly total: number | undefined;
  readonly startedAt: Date | undefined;
  readonly finishedAt: Date | undefined;
  readonly calls: number;
  readonly playedUntil: Date | undefined;
}

/** An import of rates that is in effect nowhere yet (ADR 89). */
export interface HeldRates {
  readonly group: string;
  readonly id: string;
}

/** What a new one is made of. */
export type NewReplay = Pick<
  Replay,
  | 'id'
  | 'createdBy'
  | 'note'
  | 'version'
  | 'draftVersion'
  | 'heldRates'
  | 'changes'
  | 'keepsLimits'
  | 'period'
>;

/** A replay that somebody works on from now on. */
export interface ClaimedReplay extends ClaimedJob, Claim {
  readonly id: string;
  readonly replay: Replay;
  readonly run: RunState | undefined;
}

/** Replays, their drafts and the calls of files. */
export interface ReplayStore {
  /** Has a version be stored whole, for who reads it in pieces. */
  makeWhole(version: number): Promise<void>;
  putDraft(id: string, configuration: Configuration): Promise<void>;
  /** @param most of those that have not ended; undefined where there are as many */
  create(replay: NewReplay, most: number): Promise<Replay | undefined>;
  /** Newest first. */
  list(limit: number): Promise<Replay[]>;
  get(id: string): Promise<{ readonly replay: Replay; readonly run: RunState | undefined } | undefined>; // prettier-ignore
  /** Ends it where it runs: who works on it finds that out. @returns whether there was one */
  remove(id: string): Promise<boolean>;
  /** Gives a replay its calls, and has it wait for its turn. @returns undefined where it awaits none */
  putCalls(id: string, parts: readonly (readonly PastCall[])[]): Promise<Replay | undefined>;
  /** Undefined behind the last part. */
  callsAt(id: string, part: number): Promise<readonly PastCall[] | undefined>;
  /**
   * Takes the oldest one that waits, or that nobody has been seen at.
   * @param terms.most at the same time, of all pods
   * @param terms.silentMs after which who works on it is taken to be gone
   */
  claim(terms: { readonly most: number; readonly silentMs: number }): Promise<ClaimedReplay | undefined>; // prettier-ignore
  /** Shows that it is worked on. @returns whether it still is this claim's */
  save(claim: Claim, kept: Saved): Promise<boolean>;
  /** Lets another one go on at once. */
  release(claim: Claim): Promise<void>;
  /** Removes what ended before, with drafts that nobody needs. */
  sweep(endedBefore: Date): Promise<void>;
}

/** By which who works on a replay is known. */
export interface Claim {
  readonly id: string;
  readonly owner: string;
}

/** What is kept of a replay; what is undefined stays. */
export interface Saved {
  readonly run?: RunState | undefined;
  readonly calls?: number | undefined;
  readonly state?: 'running' | 'done' | 'failed' | undefined;
  readonly error?: string | undefined;
}
