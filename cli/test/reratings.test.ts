import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from './command-line.ts';

const line = { callId: 'c1', startedAt: '2026-03-01T10:00:00.000Z', account: 'north', callee: '4420', before: '0.02', after: '0.015', difference: '-0.005', why: '0.015 a minute' }; // prettier-ignore
const sum = { account: 'north', calls: 2, differing: 1, unrated: 0, before: '0.04', after: '0.035', difference: '-0.005', currency: 'USD' }; // prettier-ignore
const rerating = {
  id: 7,
  state: 'ready',
  share: 1,
  accounts: ['north'],
  version: 3,
  rates: [],
  reverses: null,
  skipped: 0,
  lines: 1,
  sums: [{ ...sum, side: 'call' }, { ...sum, side: 'level' }],
  dearest: [{ ...line, side: 'level' }],
  applied: [],
}; // prettier-ignore

function rows(stdout: string): string[] {
  return stdout.split('\n').map((row) => row.trim().replaceAll(/ {2,}/g, ' | '));
}

test('BILL-06 BILL-01 a re-rating tells for each sum and call as what the account is charged: customer, reseller or vendor', async () => {
  const { stdout } = await run(['reratings', 'show', '7'], { answer: () => rerating });
  const shown = rows(stdout);
  assert.ok(shown.includes('north | customer | 2 | 1 | 0 | 0.04 | 0.035 | -0.005 | USD'), stdout);
  assert.ok(shown.includes('north | reseller | 2 | 1 | 0 | 0.04 | 0.035 | -0.005 | USD'), stdout);
  const vendor = { lines: [{ ...line, side: 'cost' }, { ...line, side: 'level' }], nextCursor: null }; // prettier-ignore
  const { stdout: listed } = await run(['reratings', 'lines', '7'], { answer: () => vendor });
  assert.deepEqual(
    rows(listed).slice(0, 3).map((row) => row.split(' | ')[2]),
    ['AS', 'vendor', 'reseller'],
  ); // prettier-ignore
});
