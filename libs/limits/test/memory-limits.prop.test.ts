import { test } from 'node:test';
import fc from 'fast-check';
import { memoryLimits } from '../src/index.ts';
import { play, schedule } from './line-schedule.ts';

test('ROUTE-05 memory: no limit is ever exceeded and no line is lost, whatever calls do at once', async () => {
  await fc.assert(
    fc.asyncProperty(schedule, async (plan) => {
      await play(plan, [memoryLimits({ now: () => 1_000_000 }).lines]);
    }),
    { numRuns: 300 },
  );
});
