import { setTimeout as sleep } from 'node:timers/promises';
import type { TestClusterOptions } from '../cluster/test-cluster.ts';
import { everyKind, planCalls, planOne, type CallPlan } from '../load/call-plan.ts';
import type { LoadReport } from '../load/call-record.ts';
import type { Verdict } from '../verdict/judge-switch.ts';
import { callsInEveryState, numberOf } from './calls-in-every-state.ts';
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
  /** @default 'split' */
  readonly layout?: TestClusterOptions['layout'];
  /** @default 'udp' */
  readonly carrierTransport?: 'udp' | 'tcp';
}

/** Calls that stand while something dies; all their numbers begin with `prefix`. */
export interface StandingCallsOptions {
  readonly calls: number;
  readonly seed: number;
  readonly prefix: string;
  /** How long the pods, or the store, are away. */
  readonly awayMs: number;
}

/** Connections to what was away are tried again, and balances brought back, within this. */
export const RECOVERED_MS = 3000;

const PER_SECOND = 20;
const STANDING_PER_SECOND = 50;
const PAUSED_MS = 4000;
const IN_PROGRESS_MS = 20_000;
const REFUSED = { code: 503, reason: 'ServiceUnavailable' };

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

/** Waits for the end of all calls and judges. */
async function judged(
  bench: KillBench,
  kills: number,
  cdrsWithinMs?: number,
): Promise<TrialResult> {
  const report = await bench.finish();
  const verdict = await bench.judge(report, cdrsWithinMs);
  return { verdict, report, kills, evidence: await bench.evidence(verdict) };
}

/** Pods are killed at random under load of every kind, and started again (edge.md §9). */
export async function randomKills(options: RandomKillsOptions): Promise<TrialResult> {
  const { perSecond, seconds, killEveryMs, seed } = options;
  const { layout = 'split', mode = 'random', lossPercent = 0, carrierTransport = 'udp' } = options;
  const setting = { cluster: { layout, pods: 3, mode, lossPercent, seed }, carrierTransport };
  return onBench(setting, async (bench) => {
    const killer = new RandomKiller({
      names: bench.pods,
      everyMs: killEveryMs,
      seed,
      kill: (name) => {
        bench.cluster.cluster.kill(name);
      },
    });
    const mix = { ...everyKind, silent: 2 };
    const plans = planCalls({ count: perSecond * seconds, seed, mix });
    await bench.load.place(plans, { perSecond }).finally(() => {
      killer.stop();
    });
    return judged(bench, killer.killed.length);
  });
}

/** Places calls of which all are answered and stay up until they are told otherwise. */
export async function placeStanding(
  bench: KillBench,
  { calls, seed, prefix }: Omit<StandingCallsOptions, 'awayMs'>,
): Promise<void> {
  const mix = { answers: 1 };
  const plans = planCalls({
    count: calls,
    seed,
    mix,
    holdMs: 'told',
    ringMs: [100, 300],
    prefix,
  });
  await bench.load.place(plans, { perSecond: STANDING_PER_SECOND });
  await bench.untilUp(prefix, calls);
}

/** All pods are killed at once and started again later; then every call is hung up, from either side. */
export async function allAtOnce(bench: KillBench, options: StandingCallsOptions): Promise<void> {
  const { cluster } = bench.cluster;
  await placeStanding(bench, options);
  await Promise.all(bench.pods.map((name) => cluster.end(name, 'SIGKILL')));
  await sleep(options.awayMs);
  await Promise.all(bench.pods.map((name) => cluster.startAgain(name)));
  await bench.load.hangUp({ by: 'each-half' });
}

/** Auth or routing is away: new calls are refused, calls in progress do not notice; later all is as before. */
export async function serviceAway(
  bench: KillBench,
  service: 'auth' | 'routing',
  prefix: string,
): Promise<void> {
  const { cluster } = bench.cluster;
  const standing = callsInProgress(`${prefix}1`);
  await bench.load.place(standing, { perSecond: PER_SECOND });
  await bench.untilUp(`${prefix}1`, standing.length);
  await cluster.end(service, 'SIGKILL');
  await bench.run(`${prefix}2`, refusedCalls(`${prefix}2`));
  await bench.load.untilOver({ prefix: `${prefix}1`, timeoutMs: IN_PROGRESS_MS });
  await cluster.startAgain(service);
  await sleep(RECOVERED_MS);
  // To the end, so that what the next trial takes away is not missed by these.
  await bench.run(`${prefix}3`, callsInEveryState(`${prefix}3`));
}

/** Each pod in turn is paused for longer than its lease, and goes on as if nothing had been. */
export async function falseDeaths(bench: KillBench, prefix: string): Promise<void> {
  const { cluster } = bench.cluster;
  for (const [index, name] of bench.pods.entries()) {
    await bench.load.place(callsInEveryState(prefix + String(index)), { perSecond: PER_SECOND });
    cluster.kill(name, 'SIGSTOP');
    await sleep(PAUSED_MS);
    cluster.kill(name, 'SIGCONT');
    await bench.untilReady();
  }
}

/** Calls that the switch must refuse, since something that it needs is away. */
export function refusedCalls(prefix: string): readonly CallPlan[] {
  return Array.from({ length: 10 }, (_, index) =>
    planOne({ number: numberOf(prefix, index), refused: REFUSED }),
  );
}

/** Calls that are up and busy for some seconds. */
function callsInProgress(prefix: string): readonly CallPlan[] {
  const plans: readonly Partial<CallPlan>[] = [
    { inCall: [{ afterMs: 3000, method: 'INVITE', by: 'caller' }] },
    { inCall: [{ afterMs: 3000, method: 'UPDATE', by: 'callee' }] },
    { inCall: [{ afterMs: 3000, method: 'INFO', by: 'caller' }] },
    { endedBy: 'callee', inCall: [{ afterMs: 3500, method: 'INVITE', by: 'callee' }] },
  ];
  return plans.map((plan, index) =>
    planOne({ ...plan, hold: 7500, ringMs: 100, number: numberOf(prefix, index) }),
  );
}
