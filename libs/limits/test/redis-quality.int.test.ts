import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { redisForTest } from '@tandem/testing';
import { redisLimits } from '../src/index.ts';
import { noteOf, qualityContract } from './quality-contract.ts';

const { redis, prefix, close } = await redisForTest();
after(close);
let opened = 0;

function open(own: string) {
  return redisLimits({ redis, prefix: own }).qualities;
}

qualityContract('redis', () => {
  opened += 1;
  return open(`${prefix}-${String(opened)}`);
});

test('ROUTE-04 it takes bounded room: so many prefixes in five minutes, each gateway, and an end', async () => {
  const own = `${prefix}-bounded`;
  const qualities = open(own);
  for (let from = 0; from < 12_000; from += 1000) {
    const notes = Array.from({ length: 1000 }, (_, at) => noteOf('g', String(from + at)));
    await qualities.add(notes);
  }
  await qualities.add([noteOf('late'), noteOf('late', '1'), noteOf('g', '0')]);
  const notes = (await qualities.read(0)).flatMap((each) => each.notes);
  // It may fall on the change from one bucket to the next.
  assert.ok(notes.length === 10_001 || notes.length > 12_000, String(notes.length));
  const [key = ''] = await redis.keys(`{${own}}:quality:*`);
  const lives = await redis.pttl(key);
  assert.ok(lives > 7_000_000 && lives <= 7_800_000, String(lives));
  const bytes = Number(await redis.memory('USAGE', key));
  assert.ok(bytes / 10_000 < 120, String(bytes));
});
