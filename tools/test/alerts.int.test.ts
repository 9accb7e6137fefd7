import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { alerts, ruleGroups } from '../telemetry/alerts.ts';
import { alertCases } from './alert-cases.ts';

const run = promisify(execFile);
const rules = globSync('charts/tandem/rules/*.yaml').map((file) => resolve(file));

test('OPS-06 promtool takes the rules of the chart', async () => {
  assert.ok(rules.length > 0);
  await run('promtool', ['check', 'rules', ...rules]);
});

test('OPS-06 REG-06 every alert fires where what it is for happens, and not where all is well', async () => {
  assert.deepEqual(
    alertCases.flatMap((each) => each.alerts).toSorted(),
    alerts.map(({ name }) => name).toSorted(),
  );
  const folder = await mkdtemp(join(tmpdir(), 'tandem-alerts-'));
  // Each file of rules by itself: those of the service levels are many.
  const files = await Promise.all(
    ruleGroups.map(async (group) => {
      const names = new Set(group.alerts.map(({ name }) => name));
      const cases = alertCases.filter((each) => each.alerts.some((name) => names.has(name)));
      const file = join(folder, `${group.name}.yaml`);
      // JSON is YAML.
      await writeFile(
        file,
        JSON.stringify({
          rule_files: [resolve(`charts/tandem/rules/${group.name}.yaml`)],
          evaluation_interval: '1m',
          tests: cases.flatMap((each) => [testOf(each, 'well'), testOf(each, 'not')]),
        }),
      );
      return file;
    }),
  );
  try {
    await run('promtool', ['test', 'rules', ...files]);
  } catch (error) {
    const { stderr = '', stdout = '' } = error as { stdout?: string; stderr?: string };
    assert.fail(`${stdout}${stderr}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

function testOf(
  { alerts: names, atMinute = 115, series }: (typeof alertCases)[number],
  how: 'well' | 'not',
): object {
  return {
    interval: '1m',
    input_series: Object.entries(series).map(([name, [well, not]]) => ({
      series: name,
      values: how === 'well' ? well : not,
    })),
    promql_expr_test: names.map((alert) => ({
      expr: `group by (alertname) (ALERTS{alertname="${alert}", alertstate="firing"})`,
      eval_time: `${String(atMinute)}m`,
      exp_samples: how === 'well' ? [] : [{ labels: `{alertname="${alert}"}`, value: 1 }],
    })),
  };
}
