import type { ReplayedRoutes } from '@tandem/proto/routing';
import { LinesInUse, type LinesState } from './lines-in-use.ts';
import type { PastCall } from './past-call.ts';
import { asItWas, playCall } from './play-call.ts';
import { addCall, emptyTally, tallyOf, type TallyState } from './tally.ts';

/** How far a replay is, and all that is counted: whoever has it goes on from there. JSON. */
export interface RunState {
  /** Where the next calls are found; empty: at the beginning. */
  readonly cursor: string;
  /** CDRs that could not be read. */
  readonly unread: number;
  /** The begin of the last call, milliseconds since the epoch; 0 = there was none. */
  readonly atMs: number;
  readonly tally: TallyState;
  readonly now: LinesState;
  readonly draft: LinesState;
}

/** Plays calls one after another, in the order of their begins, by two configurations. */
export class ReplayRun {
  readonly #tally: TallyState;
  readonly #now: LinesInUse;
  readonly #draft: LinesInUse;
  #atMs: number;
  #unread: number;

  constructor(areLimitsKept: boolean, state?: RunState) {
    this.#tally = state === undefined ? emptyTally() : tallyOf(state.tally);
    this.#now = new LinesInUse(areLimitsKept, state?.now);
    this.#draft = new LinesInUse(areLimitsKept, state?.draft);
    this.#atMs = state?.atMs ?? 0;
    this.#unread = state?.unread ?? 0;
  }

  get calls(): number {
    return this.#tally.calls;
  }

  play(call: PastCall, { now, draft }: ReplayedRoutes): void {
    if (now === undefined || draft === undefined) throw new Error('routing has left out a side of a call'); // prettier-ignore
    this.#atMs = Math.max(this.#atMs, call.startMs);
    addCall(this.#tally, call, {
      then: asItWas(call),
      now: playCall(call, now, this.#now),
      draft: playCall(call, draft, this.#draft),
    });
  }

  /** A CDR that says nothing. */
  skip(): void {
    this.#unread += 1;
  }

  /** @param cursor where the calls are that come next */
  state(cursor: string): RunState {
    return {
      cursor,
      unread: this.#unread,
      atMs: this.#atMs,
      tally: this.#tally,
      now: this.#now.state(),
      draft: this.#draft.state(),
    };
  }
}
