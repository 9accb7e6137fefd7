import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseQueryTime } from '../../src/core/query-time.ts';

const NOW = Date.UTC(2026, 10, 21, 12, 0, 0);

test('BILL-06 times of a query are UTC times, days, or how long ago', () => {
  assert.equal(parseQueryTime('2026-11-21T10:00:00Z', NOW), Date.UTC(2026, 10, 21, 10));
  assert.equal(parseQueryTime('2026-11-21T10:00+02:00', NOW), Date.UTC(2026, 10, 21, 8));
  assert.equal(parseQueryTime('2026-11-21', NOW), Date.UTC(2026, 10, 21));
  assert.equal(parseQueryTime('30s', NOW), NOW - 30_000);
  assert.equal(parseQueryTime('5m', NOW), NOW - 300_000);
  assert.equal(parseQueryTime('2h', NOW), NOW - 7_200_000);
  assert.equal(parseQueryTime('7d', NOW), NOW - 604_800_000);
});

test('BILL-06 what is no time is not taken for one', () => {
  for (const text of [
    '',
    'yesterday',
    '2h30',
    '21.11.2026',
    '2026-13-01',
    '2026-02-30',
    '2027-02-29T10:00Z',
    '2026-04-31',
    '2026-11-21T10:00',
  ]) {
    assert.equal(parseQueryTime(text, NOW), undefined, text);
  }
});
