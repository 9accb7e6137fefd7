import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pageOf, type EntryQuery } from '../../src/core/entry-pages.ts';

const list = [
  { name: 'b10', account: 'x', lineLimit: 10, addresses: ['192.0.2.7:5060'] },
  { name: 'a', account: 'y', lineLimit: 9, password: 'b10' },
  { name: 'b9', account: 'x', lineLimit: 100, isOn: true },
];
const everything: EntryQuery = { search: '', where: {}, sort: '', limit: 10, cursor: '' };

function names(query: Partial<EntryQuery>): string[] {
  return pageOf(list, 'name', { ...everything, ...query }).entries.map(({ name }) => String(name));
}

test('OPS-01 a list is in the order of the document, or of a field: numbers and numbers in texts by their value', () => {
  assert.deepEqual(names({}), ['b10', 'a', 'b9']);
  assert.deepEqual(names({ sort: 'lineLimit' }), ['a', 'b10', 'b9']);
  assert.deepEqual(names({ sort: '-lineLimit' }), ['b9', 'b10', 'a']);
  assert.deepEqual(names({ sort: 'name' }), ['a', 'b9', 'b10']);
  assert.deepEqual(names({ sort: 'addresses' }), ['b10', 'a', 'b9']);
});

test('OPS-01 a list is narrowed by a text anywhere but in passwords, and by fields', () => {
  assert.deepEqual(names({ search: 'B10' }), ['b10']);
  assert.deepEqual(names({ search: '192.0.2' }), ['b10']);
  assert.deepEqual(names({ search: '100' }), ['b9']);
  assert.deepEqual(names({ where: { account: 'x' } }), ['b10', 'b9']);
  assert.deepEqual(names({ where: { account: 'x' }, search: 'b9' }), ['b9']);
  assert.deepEqual(names({ where: { isOn: 'true' } }), ['b9']);
  assert.deepEqual(names({ names: new Set(['b9', 'a', 'gone']) }), ['a', 'b9']);
});

test('OPS-01 pages go on where the one before ended, and tell how many there are', () => {
  const first = pageOf(list, 'name', { ...everything, sort: 'name', limit: 2 });
  assert.deepEqual([first.nextCursor, first.total], ['b9', 3]);
  const next = pageOf(list, 'name', { ...everything, sort: 'name', limit: 2, cursor: 'b9' });
  assert.deepEqual(
    [next.entries.map(({ name }) => name), next.nextCursor, next.total],
    [['b10'], undefined, 3],
  );
  assert.deepEqual(names({ cursor: 'gone' }), ['b10', 'a', 'b9']);
});
