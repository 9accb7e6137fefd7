import type { TrialResult } from './trial.ts';

const columns = [
  ['event', ({ event }) => event],
  ['gap ms', ({ gapMs }) => gapMs],
  ['plain Service', ({ plainGapMs }) => plainGapMs ?? '–'],
  ['calls', ({ calls }) => calls],
  ['answered', ({ answered }) => answered],
  ['CDRs of them', ({ answeredCdrs }) => answeredCdrs],
  ['refused', ({ refused }) => refused],
  ['failed', ({ failed }) => failed],
  ['CDRs wrong', ({ wrongCdrs }) => wrongCdrs],
  ['other faults', ({ faults }) => faults],
] as const satisfies readonly [string, (result: TrialResult) => number | string][];

/** The results of trials, a line each, below a line of names. */
export function kubeTable(results: readonly TrialResult[]): string {
  const rows = [
    columns.map(([name]) => name as string),
    ...results.map((result) => columns.map(([, read]) => String(read(result)))),
  ];
  const widths = columns.map((_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)));
  return rows
    .map((row) =>
      row
        .map((cell, at) =>
          at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0),
        )
        .join('  '),
    )
    .join('\n');
}

/** Whether nothing was lost: every call that was answered has its CDR and went as planned, and nothing is left over. */
export function isWhole(result: TrialResult): boolean {
  const { answered, answeredCdrs, refused, mayRefuse, failed, wrongCdrs, faults } = result;
  const lost = failed + wrongCdrs + faults + (mayRefuse ? 0 : refused);
  return answered === answeredCdrs && lost === 0;
}
