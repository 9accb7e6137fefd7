import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoint } from '@tandem/sip';
import type { RunningSwitch } from '../running-switch.ts';
import { planCalls } from '../load/call-plan.ts';
import type { CallPlan } from '../load/call-plan.ts';
import type { CallRecord } from '../load/call-record.ts';
import type { Load } from '../load/start-load.ts';
import type { OverloadView } from '../switch-api.ts';
import { until } from '../until.ts';
import { usualMix } from './flood-messages.ts';
import { FloodSink } from './flood-sink.ts';
import { Flood } from './flood.ts';
import type { FloodCounts } from './flooder.ts';

/** What an overload is tried with. */
export interface OverloadRunOptions {
  readonly running: Pick<RunningSwitch, 'api' | 'sip'>;
  readonly load: Load;
  /** Calls that are up all the time. */
  readonly standing: number;
  /** Calls a second at which the capacity is looked for, rising. */
  readonly rates: readonly number[];
  /** Of each of them, seconds. */
  readonly stepS: number;
  readonly floodS: number;
  /**
   * Whether the capacity is looked for once more while as much is sent to a socket that nobody reads: what the generator takes of
   * the machine is none of the switch's. @default false
   */
  readonly isBesideMeasured?: boolean;
  /** Told every half second. @default nobody is */
  readonly onSample?: (sample: OverloadSample) => void;
}

/** The switch at one moment of a run. */
export interface OverloadSample {
  /** Since the flood began, seconds; before it, below 0. */
  readonly atS: number;
  /** Calls that were placed and answered in all, and those that are up. */
  readonly placed: number;
  readonly answered: number;
  readonly up: number;
  /** Messages of the flood in all. */
  readonly flooded: number;
  readonly overload: OverloadView | undefined;
}

/** What a run has shown. */
export interface OverloadResult {
  /** Calls a second that were answered at the best rate without a flood. */
  readonly capacity: number;
  /** The same while the flood went elsewhere; as `capacity` where that was not looked for. */
  readonly besideCapacity: number;
  /** Messages a second that the flood sent, and calls a second that were answered meanwhile. */
  readonly floodPerSecond: number;
  readonly answeredPerSecond: number;
  /** How long the callers themselves stood still meanwhile, seconds in all. */
  readonly callersStoodStillS: number;
  readonly flood: FloodCounts;
  /** The calls that were up all the time. */
  readonly standing: readonly CallRecord[];
  /** Calls that were placed from five seconds after the flood on, and how many of these were answered. */
  readonly after: { readonly placed: number; readonly answered: number };
  readonly samples: readonly OverloadSample[];
}

/** Ten times what the switch can take. */
const TIMES = 10;
const SAMPLE_MS = 500;
const AFTER_MS = 5000;
const BESIDE_SHARES = [1, 0.9, 0.8, 0.7, 0.6];
const AFTER_RATE = 20;
const AFTER_CALLS = 60;
/** A rate is held where so many of its calls are answered. */
const HELD = 0.97;
/** From the last INVITE of a step until its calls must have been answered. */
const SETTLE_MS = 1500;
const HANG_UP_MS = 20_000;
const sources = Array.from({ length: 8 }, (_, at) => `127.0.1.${String(at + 1)}`);
const prefixes = {
  standing: '4470',
  steps: '4471',
  flooded: '4472',
  after: '4473',
  beside: '4474',
};

/** Measures what a switch can take, gives it ten times as much, and looks at what becomes of its calls (CALL-11). */
export async function runOverload(options: OverloadRunOptions): Promise<OverloadResult> {
  const { load, running } = options;
  await placeStanding(options);
  const capacity = await measureCapacity(options);
  const isBeside = options.isBesideMeasured === true;
  const besideCapacity = isBeside ? await measureBeside(options, capacity) : capacity;
  const samples = new Samples(options);
  const flood = await startFlood(running.sip, capacity);
  try {
    samples.start(flood);
    const before = await load.snapshot(prefixes.flooded);
    const startedMs = performance.now();
    const plans = shortCalls(prefixes.flooded, capacity * options.floodS);
    await load.place(plans, { perSecond: capacity });
    const { answered, stoodStillMs } = await load.snapshot(prefixes.flooded);
    const seconds = (performance.now() - startedMs) / 1000;
    const counts = await flood.end();
    await sleep(AFTER_MS);
    const after = await placeAfter(load);
    const standing = await hangUpStanding(load);
    return {
      capacity,
      besideCapacity,
      floodPerSecond: counts.sent / seconds,
      answeredPerSecond: (answered - before.answered) / seconds,
      callersStoodStillS: (stoodStillMs - before.stoodStillMs) / 1000,
      flood: counts,
      standing,
      after,
      samples: await samples.stop(),
    };
  } finally {
    await samples.stop();
    await flood.close();
  }
}

