import { after, test } from 'node:test';
import { decodeCallEvent, encodeCallEvent } from '@tandem/events';
import type { CallEventMessage } from '@tandem/events';
import { memoryLimits, redisLimits } from '@tandem/limits';
import type { LineLedger, LineUse, LiveBalances } from '@tandem/limits';
import { CallEvent } from '@tandem/proto/events';
import { FakeClock, redisForTest, SharedTime } from '@tandem/testing';
import fc from 'fast-check';
import { memoryCallStore } from '../../src/adapters/memory-call-store.ts';
import { redisCallStore } from '../../src/adapters/redis-call-store.ts';
import type { EdgeStore } from '../../src/ports.ts';
import {
  answerOf,
  endOf,
  origin,
  takeLines,
  writeAheadOf,
} from '../support/call-store-contract.ts';

const { redis, prefix, close } = await redisForTest();
after(close);
let opened = 0;

const OWNERS = ['3.77', '4.78', '5.79'];
const CALLS = ['call-1', 'call-2', 'call-3'];
const owner = fc.constantFrom(...OWNERS);
const callId = fc.constantFrom(...CALLS);
const flag = fc.boolean();
/** A ringing call and its record are in Redis for a quarter of an hour. */
const LONGEST_HISTORY_MS = 850_000;
const passes = [1300, 7300, 31_700, 66_100, 130_900];

interface Stores {
  readonly store: EdgeStore;
  readonly lines: LineLedger;
  readonly balances: LiveBalances;
}

/** One command: for the pods around the stores, or of either store. */
type Command =
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'live' | 'die' | 'drain'; readonly owner: string }
  | {
      readonly kind: 'ask';
      readonly text: string;
      readonly of: (stores: Stores) => Promise<unknown>;
    };

function ask<T>(
  name: string,
  values: fc.Arbitrary<T>,
  of: (stores: Stores, values: T) => Promise<unknown>,
): fc.Arbitrary<Command> {
  return values.map((value) => ({
    kind: 'ask',
    text: `${name} ${fc.stringify(value)}`,
    of: (stores) => of(stores, value),
  }));
}

const session = fc.record({
  kind: fc.constantFrom('endpoints', 'probes', 'none'),
  intervalMs: fc.constant(90_000),
  longestMs: fc.constantFrom(0, 200_000),
});

const toTag = fc.constantFrom(undefined, 'one', 'two');
const dialog = fc.record({
  farTag: fc.constantFrom('', 'one', 'two'),
  toTag: fc.constantFrom('', 'one', 'two'),
});

const end = fc.record({
  callId,
  owner: fc.option(owner, { nil: undefined }),
  hasEvent: flag,
  isWindingUp: flag,
  hasRecord: flag,
  endsAt: fc.constantFrom('limit', undefined),
  keptBackMs: fc.constantFrom(60_000, undefined),
  isHungUp: flag,
  inDialog: fc.option(
    fc.record({ from: fc.constantFrom('a', 'b'), farOrToTag: fc.constantFrom('', 'one', 'two') }),
    { nil: undefined },
  ),
});

const claim = fc.record({
  leastNanos: fc.bigInt({ min: 0n, max: 9n }),
  stepNanos: fc.bigInt({ min: 0n, max: 3n }),
  firstSeconds: fc.constantFrom(1, 60, 70),
  freeSeconds: fc.constantFrom(0, 10),
  nextSeconds: fc.constantFrom(1, 60),
});

type ClaimOf = typeof claim extends fc.Arbitrary<infer T> ? T : never;

