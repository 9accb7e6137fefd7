import { after, test } from 'node:test';
import { silentLogger } from '@tandem/service';
import { redisForTest, SharedTime } from '@tandem/testing';
import fc from 'fast-check';
import { MemoryPods } from '../../src/adapters/memory-pod-registry.ts';
import { redisPodRegistry } from '../../src/adapters/redis-pod-registry.ts';
import type { PodRegistry } from '../../src/ports.ts';

const { redis, prefix, close } = await redisForTest();
after(close);

const logger = silentLogger();
/** What a renewal and a join after it send, one behind the other. */
const ROUND_TRIPS = 6;
/** Less often than pods do it, and often enough for a lease of 1500 ms. */
const RENEW_MS = 800;
const PROCESSES = [0, 1, 2, 3];
/** Two have an address in common: whoever joins with it later is the same pod, started again. */
const ADDRESSES = ['10.0.0.1:5060', '10.0.0.2:5060', '10.0.0.3:5060', '10.0.0.3:5060'];
let opened = 0;

interface Place {
  readonly slot: number;
  readonly epoch: number;
}

type Command =
  | { readonly kind: 'pass'; readonly ms: number }
  | {
      readonly kind: 'join' | 'drain' | 'leave' | 'pause' | 'wake' | 'kill';
      readonly process: number;
    };

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      // No sum of them comes near to the 1500 ms of a lease, where a slow machine would decide.
      ms: fc.constantFrom(800, 2400),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom('join', 'join', 'drain', 'leave', 'pause', 'pause', 'wake', 'kill'),
      process: fc.constantFrom(...PROCESSES),
    }),
  },
);

const DRAINED_UNDER_A_NEW_PLACE: Command[] = [
  { kind: 'join', process: 0 },
  { kind: 'drain', process: 0 },
  { kind: 'pause', process: 0 },
  { kind: 'pass', ms: 2400 },
  { kind: 'join', process: 1 },
  { kind: 'wake', process: 0 },
];

test('CALL-06 edge.md §3 the registries of pods in Redis and in memory say the same of who lives, whatever happens to them', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 40, size: 'max' }), play),
    {
      examples: [[DRAINED_UNDER_A_NEW_PLACE]],
      numRuns: 300,
      interruptAfterTimeLimit: 7000,
      markInterruptAsFailure: false,
    },
  );
});

async function play(history: readonly Command[]): Promise<void> {
  opened += 1;
  const world = new World(`${prefix}-${String(opened)}`);
  try {
    for (const [at, each] of history.entries()) {
      await world.change(each);
      await renewAll(world.running.values());
      const what = `${String(at)}: ${fc.stringify(history.slice(0, at + 1))}`;
      for (const pod of world.running.values()) pod.assertSame(world.time, what);
    }
  } finally {
    await world.stop();
  }
}

/** The processes that are pods, by their number. */
class World {
  readonly time: SharedTime;
  readonly running = new Map<number, Pod>();
  readonly #dead: Pod[] = [];
  readonly #keys: string;
  readonly #memory: MemoryPods;

  constructor(keys: string) {
    this.#keys = keys;
    this.time = new SharedTime(redis, `{${keys}}`);
    this.#memory = new MemoryPods({ now: () => this.time.now() }, 1);
  }

  async change(each: Command): Promise<void> {
    await this.time.catchUp();
    if (each.kind === 'pass') await this.#pass(each.ms);
    else if (each.kind === 'join') await this.#join(each.process);
    else await this.#end(each.kind, each.process);
  }

  async stop(): Promise<void> {
    for (const pod of [...this.running.values(), ...this.#dead]) await pod.stop();
  }

  async #pass(ms: number): Promise<void> {
    for (let leftMs = ms; leftMs > 0; leftMs -= RENEW_MS) {
      await this.time.pass(RENEW_MS);
      await renewAll(this.running.values());
    }
  }

  async #join(process: number): Promise<void> {
    if (this.running.has(process)) return;
    const address = ADDRESSES[process] ?? '';
    for (const other of PROCESSES) if (ADDRESSES[other] === address) this.#bury(other);
    const pod = new Pod(this.#memory, this.#keys);
    await pod.join(`edge-${String(process)}`, address);
    this.running.set(process, pod);
  }

  /** Who is paused says nothing, and has to wake up before it can drain or leave. */
  async #end(kind: 'drain' | 'leave' | 'pause' | 'wake' | 'kill', process: number): Promise<void> {
    const pod = this.running.get(process);
    if (pod === undefined) return;
    if (kind === 'pause' || kind === 'kill') pod.pause();
    else await pod.wake();
    if (kind === 'drain') await pod.drain();
    if (kind === 'leave') await pod.leave();
    if (kind === 'leave' || kind === 'kill') this.#bury(process);
  }

