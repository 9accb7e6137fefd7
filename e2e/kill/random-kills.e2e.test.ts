import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomKills } from '../src/kill/trials.ts';
import { verdictText } from '../src/verdict/judge-switch.ts';

test('edge.md §9: pods are killed at random for a minute and no call is lost, billed twice or told nonsense', async () => {
  const { verdict, evidence, kills } = await randomKills({
    perSecond: 60,
    seconds: 60,
    killEveryMs: 3000,
    seed: Date.now() % 1_000_000,
  });
  assert.ok(kills >= 15, `${String(kills)} kills`);
  assert.equal(verdictText(verdict), '', evidence);
  assert.equal(verdict.cdrs, verdict.calls);
});
