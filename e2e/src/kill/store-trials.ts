import { setTimeout as sleep } from 'node:timers/promises';
import type { OwnKafka, OwnRedis } from '@tandem/testing';
import { everyKind, planCalls } from '../load/call-plan.ts';
import { residentMegabytes } from '../resident-memory.ts';
import { callsInEveryState } from './calls-in-every-state.ts';
import type { KillBench } from './kill-bench.ts';
import { placeStanding, RECOVERED_MS, refusedCalls, type StandingCallsOptions } from './trials.ts';

/** How long Kafka is away and what goes on meanwhile. */
export interface KafkaAwayOptions {
  readonly awayMs: number;
  readonly perSecond: number;
  readonly seed: number;
  readonly prefix: string;
}

const PER_SECOND = 20;
const MARGIN_MS = 3000;
const SAMPLES = 10;

/**
 * Redis is killed with calls up and comes back empty: new calls are refused meanwhile, some calls end while it is away, the
 * others after it (edge.md §5).
 */
export async function redisEmptied(
  bench: KillBench,
  redis: OwnRedis,
  options: StandingCallsOptions,
): Promise<void> {
  const { calls, prefix, awayMs } = options;
  await placeStanding(bench, { ...options, prefix: `${prefix}1` });
  await redis.kill();
  await bench.run(`${prefix}2`, refusedCalls(`${prefix}2`));
  await bench.load.hangUp({ by: 'each-half', perSecond: 100, most: Math.floor(calls / 5) });
  await sleep(awayMs);
  await redis.start();
  await sleep(RECOVERED_MS);
  await bench.load.place(callsInEveryState(`${prefix}3`), { perSecond: PER_SECOND });
  await bench.load.hangUp({ by: 'each-half' });
}

/**
 * Kafka is killed under load and comes back: the outbox holds what it missed (edge.md §5).
 * @returns resident memory of the edge that takes the most, in megabytes, at ten moments while Kafka is away
 */
export async function kafkaAway(
  bench: KillBench,
  kafka: OwnKafka,
  { awayMs, perSecond, seed, prefix }: KafkaAwayOptions,
): Promise<readonly number[]> {
  const count = Math.round((perSecond * (awayMs + 2 * MARGIN_MS)) / 1000);
  const plans = planCalls({ count, seed, mix: everyKind, prefix });
  const placed = bench.load.place(plans, { perSecond });
  await sleep(MARGIN_MS);
  await kafka.kill();
  const megabytes: number[] = [];
  while (megabytes.length < SAMPLES) {
    await sleep(awayMs / SAMPLES);
    megabytes.push(Math.max(...(await edgeMegabytes(bench))));
  }
  await kafka.start();
  await placed;
  return megabytes;
}

async function edgeMegabytes(bench: KillBench): Promise<readonly number[]> {
  const pids = bench.pods.map((name) => bench.cluster.processes.get(name)?.pid ?? 0);
  return Promise.all(pids.map((pid) => residentMegabytes(pid)));
}
