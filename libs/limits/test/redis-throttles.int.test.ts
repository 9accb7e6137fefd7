import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { redisForTest } from '@tandem/testing';
import { redisLimits } from '../src/index.ts';
import { throttlesContract } from './throttles-contract.ts';

const { redis, prefix, close } = await redisForTest();
after(close);
let opened = 0;

function open(own: string) {
  return redisLimits({ redis, prefix: own }).throttles;
}

throttlesContract('redis', () => {
  opened += 1;
  return open(`${prefix}-${String(opened)}`);
});

test('ROUTE-16 it takes bounded room: less than 200 bytes a gateway, and an end', async () => {
  const own = `${prefix}-bounded`;
  const throttles = open(own);
  const counts = Array.from({ length: 1000 }, (_, at) => ({
    gateway: `carrier-number-${String(at)}`,
    attempts: 1000,
    failed: 500,
  }));
  const seen = await throttles.add(counts);
  await throttles.step(seen.map((each) => ({ seen: each, level: 1 })));
  let bytes = 0;
  for (const key of await redis.keys(`{${own}}:throttle*`)) {
    bytes += Number(await redis.memory('USAGE', key, 'SAMPLES', 0));
    const lives = await redis.pttl(key);
    assert.ok(lives > 7_000_000 && lives <= 7_200_000, key);
  }
  assert.ok(bytes > 0 && bytes / 1000 < 200, String(bytes));
});
