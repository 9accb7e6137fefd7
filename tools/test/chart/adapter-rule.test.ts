import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { metricCatalogue } from '../../telemetry/catalogue.ts';
import { prometheusSeries } from '@tandem/telemetry';

const chart = join(import.meta.dirname, '../../../charts/tandem');

interface AdapterValues {
  readonly rules: {
    readonly external: readonly {
      readonly seriesQuery: string;
      readonly name: { readonly as: string };
      readonly metricsQuery: string;
    }[];
  };
}
interface ChartValues {
  readonly process: { readonly autoscaling: { readonly callsMetric: string } };
}

function read(file: string): unknown {
  return parse(readFileSync(join(chart, file), 'utf8'));
}

test('OPS-07 the rule of prometheus-adapter makes the metric that autoscalers ask for, of a series that edges export', () => {
  const { rules } = read('examples/prometheus-adapter.yaml') as AdapterValues;
  const { process } = read('values.yaml') as ChartValues;
  const [rule] = rules.external;
  assert.equal(rule?.name.as, process.autoscaling.callsMetric);
  const series = metricCatalogue().flatMap(prometheusSeries);
  assert.ok(series.includes(rule.seriesQuery), rule.seriesQuery);
  // Without them the labels of an autoscaler would choose nothing.
  assert.match(rule.metricsQuery, /<<\.Series>>\{<<\.LabelMatchers>>\}/);
});
