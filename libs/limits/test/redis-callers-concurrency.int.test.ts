import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { connectRedis, createLogger } from '@tandem/service';
import type { Redis } from '@tandem/service';
import { redisForTest, SharedTime, testRedisUrl } from '@tandem/testing';
import { limitKeys, redisLimits } from '../src/index.ts';
import type { LineLedger } from '../src/index.ts';
import { call, claim, perSecond } from './limits-contract.ts';

const logger = createLogger('limits-test');
const connect = (): Redis => connectRedis({ url: testRedisUrl(), logger });
const { redis: watcher, prefix, close } = await redisForTest();
const opened: Redis[] = [];

after(async () => {
  for (const redis of opened) redis.disconnect();
  await close();
});

const CALLERS = 64;
const LIMITS = [1, 7, 100];
/** Less than the time in which a line must be free after its pod has died (ROUTE-05). */
const LEASE_MS = 25_000;

/** A pod: a connection of its own, which ends in the middle of what it does when it is killed. */
function startPod(own: string): { readonly lines: LineLedger; readonly kill: () => void } {
  const redis = connect();
  opened.push(redis);
  const { lines } = redisLimits({ redis, prefix: own });
  return {
    lines,
    kill: () => {
      redis.disconnect();
    },
  };
}

for (const limit of LIMITS) {
  test(`ROUTE-05 Redis: ${String(CALLERS)} callers on ${String(limit)} lines, calls that end and fail, and pods that are killed: never one too many, none refused while one is free, nothing held 30 s later`, async () => {
    const own = `${prefix}-lines-${String(limit)}`;
    const pods = Array.from({ length: 4 }, () => startPod(own));
    const watching = redisLimits({ redis: watcher, prefix: own }).lines;
    const side = claim('account:a', limit);
    const gateways = [claim('routing-gateway:g1', 0), claim('routing-gateway:g2', 0)] as const;
    let most = 0;
    let granted = 0;
    await Promise.all(
      Array.from({ length: CALLERS }, async (_, caller) => {
        for (let turn = 0; turn < 12; turn += 1) {
          const at = (caller + turn) % pods.length;
          const pod = pods[at];
          assert.ok(pod);
          const callId = `call-${String(caller)}-${String(turn)}`;
          const lines = ['account:a', gateways[0].key, gateways[1].key];
          try {
            const asked = call(callId, [side], [[gateways[0]]]);
            const result = await pod.lines.acquire({ ...asked, leaseMs: LEASE_MS });
            const [inUse = 0] = await watching.count(['account:a']);
            most = Math.max(most, inUse);
            if (result.kind === 'full') {
              // What refuses a call is that all lines were in use, at the same moment.
              assert.equal(result.line.inUse, limit);
              continue;
            }
            granted += 1;
            if ((caller + turn) % 16 === 5) {
              pod.kill();
              pods[at] = startPod(own);
              continue;
            }
            if (turn % 3 === 1) {
              const release = [gateways[0].key];
              await pod.lines.advance({ callId, keep: ['account:a'], release, choices: [[gateways[1]]], leaseMs: LEASE_MS }); // prettier-ignore
            }
            await pod.lines.release(callId, lines);
          } catch (error) {
            // Of a pod that was killed: what became of the call it cannot know.
            if (error instanceof assert.AssertionError) throw error;
          }
        }
      }),
    );
    assert.ok(granted > 0);
    assert.ok(most <= limit, `${String(most)} of ${String(limit)} lines`);
    await new SharedTime(watcher, `{${own}}`).pass(30_000);
    assert.deepEqual(await watching.list(), []);
    assert.equal((await watching.acquire(call('next', [side], []))).kind, 'taken');
  });
}

test(`ROUTE-15 Redis: ${String(CALLERS)} callers on 1, 7 and 100 calls a second over four pods that are killed, calls that fail and are cancelled: no second has more, and none has fewer while they call`, async () => {
  const own = `${prefix}-rates`;
  const pods = Array.from({ length: 4 }, () => startPod(own));
  const keys = limitKeys(own);
  const DURATION_MS = 2300;
  const taken = new Map<number, Map<string, number>>(LIMITS.map((limit) => [limit, new Map()]));
  const endsAt = performance.now() + DURATION_MS;
  const isOver = (): boolean => performance.now() > endsAt;
  /** The store's own times, before they are swept. */
  const watch = async (): Promise<void> => {
    for (const limit of LIMITS) {
      const found = await watcher.zrange(
        keys.rate(`account:${String(limit)}`),
        '0',
        '-1',
        'WITHSCORES',
      );
      for (let at = 0; at + 1 < found.length; at += 2) {
        taken.get(limit)?.set(found[at] ?? '', Number(found[at + 1]) - 1000);
      }
    }
  };
  const callers = Array.from({ length: CALLERS }, async (_, caller) => {
    for (let turn = 0; !isOver(); turn += 1) {
      const limit = LIMITS[caller % LIMITS.length] ?? 1;
      const at = (caller + turn) % pods.length;
      const pod = pods[at];
      assert.ok(pod);
      const callId = `call-${String(caller)}-${String(turn)}`;
      const asked = call(callId, [perSecond(`account:${String(limit)}`, limit)], []);
      try {
        const result = await pod.lines.acquire(asked);
        if (result.kind === 'full') assert.equal(result.line.inUse, limit);
        // A call that fails, or is cancelled, has spent its token.
        else if (turn % 2 === 0) await pod.lines.release(callId, []);
      } catch (error) {
        // Of a pod that was killed: what became of the call it cannot know.
        if (error instanceof assert.AssertionError) throw error;
      }
      if (caller % 16 === 5 && turn % 20 === 10) {
        pod.kill();
        pods[at] = startPod(own);
      }
      // Between two calls of a caller, so that the store has time for all.
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  });
  while (!isOver()) {
    await watch();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await Promise.all(callers);
  await watch();
  for (const limit of LIMITS) {
    const times = [...(taken.get(limit)?.values() ?? [])].sort((a, b) => a - b);
    for (const [index, atMs] of times.entries()) {
      const later = times[index + limit];
      assert.ok(later === undefined || later - atMs >= 1000, `${String(limit)}: ${String(later)}`);
    }
    // At 0, 1 and 2 s.
    assert.ok(times.length >= 2 * limit, `${String(limit)}: ${String(times.length)} calls`);
  }
});
