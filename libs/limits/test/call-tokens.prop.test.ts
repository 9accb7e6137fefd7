import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { memoryLimits } from '../src/index.ts';
import { call, perSecond } from './limits-contract.ts';

test('ROUTE-15 memory: no second has more calls than the limit, and none is refused while there were fewer', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 8 }),
      fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 1, maxLength: 60 }),
      async (limit, gaps) => {
        let nowMs = 1_000_000;
        const { lines } = memoryLimits({ now: () => nowMs });
        const taken: number[] = [];
        for (const [index, gap] of gaps.entries()) {
          nowMs += gap;
          const asked = call(`c${String(index)}`, [perSecond('account:a', limit)], []);
          const { kind } = await lines.acquire(asked);
          const ofSecond = taken.filter((atMs) => atMs > nowMs - 1000).length;
          assert.equal(kind, ofSecond < limit ? 'taken' : 'full');
          if (kind === 'taken') taken.push(nowMs);
        }
      },
    ),
    { numRuns: 500 },
  );
});
