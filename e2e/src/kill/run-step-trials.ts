import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../until.ts';
import { callsInEveryState } from './calls-in-every-state.ts';
import type { KillBench } from './kill-bench.ts';
import { prefixOf, type StepTrial } from './step-trials.ts';

/** What a trial of one step began with. */
export interface StepResult {
  readonly prefix: string;
  /** Whether a pod died there, and at the second step where there is one. */
  readonly hasFired: boolean;
}

const PER_SECOND = 20;
const FIRES_WITHIN_MS = 10_000;
/** As at random (edge.md §9): a call whose every pod dies before it has been found again is given up by its carrier's timer. */
const DEATH_EVERY_MS = 3000;

/** Goes through the steps, one death after the other; calls of one may still be up at the next. */
export async function runStepTrials(
  bench: KillBench,
  trials: readonly StepTrial[],
): Promise<readonly StepResult[]> {
  const results: StepResult[] = [];
  for (const [index, trial] of trials.entries()) {
    const prefix = prefixOf(index);
    results.push({ prefix, hasFired: await runOne(bench, trial, prefix) });
  }
  return results;
}

async function runOne(
  bench: KillBench,
  { step, then, calls = callsInEveryState, hinder }: StepTrial,
  prefix: string,
): Promise<boolean> {
  const armed = [step, ...(then === undefined ? [] : [then])];
  for (const name of armed) await bench.arm(name);
  hinder?.(bench);
  const placed = bench.load.place(calls(prefix), { perSecond: PER_SECOND });
  const hasFired = await until(
    `pods die at ${armed.join(' and ')}`,
    () => armed.every((name) => bench.hasFired(name)),
    { timeoutMs: FIRES_WITHIN_MS },
  ).catch(() => false);
  const next = sleep(DEATH_EVERY_MS);
  for (const name of armed) await bench.disarm(name);
  await placed;
  await bench.cluster.cluster.ready();
  await next;
  return hasFired;
}
