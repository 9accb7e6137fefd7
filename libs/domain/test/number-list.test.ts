import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readListNumber } from '../src/index.ts';

test('ROUTE-10 a number of a list is read as people write it, and what is none is not', () => {
  assert.equal(readListNumber(' +44 (20) 7946-0000 '), '442079460000');
  assert.equal(readListNumber('#31#'), '#31#');
  for (const none of ['', '+', 'number', '4420x', '+4+4', '4'.repeat(33)]) {
    assert.equal(readListNumber(none), undefined, none);
  }
});
