import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prometheusLabel, prometheusName, prometheusSeries } from '@tandem/telemetry';

test('OPS-06 names in Prometheus have the unit spelt out, and say what counts', () => {
  const nameOf = (kind: 'counter' | 'gauge' | 'histogram', name: string, unit: string): string =>
    prometheusName({ name, unit, kind });
  assert.equal(nameOf('counter', 'tandem.edge.calls', '{call}'), 'tandem_edge_calls_total');
  assert.equal(nameOf('counter', 'x.total.calls', '{call}'), 'x_calls_total');
  assert.equal(nameOf('counter', 'x.talk_time', 's'), 'x_talk_time_seconds_total');
  assert.equal(nameOf('gauge', 'x.age', 's'), 'x_age_seconds');
  assert.equal(nameOf('gauge', 'x.age.seconds', 's'), 'x_age_seconds');
  assert.equal(nameOf('gauge', 'x.draining', '1'), 'x_draining_ratio');
  assert.equal(nameOf('gauge', 'x.draining', '{drain}'), 'x_draining');
  assert.equal(nameOf('gauge', 'x.rate', '{call}/s'), 'x_rate_per_second');
  assert.equal(nameOf('gauge', 'x.speed', 'By/s'), 'x_speed_bytes_per_second');
  assert.equal(nameOf('gauge', 'x.heat', 'Cel'), 'x_heat_Cel');
  assert.equal(nameOf('gauge', '2.x', ''), '_2_x');
  assert.deepEqual(prometheusSeries({ name: 'x.time', unit: 's', kind: 'histogram' }), [
    'x_time_seconds_bucket',
    'x_time_seconds_sum',
    'x_time_seconds_count',
  ]);
});

test('OPS-06 labels in Prometheus have letters, digits and underscores', () => {
  assert.equal(prometheusLabel('leads_here'), 'leads_here');
  assert.equal(prometheusLabel('a.b-c'), prometheusLabel('a.b_c'));
  assert.equal(prometheusLabel('2nd'), 'key_2nd');
});
