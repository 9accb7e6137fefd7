import { textTable } from '../text-table.ts';
import type { CpuOfCalls } from './cpu-of-calls.ts';
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
  return textTable([
    columns.map(([name]) => name),
    ...results.map((result) => columns.map(([, read]) => String(read(result)))),
  ]);
}

/** The CPU of calls at so many workers, a line each. */
export function cpuTable(found: readonly CpuOfCalls[]): string {
  return textTable([
    ['workers', 'calls/s', 'ms of CPU a call'],
    ...found.map(({ workers, perSecond, msPerCall }) => [
      String(workers),
      String(perSecond),
      msPerCall.toFixed(2),
    ]),
  ]);
}

/** Whether nothing was lost: every call that was answered has its CDR and went as planned, and nothing is left over. */
export function isWhole(result: TrialResult): boolean {
  const { answered, answeredCdrs, refused, mayRefuse, failed, wrongCdrs, faults } = result;
  const lost = failed + wrongCdrs + faults + (mayRefuse ? 0 : refused);
  return answered === answeredCdrs && lost === 0;
}
