/**
 * What becomes of a gateway that fails half its calls for a minute: of the calls that it would be given, and of those that fail. Prints a
 * table and draws docs/throttling.svg.
 * usage: node src/throttling.ts
 *   SHAPE=pod       call pods in place of edges with services beside them
 *   PICTURE=path    where the picture goes
 */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AnsweringCarrier,
  configuration,
  demo,
  drawPlot,
  freePort,
  placeCalls,
  startTestCluster,
  type Plot,
} from '@tandem/e2e';

const layout = process.env['SHAPE'] === 'pod' ? 'pod' : 'split';
const picture = process.env['PICTURE'] ?? 'docs/throttling.svg';
const RATE = 20;
const FAILS_FROM_S = 15;
const FAILS_UNTIL_S = 75;
const LASTS_S = 135;

interface Sample {
  readonly atS: number;
  /** Per cent of its calls that the gateway gets. */
  readonly share: number;
  /** Calls that have come to it, and to the other one; those that it has failed. */
  readonly own: number;
  readonly others: number;
  readonly failed: number;
}

let isFailing = false;
let asked = 0;
let failed = 0;
const busy = [{ code: 486 }];
const failing = await AnsweringCarrier.start(
  new Map([
    [
      '',
      () => {
        asked += 1;
        if (!isFailing || asked % 2 === 0) return busy;
        failed += 1;
        return [{ code: 503 }];
      },
    ],
  ]),
);
const other = await AnsweringCarrier.start(new Map([['', busy]]));
const running = await startTestCluster({ layout, pods: 2 });
try {
  const document = configuration(failing.port, other.port);
  // A step each five seconds, by forty calls or as many fewer as the gateway gets.
  document.parameters = { SS_GATEWAY_THROTTLE_STEP: 5, SS_GATEWAY_THROTTLE_CALLS: 40 };
  await running.configure(document);
  const samples = await run();
  report(samples);
  await writeFile(resolve(import.meta.dirname, '../..', picture), drawPlot(plotOf(samples)));
  process.stdout.write(`wrote ${picture}\n`);
} finally {
  await running.stop();
  failing.close();
  other.close();
}

async function run(): Promise<Sample[]> {
  const placed = placeCalls({
    scenario: 'caller-ip',
    address: demo.trunkAddress,
    port: await freePort(),
    target: running.sip,
    callee: '442079460000',
    calls: RATE * LASTS_S,
    rate: RATE,
    timeoutMs: (LASTS_S + 30) * 1000,
  });
  const startedMs = performance.now();
  const samples: Sample[] = [];
  let share = 100;
  for (let atS = 0; atS <= LASTS_S; atS += 1) {
    await sleep(Math.max(0, startedMs + atS * 1000 - performance.now()));
    isFailing = atS >= FAILS_FROM_S && atS < FAILS_UNTIL_S;
    share = await shareNow().catch(() => share);
    samples.push({ atS, share, own: failing.calls, others: other.calls, failed });
  }
  await placed;
  return samples;
}

async function shareNow(): Promise<number> {
  const { throttled } = (await running.api.get('/api/v1/gateways/carrier-a')) as {
    throttled: { sharePercent: number } | null;
  };
  return throttled?.sharePercent ?? 100;
}

function report(samples: readonly Sample[]): void {
  const lines = samples
    .filter(({ share }, at) => share !== samples[at - 1]?.share)
    .map(({ atS, share }) => `${String(atS).padStart(4)} s  gets ${String(share)} % of its calls`);
  const last = samples.at(-1);
  lines.push(`${String(last?.own)} calls to it, of which ${String(last?.failed)} failed, ${String(last?.others)} to the other`); // prettier-ignore
  process.stdout.write(`${layout}, ${String(RATE)} calls a second\n${lines.join('\n')}\n`);
}

function plotOf(samples: readonly Sample[]): Plot {
  const OVER = 3;
  const rateOf = (read: (sample: Sample) => number) =>
    samples.flatMap((sample, at) => {
      const before = samples[at - OVER];
      if (before === undefined) return [];
      return [[sample.atS, Math.max(0, read(sample) - read(before)) / OVER] as const];
    });
  return {
    title: 'A gateway that fails half its calls for a minute',
    subtitle: `${layout}, two edges, ${String(RATE)} calls a second, a step each 5 s; ${new Date().toISOString().slice(0, 10)}`,
    xLabel: 'seconds',
    marks: { name: 'it begins to fail, and is well again', at: [FAILS_FROM_S, FAILS_UNTIL_S] },
    panels: [
      {
        label: 'share of its calls that it gets, %',
        series: [
          { name: 'share', tone: 'blue', points: samples.map(({ atS, share }) => [atS, share]) },
        ],
      },
      {
        label: 'calls a second',
        series: [
          { name: 'to the gateway', tone: 'blue', points: rateOf(({ own }) => own) },
          { name: 'to the other one', tone: 'green', points: rateOf(({ others }) => others) },
        ],
      },
      {
        label: 'calls a second that it fails',
        series: [{ name: 'failed', tone: 'orange', points: rateOf((sample) => sample.failed) }],
      },
    ],
  };
}
