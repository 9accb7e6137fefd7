import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PrefixIndexBuilder, PrefixTable } from '../src/index.ts';

test('ROUTE-14 many values of one prefix are put in order, too', () => {
  const builder = new PrefixIndexBuilder();
  const values = Array.from({ length: 500 }, (_, index) => (index * 263) % 500);
  for (const value of values) builder.add('44', value);
  const index = builder.finish((a, b) => a - b);
  assert.deepEqual(
    [...index.values],
    [...values].sort((a, b) => a - b),
  );
});

test('ROUTE-14 a million rules of 250,000 prefixes take less than 20 bytes each', () => {
  const builder = new PrefixIndexBuilder();
  for (let rule = 0; rule < 1_000_000; rule++) builder.add(String(1_000_000 + (rule >> 2)), rule);
  const index = builder.finish();
  assert.equal(index.prefixes, 250_000);
  assert.ok(index.buffer.byteLength < 20_000_000, `${String(index.buffer.byteLength)} bytes`);
  const table = new PrefixTable({ index, valueOf: (value) => value });
  assert.deepEqual(table.longest('1249999077')?.values, [999_996, 999_997, 999_998, 999_999]);
});
