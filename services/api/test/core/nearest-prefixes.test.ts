import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearestPrefixes } from '../../src/core/nearest-prefixes.ts';

test('DENY-06 DENY-11 the prefixes that come nearest have the most digits in common, and five are enough', () => {
  const prefixes = ['44', '4420', '+4479', '49', '1', '4', '43', '41', '48', ''];
  assert.deepEqual(nearestPrefixes(prefixes, '+4478000'), ['+4479', '44', '4420', '4', '41']);
  assert.deepEqual(nearestPrefixes(prefixes, '999'), []);
  assert.deepEqual(nearestPrefixes([], '44'), []);
});
