import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { connectRedis, createLogger } from '@tandem/service';
import type { Redis } from '@tandem/service';
import { redisForTest, SharedTime, testRedisUrl } from '@tandem/testing';
import { redisLimits } from '../src/index.ts';
import type { BalanceClaim, Limits } from '../src/index.ts';

const logger = createLogger('limits-test');
const { redis: watcher, prefix, close } = await redisForTest();
const opened: Redis[] = [];

after(async () => {
  for (const redis of opened) redis.disconnect();
  await close();
});

const CALLERS = 64;
const LEASE_MS = 25_000;
/** What the reseller has pays for so many calls. */
const CALLS = 20;
const OVERDRAFT = 7n;

/** A pod: a connection of its own, which ends in the middle of what it does when it is killed. */
function startPod(own: string): { readonly limits: Limits; readonly kill: () => void } {
  const redis = connectRedis({ url: testRedisUrl(), logger });
  opened.push(redis);
  return {
    limits: redisLimits({ redis, prefix: own }),
    kill: () => {
      redis.disconnect();
    },
  };
}

function claimOf(account: string, leastNanos: bigint, overdraftNanos = 0n): BalanceClaim {
  const increments = { stepNanos: leastNanos, firstSeconds: 60, freeSeconds: 0, nextSeconds: 60 };
  const slices = { ...increments, rounding: 'half', sliceSeconds: 60 } as const;
  return { account, overdraftNanos, leastNanos, slices };
}

test(`BILL-05 Redis: ${String(CALLERS)} callers under two accounts of one reseller with money for ${String(CALLS)} calls, and pods that are killed: never more than it has and may owe, none refused while it has enough, nothing reserved 30 s later`, async () => {
  const own = `${prefix}-resellers`;
  const price = 10n;
  const funds = price * BigInt(CALLS) - OVERDRAFT;
  const { balances } = redisLimits({ redis: watcher, prefix: own });
  await balances.set(
    new Map([
      ['reseller', funds],
      ['child-a', 100_000n],
      ['child-b', 100_000n],
    ]),
  );
  const pods = Array.from({ length: 4 }, () => startPod(own));
  let granted = 0;
  let refused = 0;
  const ask = async (callId: string, child: string, pod: Limits) =>
    pod.lines.acquire({
      callId,
      fixed: [{ key: 'account:reseller', limit: 0 }],
      choices: [],
      leaseMs: LEASE_MS,
      balance: claimOf(child, 13n),
      resellers: [claimOf('reseller', price, OVERDRAFT)],
    });
  await Promise.all(
    Array.from({ length: CALLERS }, async (_, caller) => {
      for (let turn = 0; turn < 8; turn += 1) {
        const at = (caller + turn) % pods.length;
        const pod = pods[at];
        assert.ok(pod);
        const callId = `call-${String(caller)}-${String(turn)}`;
        try {
          const result = await ask(callId, caller % 2 === 0 ? 'child-a' : 'child-b', pod.limits);
          const [reseller] = await balances.reserved(['reseller']);
          assert.ok((reseller?.total ?? 0n) <= funds + OVERDRAFT);
          if (result.kind === 'no-balance') {
            refused += 1;
            // All that the reseller may spend was reserved, at the same moment.
            assert.equal(result.reseller, 0);
            assert.equal(result.reserved, price * BigInt(CALLS));
            continue;
          }
          assert.equal(result.kind, 'taken');
          granted += 1;
          if ((caller + turn) % 32 === 5) {
            pod.kill();
            pods[at] = startPod(own);
            continue;
          }
          await pod.limits.lines.release(callId, ['account:reseller']);
        } catch (error) {
          // Of a pod that was killed: what became of the call it cannot know.
          if (error instanceof assert.AssertionError) throw error;
        }
      }
    }),
  );
  assert.ok(granted > 0);
  // More at once than it has money for: some must be refused.
  const [pod] = pods;
  assert.ok(pod);
  for (let at = 0; at <= CALLS; at += 1) {
    const result = await ask(`more-${String(at)}`, 'child-a', pod.limits);
    if (result.kind === 'no-balance') refused += 1;
  }
  assert.ok(refused > 0);
  await new SharedTime(watcher, `{${own}}`).pass(30_000);
  // Who asks next sweeps what the dead have left.
  const next = await ask('next', 'child-b', pod.limits);
  assert.equal(next.kind, 'taken');
  await pod.limits.lines.release('next', ['account:reseller']);
  await ask('last', 'child-a', pod.limits);
  await pod.limits.lines.release('last', ['account:reseller']);
  const left = await balances.reserved(['reseller', 'child-a', 'child-b']);
  assert.deepEqual(
    left.map(({ total }) => total),
    [0n, 0n, 0n],
  );
});
