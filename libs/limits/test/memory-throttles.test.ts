import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryLimits } from '../src/index.ts';
import { throttlesContract } from './throttles-contract.ts';

throttlesContract('memory', () => memoryLimits().throttles);

test('ROUTE-16 what nobody tells anything of for two hours is forgotten', async () => {
  let nowMs = 1000;
  const { throttles } = memoryLimits({ now: () => nowMs });
  const [seen] = await throttles.add([{ gateway: 'a', attempts: 1, failed: 1 }]);
  assert.ok(seen !== undefined);
  await throttles.step([{ seen, level: 1 }]);
  nowMs += 7_200_000;
  assert.equal((await throttles.list()).length, 1);
  nowMs += 1;
  assert.deepEqual(await throttles.list(), []);
});
