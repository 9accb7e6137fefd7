import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { isSoak, runs, TrialTable } from '../src/kill/trial-table.ts';
import { randomKills, type RandomKillsOptions } from '../src/kill/trials.ts';
import { layoutOfRun } from '../src/shape.ts';
import { verdictText } from '../src/verdict/judge-switch.ts';

type Variant = readonly [string, Partial<RandomKillsOptions>];

const plain: Variant = ['random packets', {}];
const variants: readonly Variant[] = isSoak
  ? [
      plain,
      ['2 % of packets lost', { lossPercent: 2 }],
      ['a front of two', { mode: 'front' }],
      ['TCP to the carriers', { carrierTransport: 'tcp' }],
    ]
  : [plain];
// The short form leaves a machine that others use as well room to start a pod every 3 s.
const load = { perSecond: isSoak ? 60 : 25, seconds: 60, killEveryMs: 3000 };

describe('pods are killed at random for a minute', { timeout: 3_600_000 }, () => {
  const table = new TrialTable();
  after(() => {
    process.stdout.write(`${table.toString()}\n`);
  });
  for (const [name, variant] of variants) {
    for (let run = 1; run <= runs; run++) {
      const layout = layoutOfRun(run, 'pod');
      test(`edge.md §9: ${name}, ${layout}, run ${String(run)}: no call is lost, billed twice or told nonsense`, async () => {
        const seed = (Date.now() + run) % 1_000_000;
        const result = await randomKills({ ...load, ...variant, layout, seed });
        table.add(`${name} ${layout} ${String(run)}`, result);
        const { verdict, evidence, kills } = result;
        assert.ok(kills >= 15, `${String(kills)} kills`);
        assert.equal(verdictText(verdict), '', `seed ${String(seed)}\n${evidence}`);
        assert.equal(verdict.cdrs, verdict.calls);
      });
    }
  }
});
