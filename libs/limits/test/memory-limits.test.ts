import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryLimits } from '../src/index.ts';
import { callTokensContract } from './call-tokens-contract.ts';
import { call, claim, limitsContract } from './limits-contract.ts';
import type { LimitsUnderTest } from './limits-contract.ts';

let nowMs = 1_000_000;

const memory: LimitsUnderTest = {
  name: 'memory',
  open: async () => Promise.resolve(memoryLimits({ now: () => nowMs })),
  wait: async (milliseconds) => {
    nowMs += milliseconds;
    return Promise.resolve();
  },
};

limitsContract(memory);
callTokensContract(memory);

test('ROUTE-05 memory: calls that were lost are forgotten in time', async () => {
  const { lines } = memoryLimits({ now: () => nowMs });
  await lines.acquire({ ...call('lost', [claim('account:a', 0)], []), leaseMs: 1000 });
  await lines.acquire(call('kept', [claim('account:b', 0)], []));
  await lines.renew('kept', ['account:b'], 10 * 60_000);
  nowMs += 2 * 60_000;
  await lines.acquire(call('next', [claim('account:c', 0)], []));
  assert.deepEqual(
    (await lines.list()).map((use) => use.key),
    ['account:b', 'account:c'],
  );
  assert.deepEqual(await lines.count(['account:a', 'account:b']), [0, 1]);
});
