/**
 * What becomes of calls when an edge gets ten times what it can take: the capacity is looked for first, in the same run, alone and
 * beside a flood of the same size that goes to a socket which nobody reads; then comes the flood. Prints a table and draws docs/overload.svg.
 * usage: node src/flood.ts [FLOOD_SECONDS]
 *   SHAPE=pod       a call pod in place of an edge with services beside it
 *   PICTURE=path    where the picture goes
 */
import { writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { resolve } from 'node:path';
import {
  drawPlot,
  runOverload,
  startConfiguredLoad,
  startTestCluster,
  type OverloadResult,
  type OverloadSample,
  type Plot,
  type PlotPoint,
} from '@tandem/e2e';

const floodS = Number(process.argv[2] ?? '30');
const layout = process.env['SHAPE'] === 'pod' ? 'pod' : 'split';
const picture = process.env['PICTURE'] ?? 'docs/overload.svg';
const rates = [60, 120, 180, 250, 330, 420, 520, 640, 800, 1000, 1300, 1600];
const STANDING = 200;

const loadBefore = loadavg()[0] ?? 0;
const running = await startTestCluster({
  layout,
  pods: 1,
  mode: 'direct',
});
const load = await startConfiguredLoad(running, { openingBalance: '10000' });
try {
  const result = await runOverload({
    running,
    load,
    standing: STANDING,
    rates,
    stepS: 3,
    floodS,
    isBesideMeasured: true,
  });
  report(result);
  const file = resolve(import.meta.dirname, '../..', picture);
  await writeFile(file, drawPlot(plotOf(result)));
  process.stdout.write(`wrote ${picture}\n`);
} finally {
  await load.stop();
  await running.stop();
}

function report(result: OverloadResult): void {
  const { after, answeredPerSecond, besideCapacity, callersStoodStillS, capacity } = result;
  const { flood, floodPerSecond, standing } = result;
  const shareOf = (calls: number): string => (answeredPerSecond / calls).toFixed(2);
  const kept = standing.filter(({ caller }) => caller.endedMs !== undefined).length;
  const lines = [
    `${layout}; load of the machine before: ${loadBefore.toFixed(2)}`,
    `capacity without a flood        ${String(capacity)} calls/s`,
    `beside one that goes elsewhere  ${String(besideCapacity)} calls/s`,
    `messages of the flood           ${floodPerSecond.toFixed(0)} a second, ${String(flood.sent)} in all`,
    `answered meanwhile              ${answeredPerSecond.toFixed(0)} calls/s, ${shareOf(besideCapacity)} of that, ${shareOf(capacity)} of the capacity`,
    `the callers stood still         ${callersStoodStillS.toFixed(1)} s of it`,
    `answers to INVITEs of the flood ${JSON.stringify(flood.answers)}`,
    `calls that were up and kept     ${String(kept)} of ${String(standing.length)}`,
    `five seconds after              ${String(after.answered)} of ${String(after.placed)} answered`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function plotOf({ capacity, besideCapacity, samples, answeredPerSecond }: OverloadResult): Plot {
  const over = (read: (sample: OverloadSample) => number | undefined): PlotPoint[] =>
    samples.flatMap((sample) => {
      const value = read(sample);
      return value === undefined ? [] : [[sample.atS, value] as const];
    });
  return {
    title: `${String(capacity)} calls a second and a flood of ten times as much`,
    subtitle: `${layout}, one edge; ${answeredPerSecond.toFixed(0)} calls a second answered meanwhile; ${new Date().toISOString().slice(0, 10)}`,
    xLabel: 'seconds since the flood began',
    marks: { name: 'the flood ends', at: [floodS] },
    panels: [
      {
        label: 'calls a second',
        series: [
          { name: 'answered', tone: 'green', points: rateOf(samples, ({ answered }) => answered) },
          {
            name: 'capacity beside the generator',
            tone: 'blue',
            isDashed: true,
            points: over(() => besideCapacity),
          },
        ],
      },
      {
        label: 'messages of the flood a second',
        series: [
          { name: 'flood', tone: 'orange', points: rateOf(samples, ({ flooded }) => flooded) },
        ],
      },
      {
        label: 'new calls that are begun, a second',
        series: [
          {
            name: 'rate',
            tone: 'blue',
            points: over(({ overload }) => overload?.rate ?? undefined),
          },
        ],
      },
      {
        label: 'how late a datagram, and the event loop, is, ms',
        series: [
          {
            name: 'receive queue',
            tone: 'orange',
            points: over(({ overload }) => overload?.queueDelayMs),
          },
          {
            name: 'event loop',
            tone: 'green',
            points: over(({ overload }) => overload?.loopDelayMs),
          },
        ],
      },
      {
        label: 'calls up',
        series: [{ name: 'calls up', tone: 'blue', points: over(({ up }) => up) }],
      },
    ],
  };
}

/** Of a count that grows, by how much a second it does. */
function rateOf(
  samples: readonly OverloadSample[],
  read: (sample: OverloadSample) => number,
): PlotPoint[] {
  return samples.slice(1).map((sample, at) => {
    const before = samples[at] ?? sample;
    const seconds = Math.max(sample.atS - before.atS, 0.001);
    return [sample.atS, (read(sample) - read(before)) / seconds] as const;
  });
}
