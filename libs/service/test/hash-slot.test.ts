import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashSlot } from '../src/hash-slot.ts';

test('ROUTE-05 the slot of a key is that of the specification of Redis Cluster', () => {
  assert.equal(hashSlot('123456789'), 0x31c3 % 16_384);
  assert.equal(hashSlot('foo'), 12_182);
  assert.equal(hashSlot(Buffer.from('foo')), 12_182);
});

test('ROUTE-05 what is in the first braces alone decides, unless there is nothing', () => {
  assert.equal(hashSlot('{tandem}:line:a'), hashSlot('tandem'));
  assert.equal(hashSlot(Buffer.from('{tandem}:held:b')), hashSlot('tandem'));
  assert.notEqual(hashSlot('{}:a'), hashSlot('{}:b'));
  assert.notEqual(hashSlot('{a'), hashSlot('a'));
});
