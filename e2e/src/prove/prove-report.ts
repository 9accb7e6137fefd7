import { type Plot, type Point, drawPlot } from './plot.ts';
import type { Sample } from './samples.ts';

/** What a run has shown. */
export interface ProveResult {
  readonly samples: readonly Sample[];
  /** When an edge was killed, seconds since the load began. */
  readonly killsAt: readonly number[];
  /** What the run was asked for, in words. */
  readonly terms: string;
  /** When it was. */
  readonly day: string;
  /** How many calls or records were not as they must be. */
  readonly faults: number;
}

const columns = [
  ['s', (sample) => sample.atS.toFixed(0)],
  ['placed', ({ placed }) => placed],
  ['ringing', ({ ringing }) => ringing],
  ['up', ({ up }) => up],
  ['kills', ({ kills }) => kills],
  ['adoptions', ({ adoptions }) => adoptions],
  ['leases', ({ leases }) => leases],
  ['CDRs expected', ({ cdrsExpected }) => cdrsExpected],
  ['CDRs found', ({ cdrsFound }) => cdrsFound],
] as const satisfies readonly [string, (sample: Sample) => number | string][];

/** One line for every `everyS` seconds, and the last one. */
export function tableOf(samples: readonly Sample[], everyS: number): string {
  const chosen = samples.filter(({ atS }, index) => {
    const before = samples[index - 1]?.atS ?? -everyS;
    const isFirstOfStep = Math.floor(atS / everyS) > Math.floor(before / everyS);
    return isFirstOfStep || index === samples.length - 1;
  });
  const rows = [
    columns.map(([name]) => name as string),
    ...chosen.map((sample) => columns.map(([, read]) => String(read(sample)))),
  ];
  return rows
    .map((row) =>
      row.map((cell, index) => cell.padStart(columns[index]?.[0].length ?? 0)).join('  '),
    )
    .map((line) => `  ${line}`)
    .join('\n');
}

/** The run as a picture. */
export function pictureOf({ samples, killsAt, terms, day, faults }: ProveResult): string {
  const over = (read: (sample: Sample) => number): Point[] =>
    samples.map((sample) => [sample.atS, read(sample)]);
  const last = samples.at(-1);
  const outcome = faults === 0 ? 'none lost' : `${String(faults)} faults`;
  const plot: Plot = {
    title: `${String(killsAt.length)} edges killed, ${String(last?.placed ?? 0)} calls placed, ${outcome}`,
    subtitle: `${terms}; ${day}`,
    xLabel: 'seconds since the first call',
    marks: { name: 'an edge is killed', at: killsAt },
    panels: [
      {
        label: 'calls up',
        series: [{ name: 'calls up', tone: 'blue', points: over(({ up }) => up) }],
      },
      {
        label: 'calls adopted by another edge, in all',
        series: [{ name: 'adoptions', tone: 'orange', points: over(({ adoptions }) => adoptions) }],
      },
      {
        label: 'CDRs',
        series: [
          { name: 'found', tone: 'green', points: over(({ cdrsFound }) => cdrsFound) },
          {
            name: 'expected',
            tone: 'blue',
            isDashed: true,
            points: over(({ cdrsExpected }) => cdrsExpected),
          },
        ],
      },
      {
        label: 'line leases held',
        series: [{ name: 'leases', tone: 'orange', points: over(({ leases }) => leases) }],
      },
    ],
  };
  return drawPlot(plot);
}
