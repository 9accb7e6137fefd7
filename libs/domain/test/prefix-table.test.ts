import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PrefixTable } from '../src/index.ts';

test('ROUTE-03 every prefix of the number is found, longest first', () => {
  const table = new PrefixTable([
    ['44', 'uk'],
    ['4420', 'london'],
    ['', 'all'],
    ['442', 'greater'],
    ['33', 'france'],
  ]);
  assert.deepEqual(table.matches('442079460000'), [
    { prefix: '4420', values: ['london'] },
    { prefix: '442', values: ['greater'] },
    { prefix: '44', values: ['uk'] },
    { prefix: '', values: ['all'] },
  ]);
  assert.deepEqual(table.longest('442179460000'), { prefix: '442', values: ['greater'] });
  assert.deepEqual(table.longest('1'), { prefix: '', values: ['all'] });
});

test('ROUTE-03 nothing is found where no prefix matches', () => {
  const table = new PrefixTable([['44', 1]]);
  assert.equal(table.longest('4'), undefined);
  assert.equal(table.longest(''), undefined);
  assert.deepEqual(table.matches('33'), []);
  assert.deepEqual(new PrefixTable([]).matches('33'), []);
});

test('ROUTE-03 values of one prefix keep the order in which they were entered', () => {
  const table = new PrefixTable([
    ['44', 'a'],
    ['1', 'x'],
    ['44', 'b'],
    ['+44', 'c'],
  ]);
  assert.deepEqual(table.longest('44'), { prefix: '44', values: ['a', 'b', 'c'] });
  assert.equal(table.size, 4);
});

test('ROUTE-03 a leading + of prefix and number is ignored', () => {
  const table = new PrefixTable([['+44', 1]]);
  assert.deepEqual(table.longest('+4420'), { prefix: '44', values: [1] });
  assert.deepEqual(table.longest('4420'), { prefix: '44', values: [1] });
});

test('ROUTE-03 leading zeros, * and # are digits like others', () => {
  const table = new PrefixTable([
    ['0', 'zero'],
    ['00', 'double'],
    ['*', 'star'],
    ['#1', 'hash'],
  ]);
  assert.equal(table.longest('00449')?.values[0], 'double');
  assert.equal(table.longest('0449')?.values[0], 'zero');
  assert.equal(table.longest('*100#')?.values[0], 'star');
  assert.equal(table.longest('#100')?.values[0], 'hash');
  assert.equal(table.longest('9'), undefined);
});

test('ROUTE-03 a number with letters matches by the digits before them', () => {
  const table = new PrefixTable([
    ['', 'all'],
    ['44', 'uk'],
  ]);
  assert.equal(table.longest('44alice')?.values[0], 'uk');
  assert.equal(table.longest('alice')?.values[0], 'all');
});

test('ROUTE-03 prefixes longer than 14 digits are exact', () => {
  const table = new PrefixTable([
    ['12345678901234', 14],
    ['123456789012345', 15],
    ['1234567890123456789', 19],
    ['123456789012345', 16],
  ]);
  assert.deepEqual(
    table.matches('12345678901234567899').map(({ prefix, values }) => [prefix.length, values]),
    [
      [19, [19]],
      [15, [15, 16]],
      [14, [14]],
    ],
  );
});

test('ROUTE-03 a prefix that is no number is refused', () => {
  assert.throws(() => new PrefixTable([['44x', 1]]), RangeError);
  assert.throws(() => new PrefixTable([['+', 1]]), RangeError);
  assert.throws(() => new PrefixTable([['1234567890123456x', 1]]), RangeError);
});

test('ROUTE-14 a table of many prefixes finds each of them', () => {
  const entries = Array.from({ length: 5000 }, (_, index) => [String(index * 7), index] as const);
  const table = new PrefixTable(entries);
  assert.equal(table.size, 5000);
  for (const [prefix, value] of entries) {
    assert.deepEqual(table.longest(prefix), { prefix, values: [value] });
  }
});
