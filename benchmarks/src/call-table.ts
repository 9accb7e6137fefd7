import { quantile, total } from './call-load.ts';
import type { CallRun } from './call-load.ts';
import type { MemoryUse } from './standing-calls.ts';

/** What a call costs each switch at one rate: a Markdown table with a column for each; the last one is the peer. */
export function callTable(rate: number, runs: readonly CallRun[]): string {
  const row = (title: string, cell: (run: CallRun) => string): string =>
    `| ${title} | ${runs.map(cell).join(' | ')} |`;
  const figure = (title: string, value: (run: CallRun) => number | undefined, digits = 3): string =>
    row(title, (run) => value(run)?.toFixed(digits) ?? '');
  const each = (costs: (run: CallRun) => CallRun['own']): string[] =>
    [...new Set(runs.flatMap((run) => costs(run).map(({ name }) => name)))].map((name) =>
      figure(name, (run) => costs(run).find((cost) => cost.name === name)?.cpuMs),
    );
  const peer = runs.at(-1);
  const beside = (value: number): number | undefined =>
    peer === undefined ? undefined : value / all(peer);
  return [
    row(`CPU at ${String(rate)} calls/s, ms a call`, ({ title }) => title),
    `| --- |${' ---: |'.repeat(runs.length)}`,
    ...each(({ own }) => own),
    figure('own processes', ({ own }) => total(own)),
    ...each(({ stores }) => stores),
    figure('**with stores**', all),
    figure('own processes ÷ Kamailio with PostgreSQL', ({ own }) => beside(total(own)), 2),
    figure('**with stores ÷ Kamailio with PostgreSQL**', (run) => beside(all(run)), 2),
    figure('INVITE to 200, median, ms', (run) => quantile(run.answerTimesMs, 0.5), 0),
    figure('INVITE to 200, 99 %, ms', (run) => quantile(run.answerTimesMs, 0.99), 0),
    row('answered of placed', ({ answered, placed }) => `${String(answered)} of ${String(placed)}`),
    row(
      'CDRs, repetitions',
      ({ cdrs, retransmissions }) => `${String(cdrs)}, ${String(retransmissions)}`,
    ),
    figure('cores busy with other things', ({ otherCores }) => otherCores, 1),
  ].join('\n');
}

/** What each switch holds in memory, idle and for calls that are up. */
export function memoryTable(uses: readonly MemoryUse[]): string {
  const row = (title: string, cell: (use: MemoryUse) => string): string =>
    `| ${title} | ${uses.map(cell).join(' | ')} |`;
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);
  return [
    row('memory, MB', ({ title }) => title),
    `| --- |${' ---: |'.repeat(uses.length)}`,
    row('own processes, idle', ({ idle }) => megabytes(idle.own)),
    row('own processes, each 10,000 standing calls more', (use) =>
      megabytes(((use.standing.own - use.idle.own) / use.calls) * 10_000),
    ),
    row('stores, each 10,000 standing calls more', (use) =>
      megabytes(((use.standing.stores - use.idle.stores) / use.calls) * 10_000),
    ),
    row('standing calls', ({ calls }) => String(calls)),
  ].join('\n');
}

function all(run: CallRun): number {
  return total(run.own) + total(run.stores);
}