  #bury(process: number): void {
    const pod = this.running.get(process);
    if (pod !== undefined) this.#dead.push(pod);
    this.running.delete(process);
  }
}

/** One pod in both registries: whether it runs or sleeps is decided here, and so when it renews its lease. */
class Pod {
  readonly #memory: MemoryPods;
  readonly #inMemory: PodRegistry;
  readonly #inRedis: PodRegistry;
  /** Where it was told that it has its place now, by either registry. */
  readonly #told: { readonly memory: string[]; readonly redis: string[] } = {
    memory: [],
    redis: [],
  };
  #renewSoon: () => void = () => undefined;
  #memoryPlace: Place = { slot: -1, epoch: -1 };
  #redisPlace: Place = { slot: -1, epoch: -1 };
  #isPaused = false;

  constructor(memory: MemoryPods, keys: string) {
    this.#memory = memory;
    this.#inMemory = memory.registry();
    this.#inRedis = redisPodRegistry(redis, keys, logger);
    this.#inMemory.onLost((place) => {
      this.#told.memory.push(toldOf(this.#memoryPlace, place));
      this.#memoryPlace = place;
    });
    this.#inRedis.onLost((place) => {
      this.#told.redis.push(toldOf(this.#redisPlace, place));
      this.#redisPlace = place;
    });
  }

  async join(name: string, address: string): Promise<void> {
    const pod = { name, role: 'both', address } as const;
    this.#memoryPlace = await this.#inMemory.join(pod);
    const renewals = takingIntervals();
    try {
      this.#redisPlace = await this.#inRedis.join(pod);
    } finally {
      this.#renewSoon = renewals.restore();
    }
  }

  /** Renews the lease in Redis, as a pod does that runs; the one in memory lasts as long as its pod runs. */
  renew(): void {
    if (!this.#isPaused) this.#renewSoon();
  }

  pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#memory.lapse(ownerOf(this.#memoryPlace));
  }

  async wake(): Promise<void> {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#memory.revive(ownerOf(this.#memoryPlace));
    await renewAll([this]);
  }

  async drain(): Promise<void> {
    await this.#inMemory.drain();
    await this.#inRedis.drain();
  }

  async leave(): Promise<void> {
    await this.#inMemory.leave();
    await this.#inRedis.leave();
  }

  async stop(): Promise<void> {
    await this.#inRedis.leave();
  }

  /** Unless the pod sleeps, and knows nothing new. */
  assertSame(time: SharedTime, what: string): void {
    if (this.#isPaused) return;
    time.assertSame(
      { pods: this.#inRedis.pods().map(withoutEpoch), told: this.#told.redis },
      { pods: this.#inMemory.pods().map(withoutEpoch), told: this.#told.memory },
      what,
    );
  }
}

/** Returns when all that the renewals led to is over: answers come in the order of the questions. */
async function renewAll(pods: Iterable<Pod>): Promise<void> {
  for (const pod of pods) pod.renew();
  for (let trip = 0; trip < ROUND_TRIPS; trip += 1) await redis.ping();
}

/** Keeps what is to be done at an interval until it is asked for. */
function takingIntervals(): { restore(): () => void } {
  const former = globalThis.setInterval;
  let taken: () => void = () => undefined;
  globalThis.setInterval = ((work: () => void) => {
    taken = work;
    return undefined;
  }) as unknown as typeof setInterval;
  return {
    restore: () => {
      globalThis.setInterval = former;
      return taken;
    },
  };
}

/** Epochs count up in memory and go with the time in Redis: whether it is another one is what counts. */
function toldOf(before: Place, now: Place): string {
  return `${String(now.slot)} ${before.epoch === now.epoch ? 'again' : 'anew'}`;
}

function withoutEpoch(pod: Place): object {
  return { ...pod, epoch: 0 };
}

function ownerOf({ slot, epoch }: Place): string {
  return `${String(slot)}.${String(epoch)}`;
}
