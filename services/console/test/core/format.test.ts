import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  between,
  count,
  duration,
  percent,
  rate,
  title,
  value,
  words,
} from '../../src/core/format.ts';

test('OPS-01 durations are written in the two units that matter', () => {
  assert.equal(duration(999), '0 s');
  assert.equal(duration(12_400), '12 s');
  assert.equal(duration(185_000), '3 min 05 s');
  assert.equal(duration(3_720_000), '1 h 02 min');
  assert.equal(duration(90_000_000), '1 d 01 h');
  assert.equal(between('2026-01-01T00:00:00Z', '2026-01-01T00:00:02Z'), '2 s');
  assert.equal(between(null, '2026-01-01T00:00:02Z'), '');
  assert.equal(between('2026-01-01T00:00:02Z', '2026-01-01T00:00:00Z'), '0 s');
});

test('OPS-01 figures have the digits that they deserve', () => {
  assert.equal(percent(0), '0 %');
  assert.equal(percent(0.4567), '45.7 %');
  assert.equal(percent(1), '100 %');
  assert.equal(rate(3.14), '3.1');
  assert.equal(rate(214.6), '215');
  assert.equal(count(1_234_567), '1,234,567');
});

test('OPS-01 names are words, and values stand on one line', () => {
  assert.equal(words('callsPerSecond'), 'calls per second');
  assert.equal(title('rate-groups'), 'Rate groups');
  assert.equal(value(null), '');
  assert.equal(value(true), 'yes');
  assert.equal(value(false), 'no');
  assert.equal(value(5), '5');
  assert.equal(value(['44', 49]), '44, 49');
  assert.equal(value({ period: 10, codes: [408] }), 'period: 10; codes: 408');
});
