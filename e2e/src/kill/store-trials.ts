import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { OwnKafka, OwnRedis } from '@tandem/testing';
import { everyKind, planCalls, planOne, type CallPlan } from '../load/call-plan.ts';
import type { KillBench } from './kill-bench.ts';
import { callsInEveryState } from './step-trials.ts';
import {
  judged,
  onBench,
  placeStanding,
  type StandingCallsOptions,
  type TrialResult,
} from './trials.ts';

/** A trial in which memory is looked at. */
export interface MemoryResult extends TrialResult {
  /** The most that the resident memory of one edge grew by. */
  readonly grownMegabytes: number;
}

const REFUSED = { code: 503, reason: 'ServiceUnavailable' };
const PER_SECOND = 20;

/** Redis is killed and comes back empty while calls are up (edge.md §5). */
export async function redisEmptied({
  calls,
  seed,
  awayMs,
}: StandingCallsOptions): Promise<TrialResult> {
  const redis = await OwnRedis.start();
  try {
    const stores = { redisUrl: redis.url };
    return await onBench({ cluster: { stores } }, async (bench) => {
      await placeStanding(bench, { count: calls, seed });
      await redis.kill();
      await bench.run('4420', refusedCalls('4420'));
      // Some end while the store is away, the rest after it has come back with nothing in it.
      await bench.load.hangUp({ by: 'each-half', perSecond: 100, most: Math.floor(calls / 5) });
      await sleep(awayMs);
      await redis.start();
      await bench.untilReady();
      await bench.load.place(callsInEveryState('4430'), { perSecond: PER_SECOND });
      await bench.load.hangUp({ by: 'each-half' });
      return judged(bench, 1);
    });
  } finally {
    await redis.close();
  }
}

/** How long Kafka is away and what goes on meanwhile. */
export interface KafkaAwayOptions {
  readonly awayMs: number;
  readonly perSecond: number;
  readonly seed: number;
}

const BEFORE_MS = 3000;
const CAUGHT_UP_WITHIN_MS = 90_000;

/** Kafka is killed under load and comes back: the outbox holds what it missed (edge.md §5). */
export async function kafkaAway(options: KafkaAwayOptions): Promise<MemoryResult> {
  const { awayMs, perSecond, seed } = options;
  const kafka = await OwnKafka.start();
  try {
    const stores = { kafkaBrokers: kafka.brokers.join(',') };
    return await onBench({ cluster: { stores } }, async (bench) => {
      const seconds = (awayMs + 2 * BEFORE_MS) / 1000;
      const count = Math.round(perSecond * seconds);
      const placed = bench.load.place(planCalls({ count, seed, mix: everyKind }), { perSecond });
      await sleep(BEFORE_MS);
      const before = await edgeMegabytes(bench);
      await kafka.kill();
      await sleep(awayMs);
      const after = await edgeMegabytes(bench);
      await kafka.start();
      await placed;
      const result = await judged(bench, 1, CAUGHT_UP_WITHIN_MS);
      const grown = after.map((megabytes, index) => megabytes - (before[index] ?? 0));
      return { ...result, grownMegabytes: Math.max(...grown) };
    });
  } finally {
    await kafka.close();
  }
}

/** Auth or routing is away: new calls are refused, calls in progress do not notice (edge.md §5). */
export async function serviceAway(service: 'auth' | 'routing'): Promise<TrialResult> {
  return onBench({}, async (bench) => {
    const { cluster } = bench.cluster;
    await bench.load.place(callsInProgress('4410'), { perSecond: PER_SECOND });
    await bench.untilUp(callsInProgress('4410').length);
    await cluster.end(service, 'SIGKILL');
    // A phone could not even be challenged without auth.
    await bench.run('4420', refusedCalls('4420'));
    await bench.load.untilOver({ prefix: '4410', timeoutMs: IN_PROGRESS_MS });
    await cluster.startAgain(service);
    await bench.untilReady();
    await bench.load.place(callsInEveryState('4430'), { perSecond: PER_SECOND });
    return judged(bench, 1);
  });
}

const IN_PROGRESS_MS = 20_000;
const PAUSED_MS = 4000;

/** Each pod in turn is paused for longer than its lease, and goes on as if nothing had been (edge.md §5). */
export async function falseDeaths(): Promise<TrialResult> {
  return onBench({}, async (bench) => {
    const { cluster } = bench.cluster;
    for (const [index, name] of bench.pods.entries()) {
      await bench.load.place(callsInEveryState(`44${String(index + 10)}`), {
        perSecond: PER_SECOND,
      });
      cluster.kill(name, 'SIGSTOP');
      await sleep(PAUSED_MS);
      cluster.kill(name, 'SIGCONT');
      await bench.untilReady();
    }
    return judged(bench, bench.pods.length);
  });
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
    planOne({ ...plan, hold: 6000, ringMs: 100, number: numberOf(prefix, index) }),
  );
}

function refusedCalls(prefix: string): readonly CallPlan[] {
  return Array.from({ length: 10 }, (_, index) =>
    planOne({ number: numberOf(prefix, index), refused: REFUSED }),
  );
}

function numberOf(prefix: string, index: number): string {
  return prefix + String(index).padStart(12 - prefix.length, '0');
}

async function edgeMegabytes(bench: KillBench): Promise<readonly number[]> {
  const pids = bench.pods.map((name) => bench.cluster.processes.get(name)?.pid ?? 0);
  return Promise.all(pids.map((pid) => residentMegabytes(pid)));
}

async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
}
