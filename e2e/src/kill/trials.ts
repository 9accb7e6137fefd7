import { setTimeout as sleep } from 'node:timers/promises';
import type { TestClusterOptions } from '../cluster/test-cluster.ts';
import { everyKind, planCalls } from '../load/call-plan.ts';
import type { LoadReport } from '../load/call-record.ts';
import type { Verdict } from '../verdict/judge-switch.ts';
import { KillBench, type KillBenchOptions } from './kill-bench.ts';
import { RandomKiller } from './random-killer.ts';

/** What came of a trial. */
export interface TrialResult {
  readonly verdict: Verdict;
  readonly report: LoadReport;
  /** Processes that were killed. */
  readonly kills: number;
  /** Messages and log lines of the first calls that went wrong; empty where none did. */
  readonly evidence: string;
}

/** Calls at a rate while pods die. */
export interface RandomKillsOptions {
  readonly perSecond: number;
  readonly seconds: number;
  readonly killEveryMs: number;
  readonly seed: number;
  /** How packets reach the pods. @default 'random' */
  readonly mode?: TestClusterOptions['mode'];
  /** @default 0 */
  readonly lossPercent?: number;
  /** @default 'udp' */
  readonly carrierTransport?: 'udp' | 'tcp';
  /** Fronts die as well, where there are some. @default false */
  readonly killsFronts?: boolean;
}

/** Pods are killed at random under load of every kind, and started again (edge.md §9). */
export async function randomKills(options: RandomKillsOptions): Promise<TrialResult> {
  const { perSecond, seconds, killEveryMs, seed, killsFronts = false } = options;
  const { mode = 'random', lossPercent = 0, carrierTransport = 'udp' } = options;
  const setting = { cluster: { pods: 3, mode, lossPercent, seed }, carrierTransport };
  return onBench(setting, async (bench) => {
    const { cluster } = bench.cluster;
    const fronts = [...bench.cluster.processes.keys()].filter((name) => name.startsWith('front-'));
    const killer = new RandomKiller({
      names: killsFronts ? [...bench.pods, ...fronts] : bench.pods,
      everyMs: killEveryMs,
      seed,
      kill: (name) => {
        cluster.kill(name);
      },
    });
    const plans = planCalls({
      count: perSecond * seconds,
      seed,
      mix: { ...everyKind, silent: 2 },
    });
    await bench.load.place(plans, { perSecond }).finally(() => {
      killer.stop();
    });
    return judged(bench, killer.killed.length);
  });
}

/** Calls that are up while everything dies. */
export interface StandingCallsOptions {
  readonly calls: number;
  readonly seed: number;
  /** How long the pods, or the store, are away. */
  readonly awayMs: number;
}

const PLACED_PER_SECOND = 50;

/** All pods are killed at once and started again later: every call can be hung up, from either side. */
export async function allAtOnce({
  calls,
  seed,
  awayMs,
}: StandingCallsOptions): Promise<TrialResult> {
  return onBench({}, async (bench) => {
    const { cluster } = bench.cluster;
    await placeStanding(bench, { count: calls, seed });
    await Promise.all(bench.pods.map((name) => cluster.end(name, 'SIGKILL')));
    await sleep(awayMs);
    await Promise.all(bench.pods.map((name) => cluster.startAgain(name)));
    await bench.load.hangUp({ by: 'each-half' });
    return judged(bench, bench.pods.length);
  });
}

/** Places calls of which all are answered and stay up until they are told otherwise. */
export async function placeStanding(
  bench: KillBench,
  { count, seed, prefix = '44' }: { count: number; seed: number; prefix?: string },
): Promise<void> {
  const plans = planCalls({
    count,
    seed,
    mix: { answers: 1 },
    holdMs: 'told',
    ringMs: [100, 300],
    prefix,
  });
  const { up } = await bench.load.snapshot();
  await bench.load.place(plans, { perSecond: PLACED_PER_SECOND });
  await bench.untilUp(up + count);
}

/** Waits for the end of all calls and judges. */
export async function judged(
  bench: KillBench,
  kills: number,
  cdrsWithinMs?: number,
): Promise<TrialResult> {
  const report = await bench.finish();
  const verdict = await bench.judge(report, cdrsWithinMs);
  return { verdict, report, kills, evidence: await bench.evidence(verdict) };
}

/** Starts a bench for a trial and ends it whatever comes. */
export async function onBench<T>(
  options: KillBenchOptions,
  run: (bench: KillBench) => Promise<T>,
): Promise<T> {
  const bench = await KillBench.start(options);
  try {
    return await run(bench);
  } finally {
    await bench.stop();
  }
}
