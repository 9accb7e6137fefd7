import { textTable } from '../text-table.ts';
import type { TrialResult } from './trials.ts';

/** How often each variant runs in the long form, as `make soak` sets it. */
const soakRuns = Number(process.env['TANDEM_SOAK'] ?? '0');

/** Whether the long form runs: every variant at full size. */
export const isSoak = soakRuns > 0;

/** How often each variant runs. */
export const runs = isSoak ? soakRuns : 1;

const columns = ['trial', 'calls', 'answered', 'CDRs', 'kills', 'sent again', 'faulty'] as const;

/** The results of trials as lines of text, a line each. */
export class TrialTable {
  readonly #rows: (readonly string[])[] = [];

  add(name: string, { verdict, kills }: TrialResult): void {
    const { calls, answered, cdrs, retransmissions, faultyCalls, faults } = verdict;
    const faulty = faultyCalls.length + faults.length;
    const figures = [calls, answered, cdrs, kills, retransmissions, faulty].map(String);
    this.#rows.push([name, ...figures]);
  }

  toString(): string {
    return textTable([columns, ...this.#rows]);
  }
}
