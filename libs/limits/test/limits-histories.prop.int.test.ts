import { after, test } from 'node:test';
import { redisForTest, SharedTime } from '@tandem/testing';
import fc from 'fast-check';
import { memoryLimits, redisLimits } from '../src/index.ts';
import type { LineUse, Limits } from '../src/index.ts';

const { redis, prefix, close } = await redisForTest();
after(close);
let opened = 0;

const callId = fc.constantFrom('c1', 'c2', 'c3', 'c4');
const account = fc.constantFrom('demo', 'other');
const key = fc.constantFrom('account:demo', 'phone:1', 'routing-gateway:a', 'routing-gateway:b', 'group:g'); // prettier-ignore
const keys = fc.uniqueArray(key, { maxLength: 3 });
const lineClaim = fc.record({ key, limit: fc.nat(3) });
const rateClaim = fc.record({ key, limit: fc.integer({ min: 1, max: 3 }), per: fc.constant('second' as const) }); // prettier-ignore
const reservedClaim = fc.record({ key, limit: fc.constant(3), reserved: fc.nat(3) });
const claim = fc.oneof({ arbitrary: lineClaim, weight: 3 }, rateClaim, reservedClaim);
const claims = fc.uniqueArray(claim, {
  maxLength: 3,
  selector: (each) => `${each.key} ${String('per' in each)}`,
});
const choices = fc.array(claims, { maxLength: 3 });
// No sum of the times that pass below is near one of these.
const leaseMs = fc.constantFrom(5000, 60_000);
const nanos = fc.oneof(
  fc.bigInt({ min: -30n, max: 30n }),
  fc.bigInt({ min: -(10n ** 21n), max: 10n ** 21n }),
);
const leastNanos = fc.oneof(
  fc.bigInt({ min: 0n, max: 30n }),
  fc.bigInt({ min: 0n, max: 10n ** 21n }),
);
const slices = fc.record({
  stepNanos: fc.oneof(fc.bigInt({ min: 0n, max: 5n }), fc.bigInt({ min: 0n, max: 10n ** 20n })),
  firstSeconds: fc.constantFrom(1, 6, 60, 70),
  freeSeconds: fc.constantFrom(0, 10),
  nextSeconds: fc.constantFrom(1, 6, 60),
  rounding: fc.constantFrom('up', 'half', 'down'),
  sliceSeconds: fc.constantFrom(10, 60),
});
const balance = fc.option(
  fc.record({
    account,
    overdraftNanos: nanos,
    leastNanos,
    slices: fc.option(slices, { nil: undefined }),
  }),
  { nil: undefined },
);
const request = fc.record({ callId, fixed: claims, choices, balance });

/** One command, of either adapter. */
type Command =
  | { readonly kind: 'pass'; readonly ms: number }
  | {
      readonly kind: 'ask';
      readonly text: string;
      readonly of: (limits: Limits) => Promise<unknown>;
    };

function ask<T>(
  name: string,
  values: fc.Arbitrary<T>,
  of: (limits: Limits, values: T) => Promise<unknown>,
): fc.Arbitrary<Command> {
  return values.map((value) => ({
    kind: 'ask',
    text: `${name} ${fc.stringify(value)}`,
    of: (limits) => of(limits, value),
  }));
}

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.constantFrom(310, 7300, 25_100, 70_700).map((ms) => ({ kind: 'pass', ms }) as const),
  ask('acquire', fc.tuple(request, leaseMs), ({ lines }, [asked, lease]) =>
    lines.acquire({ ...asked, leaseMs: lease }),
  ),
  ask('acquire', fc.tuple(request, leaseMs), ({ lines }, [asked, lease]) =>
    lines.acquire({ ...asked, balance: undefined, leaseMs: lease }),
  ),
  ask('peek', request, ({ lines }, asked) => lines.peek(asked)),
  ask(
    'advance',
    fc.record({ callId, keep: keys, release: keys, choices, leaseMs }),
    ({ lines }, asked) => lines.advance(asked),
  ),
  ask('renew', fc.tuple(callId, keys, leaseMs), ({ lines }, asked) => lines.renew(...asked)),
  ask('release', fc.tuple(callId, keys), ({ lines }, asked) => lines.release(...asked)),
  ask('set', fc.tuple(account, nanos), ({ balances }, asked) => balances.set(new Map([asked]))),
  ask(
    'put',
    fc.tuple(
      fc.array(fc.record({ account, balance: nanos, version: fc.nat(5) }), { maxLength: 3 }),
      fc.array(fc.record({ account, callId }), { maxLength: 2 }),
    ),
    ({ balances }, asked) => balances.put(...asked),
  ),
  ask(
    'stand',
    fc.array(
      fc.record({ account, callId, amount: fc.bigInt({ min: 0n, max: 10n ** 21n }) }),
      { maxLength: 3 }, // prettier-ignore
    ),
    ({ balances }, asked) => balances.stand(asked),
  ),
);

/** What can be seen of a store from outside. */
async function visible({ lines, balances }: Limits): Promise<unknown> {
  const uses = await lines.list();
  const all = ['account:demo', 'phone:1', 'routing-gateway:a', 'routing-gateway:b', 'group:g'];
  return {
    uses: uses.map(byCall),
    demo: (await lines.list('account:demo')).map(byCall),
    counts: await lines.count(all),
    balances: [...(await balances.get(['demo', 'nobody', 'other']))],
    reserved: (await balances.reserved(['demo', 'nobody', 'other'])).map(({ holders, total }) => ({
      total,
      holders: [...holders].sort(),
    })),
    uncharged: (await balances.uncharged(0, 100)).map(({ callId: id }) => id).sort(),
  };
}

/** Two leases that end in the same ms here may not there. */
function byCall({ holders, ...use }: LineUse): LineUse {
  return { ...use, holders: [...holders].sort((a, b) => (a.callId < b.callId ? -1 : 1)) };
}

test('ROUTE-05 DENY-05 limits in Redis and in memory say and hold the same, whatever is asked of them', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(command, { minLength: 10, maxLength: 40, size: 'max' }),
      async (history) => {
        opened += 1;
        const own = `${prefix}-${String(opened)}`;
        const time = new SharedTime(redis, `{${own}}`);
        const real = redisLimits({ redis, prefix: own });
        const memory = memoryLimits({ now: () => time.now() });
        for (const each of history) {
          if (each.kind === 'pass') {
            await time.pass(each.ms);
            continue;
          }
          await time.catchUp();
          const inMemory = sorted(await each.of(memory));
          time.assertSame(sorted(await each.of(real)), inMemory, each.text);
        }
        await time.catchUp();
        const inMemory = await visible(memory);
        time.assertSame(await visible(real), inMemory, 'what is visible in the end');
      },
    ),
    { numRuns: 120, interruptAfterTimeLimit: 6000, markInterruptAsFailure: false },
  );
});

/** The holders of a full limit come by the end of their leases. */
function sorted(answer: unknown): unknown {
  if (Array.isArray(answer)) return answer.map(sorted);
  if (typeof answer !== 'object' || answer === null) return answer;
  return Object.fromEntries(
    Object.entries(answer).map(([name, value]) => [
      name,
      name === 'holders' ? [...(value as string[])].sort() : sorted(value),
    ]),
  );
}
