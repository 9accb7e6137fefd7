import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import { connectRedis, createLogger } from '@tandem/service';
import fc from 'fast-check';
import { testRedisUrl } from '@tandem/testing';
import { redisLimits } from '../src/index.ts';
import { call, claim } from './limits-contract.ts';
import { play, schedule } from './line-schedule.ts';

const logger = createLogger('limits-test');
// Connections of their own, as pods have them.
const pods = [0, 1, 2, 3].map(() => connectRedis({ url: testRedisUrl(), logger }));
const run = randomUUID();
let opened = 0;

function podLedgers() {
  opened += 1;
  return pods.map((redis) => redisLimits({ redis, prefix: `test-${run}-${String(opened)}` }).lines);
}

after(async () => {
  const [first] = pods;
  const keys = (await first?.keys(`{test-${run}-*`)) ?? [];
  if (keys.length > 0) await first?.del(...keys);
  for (const pod of pods) pod.disconnect();
});

test('ROUTE-05 Redis: no limit is ever exceeded and no line is lost, whatever four pods do at once', async () => {
  await fc.assert(
    fc.asyncProperty(schedule, async (plan) => {
      await play(plan, podLedgers());
    }),
    { numRuns: 60 },
  );
});

test('ROUTE-05 Redis: 400 calls of four pods on 50 lines: never 51, never a refusal while one is free', async () => {
  const ledgers = podLedgers();
  const LIMIT = 50;
  let granted = 0;
  let refused = 0;
  let most = 0;
  const sides = [claim('account:a', LIMIT)];
  await Promise.all(
    Array.from({ length: 400 }, async (_, index) => {
      const ledger = ledgers[index % ledgers.length];
      assert.ok(ledger);
      const callId = `call-${String(index)}`;
      for (;;) {
        const result = await ledger.acquire(call(callId, sides, []));
        if (result.kind === 'full') {
          // The use that a refusal names is that of the same moment.
          assert.equal(result.line.inUse, LIMIT);
          refused += 1;
          continue;
        }
        granted += 1;
        const [inUse = 0] = await ledger.count(['account:a']);
        most = Math.max(most, inUse);
        await ledger.release(callId, ['account:a']);
        return;
      }
    }),
  );
  assert.equal(granted, 400);
  assert.ok(most <= LIMIT, `${String(most)} lines in use`);
  assert.ok(refused > 0, 'the limit was never reached');
  assert.deepEqual(await ledgers[0]?.list(), []);
});