async function placeStanding({ load, standing }: OverloadRunOptions): Promise<void> {
  const prefix = prefixes.standing;
  const plans = planCalls({
    count: standing,
    seed: 1,
    mix: { answers: 1 },
    holdMs: 'told',
    ringMs: [50, 100],
    prefix,
  });
  await load.place(plans, { perSecond: 20 });
  await until('calls are up', async () => (await load.snapshot(prefix)).up >= standing);
}

function startFlood(target: Endpoint, capacity: number): Promise<Flood> {
  return Flood.start({ target, perSecond: capacity * TIMES, mix: usualMix, sources });
}

/** The most calls a second that were answered at a rate of a ladder; it is climbed until a rate is not held. */
async function measureCapacity({ load, rates, stepS }: OverloadRunOptions): Promise<number> {
  let best = 0;
  for (const [at, rate] of rates.entries()) {
    const prefix = `${prefixes.steps}${String(at).padStart(2, '0')}`;
    const { perSecond, isHeld } = await tryRate(load, { prefix, rate, stepS });
    best = Math.max(best, perSecond);
    if (!isHeld) break;
  }
  return Math.round(best);
}

/** The same from above: the first rate that is held beside the generator, or the most that was answered. */
async function measureBeside(
  { load, stepS }: OverloadRunOptions,
  capacity: number,
): Promise<number> {
  const sink = await FloodSink.open();
  const flood = await startFlood(sink.endpoint, capacity);
  try {
    let best = 0;
    for (const [at, share] of BESIDE_SHARES.entries()) {
      const prefix = `${prefixes.beside}${String(at).padStart(2, '0')}`;
      const step = { prefix, rate: Math.round(capacity * share), stepS };
      const { perSecond, isHeld } = await tryRate(load, step);
      best = Math.max(best, perSecond);
      if (isHeld) break;
    }
    return Math.round(best);
  } finally {
    await flood.close();
    await sink.close();
  }
}

async function tryRate(
  load: Load,
  {
    prefix,
    rate,
    stepS,
  }: { readonly prefix: string; readonly rate: number; readonly stepS: number },
): Promise<{ readonly perSecond: number; readonly isHeld: boolean }> {
  const startedMs = performance.now();
  await load.place(shortCalls(prefix, rate * stepS), { perSecond: rate });
  const seconds = (performance.now() - startedMs) / 1000;
  await sleep(SETTLE_MS);
  const { answered, placed } = await load.snapshot(prefix);
  const perSecond = answered / seconds;
  return { perSecond, isHeld: answered >= placed * HELD && perSecond >= rate * HELD };
}

async function placeAfter(load: Load): Promise<OverloadResult['after']> {
  await load.place(shortCalls(prefixes.after, AFTER_CALLS), { perSecond: AFTER_RATE });
  await load.untilOver({ prefix: prefixes.after, timeoutMs: HANG_UP_MS });
  const { placed, answered } = await load.snapshot(prefixes.after);
  return { placed, answered };
}

async function hangUpStanding(load: Load): Promise<readonly CallRecord[]> {
  const prefix = prefixes.standing;
  await load.hangUp({ by: 'each-half' });
  await load.untilOver({ prefix, timeoutMs: HANG_UP_MS });
  const { calls } = await load.report();
  return calls.filter(({ plan }) => plan.number.startsWith(prefix));
}

function shortCalls(prefix: string, count: number): readonly CallPlan[] {
  return planCalls({
    count: Math.ceil(count),
    seed: 7,
    mix: { answers: 1 },
    holdMs: [300, 600],
    ringMs: [20, 60],
    prefix,
  });
}

/** Looks at load, flood and switch until stopped. */
class Samples {
  readonly #options: OverloadRunOptions;
  readonly #samples: OverloadSample[] = [];
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: OverloadRunOptions) {
    this.#options = options;
  }

  start(flood: Flood): void {
    const startedMs = performance.now();
    this.#timer = setInterval(() => {
      const atS = (performance.now() - startedMs) / 1000;
      this.#running = this.#running.then(() => this.#take(atS, flood));
    }, SAMPLE_MS);
  }

  async stop(): Promise<readonly OverloadSample[]> {
    clearInterval(this.#timer);
    await this.#running;
    return this.#samples;
  }

  async #take(atS: number, flood: Flood): Promise<void> {
    const { load, onSample, running } = this.#options;
    const [calls, counts, status] = await Promise.all([
      load.snapshot(),
      flood.counts().catch(() => undefined),
      // An edge under a flood may be slow to tell; the sample has no figures of it then.
      running.api.status().catch(() => undefined),
    ]);
    const { placed, answered, up } = calls;
    const sample = {
      atS,
      placed,
      answered,
      up,
      flooded: counts?.sent ?? 0,
      overload: status?.overload ?? undefined,
    };
    this.#samples.push(sample);
    onSample?.(sample);
  }
}
