import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differences, isSame, nameOf } from '../../src/core/changes.ts';
import { mergePatch } from '../../src/core/merge-patch.ts';

test('OPS-08 differences of two documents stand at the leaves, with entries by their names', () => {
  const before = {
    realm: 'a',
    phones: [{ username: '1001', lineLimit: 1 }],
    rateGroups: [{ name: 'standard', rates: [{ prefix: '44', pricePerMinute: '0.1' }] }],
    list: ['a'],
  };
  const after = {
    realm: 'a',
    phones: [{ username: '1002' }, { username: '1001', lineLimit: 2 }],
    rateGroups: [{ name: 'standard', rates: [{ prefix: '44', pricePerMinute: '0.2' }] }],
    list: ['a', 'b'],
  };
  assert.deepEqual(differences(before, after), [
    { path: 'phones › 1001 › lineLimit', before: 1, after: 2 },
    { path: 'phones › 1002', before: undefined, after: { username: '1002' } },
    { path: 'rateGroups › standard › rates › 44 › pricePerMinute', before: '0.1', after: '0.2' },
    { path: 'list', before: ['a'], after: ['a', 'b'] },
  ]);
  assert.deepEqual(differences(before, { ...before }), []);
});

test('OPS-08 entries of one name twice are compared as a whole, and a long list is cut off', () => {
  const rates = [
    { prefix: '44', until: 1 },
    { prefix: '44', until: 2 },
  ];
  const changed = [rates[0], { prefix: '44', until: 3 }];
  assert.deepEqual(differences({ rates }, { rates: changed }), [
    { path: 'rates', before: rates, after: changed },
  ]);
  assert.equal(differences({}, { a: 1, b: 2, c: 3 }, 2).length, 2);
});

test('OPS-08 values are the same whatever the order of their keys', () => {
  assert.ok(isSame({ a: 1, b: [1, { c: 2 }] }, { b: [1, { c: 2 }], a: 1 }));
  assert.ok(!isSame({ a: undefined }, { b: undefined }));
  assert.ok(!isSame([1, 2], [2, 1]));
  assert.ok(!isSame([1], { 0: 1 }));
  assert.ok(!isSame(null, {}));
  assert.equal(nameOf({ name: 1 }), undefined);
  assert.equal(nameOf('text'), undefined);
});

test('OPS-01 a change of an entry sends what is another value, and null for what is taken away', () => {
  const before = { name: 'a', lineLimit: 1, group: 'g', timers: { invite: 3, ringing: 9 } };
  const after = { name: 'a', lineLimit: 2, timers: { invite: 4, ringing: 9 }, lock: undefined };
  assert.deepEqual(mergePatch(before, after), {
    group: null,
    lineLimit: 2,
    timers: { invite: 4 },
  });
  assert.deepEqual(mergePatch(before, before), {});
  assert.deepEqual(mergePatch({}, { timers: { invite: 1 } }), { timers: { invite: 1 } });
});
