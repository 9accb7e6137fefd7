import { setTimeout as sleep } from 'node:timers/promises';
import { demo, placeCalls, until } from '@tandem/e2e';
import type { SippResult } from '@tandem/e2e';
import type { Subject } from './call-subjects.ts';
import { cpuTimeMs, machineCpuTimeMs } from './cpu-time.ts';

/** CPU of one process over one run. */
export interface ProcessCost {
  readonly name: string;
  /** Milliseconds of CPU a call. */
  readonly cpuMs: number;
}

/** One switch under one load. */
export interface CallRun {
  readonly title: string;
  readonly placed: number;
  readonly answered: number;
  readonly retransmissions: number;
  readonly cdrs: number;
  /** Cores that programs kept busy which have nothing to do with the run: the less, the better the figures. */
  readonly otherCores: number;
  /** The switch's own processes. */
  readonly own: readonly ProcessCost[];
  /** What it needs beside itself. */
  readonly stores: readonly ProcessCost[];
  /** From the first INVITE to the 200, 407 and digest in between; one of each call. */
  readonly answerTimesMs: readonly number[];
}

/** What is asked of a switch. */
export interface Load {
  readonly callerPort: number;
  /** Calls a second. */
  readonly rate: number;
  readonly calls: number;
  /** How long each is up. @default 0 */
  readonly pauseMs?: number;
  /** The number that is called. @default one that the first carrier has */
  readonly callee?: string;
}

const CALLEE = '442079460000';
/** What is still to be written when the last call has ended belongs to the calls as well. */
const SETTLE_MS = 2000;
// Until the compiler of Node has seen each path often enough; slower than what is measured.
const WARM_UP = { rate: 150, calls: 3000 };

/** The first calls cost several times as much as later ones. @param by what a machine that others use can do */
export async function warmUp(
  subject: Pick<Subject, 'sip'>,
  callerPort: number,
  by: Pick<Load, 'rate' | 'calls'> = WARM_UP,
): Promise<void> {
  await load(subject, { callerPort, ...by });
}

/** Calls with digest, answered and hung up by the caller, until all are done. */
export async function load(subject: Pick<Subject, 'sip'>, options: Load): Promise<SippResult> {
  const { callerPort, rate, calls, pauseMs = 0, callee = CALLEE } = options;
  const result = await placeCalls({
    scenario: 'caller-digest',
    port: callerPort,
    target: subject.sip,
    callee,
    username: demo.phone,
    password: demo.password,
    calls,
    rate,
    pauseMs,
    timeoutMs: (calls / rate) * 1000 + pauseMs + 20_000,
    times: true,
  });
  await sleep(SETTLE_MS);
  return result;
}

/** The same, with what it cost. All processes are looked at from before the first call until two seconds after the last. */
export async function measure(subject: Subject, options: Load): Promise<CallRun> {
  const cdrsBefore = await subject.countCdrs();
  const before = cpuOf(subject);
  const othersBefore = othersCpuTimeMs(subject);
  const startedAt = performance.now();
  const result = await load(subject, options);
  const otherCores = (othersCpuTimeMs(subject) - othersBefore) / (performance.now() - startedAt);
  const after = cpuOf(subject);
  const costs = (pids: ReadonlyMap<string, number>): ProcessCost[] =>
    [...pids].map(([name, pid]) => ({
      name,
      cpuMs: ((after.get(pid) ?? 0) - (before.get(pid) ?? 0)) / Math.max(result.successful, 1),
    }));
  const cdrs = (): Promise<number> => subject.countCdrs().then((count) => count - cdrsBefore);
  // Fewer than answered is shown, not hidden.
  await until('a CDR of every call', async () => (await cdrs()) >= result.successful).catch(
    () => undefined,
  );
  return {
    title: subject.title,
    placed: options.calls,
    answered: result.successful,
    retransmissions: result.retransmissions,
    cdrs: await cdrs(),
    otherCores,
    own: costs(subject.own),
    stores: costs(subject.stores),
    answerTimesMs: result.answerTimesMs,
  };
}

/** Milliseconds of CPU a call of all of these processes. */
export function total(costs: readonly ProcessCost[]): number {
  return costs.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
}

/** The value below which this share of them lies; NaN where there are none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function cpuOf({ own, stores }: Subject): ReadonlyMap<number, number> {
  return new Map([...own.values(), ...stores.values()].map((pid) => [pid, cpuTimeMs(pid)]));
}

/** The switches and SIPp are below this process; the stores are not. */
function othersCpuTimeMs({ stores }: Subject): number {
  const known = [process.pid, ...stores.values()].reduce((sum, pid) => sum + cpuTimeMs(pid), 0);
  return machineCpuTimeMs() - known;
}
