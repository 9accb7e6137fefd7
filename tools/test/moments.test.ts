import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clockOf, moments } from '../moments.ts';
import { chooseMoments, guarded } from '../test-days.ts';

const momentsAfter = (now: string): Record<string, string> =>
  Object.fromEntries(
    moments.map(({ name, after }) => [name, new Date(after(Date.parse(now))).toISOString()]),
  );

test('BILL-09 the tests are run at moments to come, at the edges of days and years', () => {
  assert.deepEqual(momentsAfter('2026-11-29T09:00:00Z'), {
    '8-days': '2026-12-07T09:00:00.000Z',
    '400-days': '2028-01-03T09:00:00.000Z',
    'leap-day': '2028-02-29T12:00:00.000Z',
    march: '2027-03-28T00:59:50.000Z',
    october: '2027-10-31T00:59:50.000Z',
    midnight: '2026-11-29T23:59:50.000Z',
  });
  const later = momentsAfter('2028-10-29T23:59:55Z');
  assert.equal(later['leap-day'], '2032-02-29T12:00:00.000Z');
  assert.equal(later['march'], '2029-03-25T00:59:50.000Z');
  assert.equal(later['october'], '2029-10-28T00:59:50.000Z');
  assert.equal(later['midnight'], '2028-10-30T23:59:50.000Z');
  assert.equal(momentsAfter('2096-03-01T00:00:00Z')['leap-day'], '2104-02-29T12:00:00.000Z');
});

test('BILL-09 a clock is ahead by whole seconds, and never behind', () => {
  const clock = clockOf(Date.UTC(2028, 1, 29), Date.UTC(2028, 1, 28), 'Europe/Berlin');
  assert.deepEqual([clock['FAKETIME'], clock['TZ']], ['+86400', 'Europe/Berlin']);
  assert.throws(
    () => clockOf(0, 5000, 'UTC'),
    /1970-01-01T00:00:00\.000Z is past, must be to come/,
  );
});

test('BILL-09 words that name moments choose them, all others choose files', () => {
  const namesOf = (words: readonly string[]) => chooseMoments(words).chosen.map(({ name }) => name);
  assert.deepEqual(
    namesOf(['billing']),
    moments.map(({ name }) => name),
  );
  assert.deepEqual(namesOf(['midnight', 'billing', 'march']), ['march', 'midnight']);
  assert.deepEqual(chooseMoments(['midnight', 'billing', 'march']).rest, ['billing']);
  assert.deepEqual(namesOf(guarded), ['leap-day']);
  assert.equal(chooseMoments(guarded).rest.length, guarded.length - 1);
});