function takeMoney(
  { lines }: Stores,
  [id, { leastNanos, ...increments }]: [string, ClaimOf],
): Promise<unknown> {
  const slices = { ...increments, rounding: 'half', sliceSeconds: 60 } as const;
  return lines.acquire({
    callId: id,
    fixed: [{ key: 'account:demo', limit: 0 }],
    choices: [],
    leaseMs: 240_000,
    balance: { account: 'demo', overdraftNanos: 0n, leastNanos, slices },
  });
}

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...passes).map((ms) => ({ kind: 'pass', ms }) as const) },
  fc.record({ kind: fc.constantFrom('live', 'die', 'drain'), owner }),
  ask('claim', fc.tuple(callId, owner), ({ store }, [id, by]) => store.claim(`tx-${id}`, id, by)),
  ask('findClaim', callId, ({ store }, id) => store.findClaim(`tx-${id}`)),
  ask('lines', callId, ({ lines }, id) => takeLines(lines, id)),
  { weight: 3, arbitrary: ask('money', fc.tuple(callId, claim), takeMoney) },
  ask(
    'balance',
    fc.tuple(fc.bigInt({ min: -5n, max: 400n }), fc.nat(9), fc.subarray(CALLS)),
    ({ balances }, [balance, version, ids]) =>
      balances.put(
        [{ account: 'demo', balance, version }],
        ids.map((id) => ({ account: 'demo', callId: id })),
      ),
  ),
  {
    weight: 4,
    arbitrary: ask('writeAhead', fc.tuple(callId, owner, flag), ({ store }, [id, by, hasToken]) =>
      store.writeAhead({
        ...writeAheadOf(id, by),
        ...(hasToken ? { tokenB: Buffer.of(7) } : {}),
      }),
    ),
  },
  {
    weight: 3,
    // The record of a call stands before its INVITE leaves, and so before an answer.
    arbitrary: ask('answer', fc.tuple(callId, owner, session, dialog), async ({ store }, asked) => {
      const [id, by, terms, answered] = asked;
      const isOwn = await store.writeAhead(writeAheadOf(id, by));
      return [isOwn, await store.answer({ ...answerOf(id, terms), owner: by, dialog: answered })];
    }),
  },
  {
    weight: 2,
    arbitrary: ask('end', end, ({ store }, { callId: id, owner: by, ...parts }) => {
      const event = CallEvent.fromPartial({ callId: id, startedMs: 9, origin });
      return store.end({
        ...endOf(id, parts.hasEvent ? event : undefined),
        owner: by,
        isWindingUp: parts.isWindingUp,
        record: parts.hasRecord ? Buffer.from('last') : undefined,
        endsAt: parts.endsAt,
        inDialog: parts.inDialog,
        keptBackMs: parts.keptBackMs,
        hangUp: parts.isHungUp ? { reason: 'Q.850;cause=31', forMs: 45_000 } : undefined,
      });
    }),
  },
  ask('adopt', fc.tuple(callId, owner), ({ store }, asked) => store.adopt(...asked)),
  ask('adoptOrphans', owner, ({ store }, by) => store.adoptOrphans(by, 100)),
  ask('forget', fc.tuple(callId, owner), ({ store }, asked) => store.forget(...asked)),
  ask('saveTokens', fc.tuple(callId, flag, flag, toTag), ({ store }, [id, hasA, hasB, tag]) =>
    store.saveTokens(
      id,
      { ...(hasA ? { a: Buffer.of(1) } : {}), ...(hasB ? { b: Buffer.of(2) } : {}) },
      tag,
    ),
  ),
  ask('tokens', fc.tuple(callId, toTag), ({ store }, asked) => store.tokens(...asked)),
  {
    weight: 3,
    arbitrary: ask('takeDue', owner, ({ store }, by) => store.takeDue(by, 100, 45_000)),
  },
  ask('handled', fc.tuple(callId, owner), ({ store }, asked) => store.handled(...asked)),
  ask('hungUp', fc.array(callId, { minLength: 1, maxLength: 2 }), ({ store }, callIds) =>
    store.hungUp(callIds),
  ),
  ask(
    'refresh',
    fc.tuple(callId, fc.constantFrom(undefined, 120_000, 'none' as const)),
    ({ store }, asked) => store.refresh(...asked),
  ),
  ask(
    'prove',
    fc.tuple(callId, fc.record({ isAck: flag, ageMs: fc.constantFrom(0, 5000) })),
    ({ store }, asked) => store.prove(...asked),
  ),
  { weight: 3, arbitrary: ask('repeated', callId, ({ store }, id) => store.repeated(id)) },
  ask('conclude', fc.tuple(callId, flag), async ({ store }, asked) => {
    return (await store.conclude(...asked)) ?? 'none';
  }),
  ask(
    'number',
    fc.tuple(callId, fc.constantFrom('a', 'b'), fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined })), // prettier-ignore
    ({ store }, asked) => store.number(...asked),
  ),
  ask('claimDue', fc.constant(20_000), ({ store }, forMs) => store.claimDue(100, forMs)),
  ask('settle', callId, ({ store }, id) => store.settle([`${id}.answered.1`, `${id}.ended.1`])),
  ask('amend', fc.tuple(callId, fc.constantFrom('answered', 'ended')), ({ store }, [id, type]) =>
    store.amend(`${id}.${type}.1`, encodeCallEvent(CallEvent.fromPartial({ edge: 'edge-9' }))),
  ),
  ask('ended', fc.constant(CALLS), ({ store }, ids) => store.ended(ids)),
  ask('reconcile', fc.constant(undefined), ({ store }) => store.reconcile()),
);

