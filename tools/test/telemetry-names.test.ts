import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  prometheusLabel,
  prometheusName,
  prometheusSeries,
} from '../../libs/telemetry/src/index.ts';
import { alerts, ruleGroups } from '../telemetry/alerts.ts';
import { attributeCatalogue, metricCatalogue } from '../telemetry/catalogue.ts';
import { dashboards } from '../telemetry/dashboards.ts';
import { expressionOf } from '../telemetry/description.ts';

const metrics = metricCatalogue();

function repeated(names: readonly string[]): readonly string[] {
  return names.filter((name, index) => names.indexOf(name) !== index);
}

test('OPS-06 every metric of docs/telemetry.md is found in the code, with its kind', () => {
  const page = readFileSync(new URL('../../docs/telemetry.md', import.meta.url), 'utf8');
  const listed = [...page.matchAll(/^\| `(tandem\.[^`]+)` *\| *(\w+)/gm)].map(
    ([, name = '', kind = '']) => `${name} ${kind}`,
  );
  assert.ok(metrics.length > 80);
  const found = metrics.map(({ kind, name }) => `${name} ${kind}`);
  assert.deepEqual(listed.toSorted(), [...new Set(found)].toSorted());
});

test('OPS-06 no two metrics are one in Prometheus, their series neither, and no gauge is a ratio by its unit', () => {
  const names = [...new Set(metrics.map(({ name }) => name))];
  assert.equal(
    names.length,
    metrics.length,
    `declared twice: ${repeated(metrics.map(({ name }) => name)).join(' ')}`,
  );
  assert.deepEqual(repeated(metrics.flatMap((metric) => prometheusSeries(metric))), []);
  const ratios = metrics.filter((metric) => prometheusName(metric).endsWith('_ratio'));
  assert.deepEqual(ratios, []);
});

test('OPS-06 no two attributes are one label in Prometheus', () => {
  const attributes = attributeCatalogue();
  assert.ok(attributes.includes('leads_here') && attributes.includes('gateway'));
  assert.deepEqual(repeated(attributes.map(prometheusLabel)), []);
  // Those that the collector itself gives.
  assert.deepEqual(
    attributes.filter((name) => ['job', 'instance', 'le'].includes(prometheusLabel(name))),
    [],
  );
});

test('OPS-06 dashboards and rules ask for metrics of the code alone', () => {
  const known = new Set([
    ...metrics.flatMap((metric) => prometheusSeries(metric)),
    ...ruleGroups.flatMap(({ records = [] }) => records.map(({ record }) => record)),
  ]);
  const asked = [
    ...dashboards.flatMap(({ rows, variables = [] }) => [
      ...variables.map(({ metric }) => metric),
      ...rows.flatMap(({ panels }) =>
        panels.flatMap(({ queries }) => queries.map(({ expr }) => expr)),
      ),
    ]),
    ...ruleGroups.flatMap(({ records = [] }) => records.map(({ expr }) => expr)),
    ...alerts.map(expressionOf),
  ];
  const unknown = asked.flatMap((expr) =>
    [...expr.matchAll(/\btandem[_:][a-zA-Z0-9_:]+/g)]
      .map(([name]) => name)
      .filter((name) => !known.has(name)),
  );
  assert.deepEqual([...new Set(unknown)], []);
});

test('OPS-06 every panel says what it shows, and has a title of its own on its dashboard', () => {
  for (const { name, rows } of dashboards) {
    const panels = rows.flatMap((row) => row.panels);
    const titles = rows.flatMap((row) => row.panels.map(({ title }) => `${row.title}: ${title}`));
    assert.deepEqual(repeated(titles), [], name);
    for (const { description, queries, title } of panels) {
      assert.ok(description.endsWith('.'), `${name}: ${title}`);
      assert.ok(queries.length > 0, `${name}: ${title}`);
    }
  }
});
