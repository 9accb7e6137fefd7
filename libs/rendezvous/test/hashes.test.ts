import assert from 'node:assert/strict';
import test from 'node:test';
import { hashOfKey, hashWithPlace } from '../src/index.ts';

test('edge.md §3: hashes are the same in every version, or pods of two versions would not agree', () => {
  const key = hashOfKey('7IhyJVrZuHljnHIF');
  assert.deepEqual([hashOfKey(''), key], [0x811c_9dc5, 507_586_864]);
  assert.deepEqual(
    [1, 2, 0xffff_ffff].map((place) => hashWithPlace(key, place)),
    [309_242_218, 2_710_401_969, 222_005_870],
  );
});
