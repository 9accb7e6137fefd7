import assert from 'node:assert/strict';
import test from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInThisContext } from 'node:vm';
import { Redis } from '../src/ioredis.ts';

test('edge.md §8: with ioredis loaded the methods of strings are still found without a search', () => {
  assert.equal(typeof Redis, 'function');
  setFlagsFromString('--allow-natives-syntax');
  try {
    assert.equal(runInThisContext('%HasFastProperties(String.prototype)'), true);
  } finally {
    setFlagsFromString('--no-allow-natives-syntax');
  }
});