/** What can be seen of a store from outside. */
async function visible({ store, lines, balances }: Stores): Promise<unknown> {
  const { callIds, total } = await store.list(10);
  return {
    calls: (await Promise.all(callIds.map((id) => store.get(id)))).filter(Boolean),
    total,
    got: await Promise.all(CALLS.map((id) => store.get(id))),
    tokens: await Promise.all(CALLS.map((id) => store.tokens(id))),
    claims: await Promise.all(CALLS.map((id) => store.findClaim(`tx-${id}`))),
    outbox: (await store.outbox()).length,
    lines: await lines.list(),
    reserved: (await balances.reserved(['demo']))[0]?.total,
    uncharged: (await balances.uncharged(0, 10)).map(({ callId: id }) => id).sort(),
  };
}

test('CALL-05 CALL-06 ROUTE-05 BILL-03 the stores of calls in Redis and in memory say and hold the same, whatever is asked of them', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(command, { minLength: 10, maxLength: 60, size: 'max' }),
      async (history) => {
        await play(history);
      },
    ),
    { numRuns: 300, interruptAfterTimeLimit: 7000, markInterruptAsFailure: false },
  );
});

async function play(history: readonly Command[]): Promise<void> {
  opened += 1;
  const own = `${prefix}-${String(opened)}`;
  const time = new SharedTime(redis, `{${own}}`);
  const pods = new Pods(own);
  const { balances, lines } = memoryLimits({ now: () => time.now() });
  const clock = Object.assign(new FakeClock(), { now: () => time.now() });
  const memory = { store: memoryCallStore(clock, lines, pods), lines, balances };
  const real = {
    store: redisCallStore(redis, own),
    ...redisLimits({ redis, prefix: own }),
  };
  await pods.tellRedis();
  let passedMs = 0;
  const all = { kind: 'ask', text: 'what is visible in the end', of: visible } as const;
  for (const each of [...history, all]) {
    if (each.kind === 'pass') {
      passedMs += each.ms;
      if (passedMs < LONGEST_HISTORY_MS) await time.pass(each.ms);
    } else if (each.kind !== 'ask') pods.change(each);
    await pods.tellRedis();
    if (each.kind !== 'ask') continue;
    await time.catchUp();
    const inMemory = comparable(await each.of(memory));
    time.assertSame(comparable(await each.of(real)), inMemory, each.text);
  }
}

/** Who lives, for both stores. */
class Pods {
  readonly #dead = new Set<string>();
  readonly #draining = new Set<string>();
  readonly #prefix: string;

  constructor(prefixOfKeys: string) {
    this.#prefix = prefixOfKeys;
  }

  readonly isAlive = (pod: string): boolean => !this.#dead.has(pod);
  readonly isDraining = (pod: string): boolean => this.#draining.has(pod);

  change({
    kind,
    owner: pod,
  }: {
    readonly kind: 'live' | 'die' | 'drain';
    readonly owner: string;
  }): void {
    this.#dead.delete(pod);
    this.#draining.delete(pod);
    if (kind === 'die') this.#dead.add(pod);
    if (kind === 'drain') this.#draining.add(pod);
  }

  /** Leases are moments too, which pass. */
  async tellRedis(): Promise<void> {
    for (const pod of OWNERS) {
      const leaseMs = this.isAlive(pod) ? 600_000 : -1;
      await redis.zadd(`{${this.#prefix}}:pods`, Date.now() + leaseMs, pod);
      await redis.hset(`{${this.#prefix}}:pod-info`, pod, this.isDraining(pod) ? 'd{}' : '-{}');
    }
  }
}

/** Events as they are read, and lists in an order that does not depend on a ms. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) {
    const parts: readonly unknown[] = value;
    const hasNames = parts.every((part) => nameOf(part) !== undefined);
    const ordered = hasNames ? parts.toSorted((a, b) => ((nameOf(a) ?? '') < (nameOf(b) ?? '') ? -1 : 1)) : parts; // prettier-ignore
    return ordered.map(comparable);
  }
  if (Buffer.isBuffer(value)) return value.toString('latin1');
  if (typeof value !== 'object' || value === null) return value;
  if ('bytes' in value) {
    const { eventId, bytes } = value as CallEventMessage;
    return { id: eventId, event: decodeCallEvent(bytes) };
  }
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, comparable(part)]));
}

function nameOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { eventId, callId: id, key } = value as Partial<CallEventMessage & LineUse>;
  return eventId ?? id ?? key;
}
