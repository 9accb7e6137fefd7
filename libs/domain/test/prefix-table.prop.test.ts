import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PrefixTable } from '../src/index.ts';

const digits = fc.constantFrom('0', '1', '2', '4', '9', '*', '#');
const prefix = fc.string({ unit: digits, maxLength: 18 });
const number = fc
  .tuple(
    fc.constantFrom('', '+'),
    fc.string({ unit: digits, maxLength: 24 }),
    fc.constantFrom('', 'x1'),
  )
  .map((parts) => parts.join(''));

/** What the table must say, by looking at every entry. */
function naive(entries: readonly (readonly [string, number])[], called: string) {
  const bare = called.replace(/^\+/, '').replace(/[^0-9*#].*$/, '');
  const found = new Map<string, number[]>();
  for (const [key, value] of entries) {
    if (bare.startsWith(key)) found.set(key, [...(found.get(key) ?? []), value]);
  }
  return [...found]
    .map(([key, values]) => ({ prefix: key, values }))
    .sort((a, b) => b.prefix.length - a.prefix.length);
}

test('ROUTE-03 longest prefix and all matches are those of a naive search', () => {
  fc.assert(
    fc.property(
      fc.array(prefix, { maxLength: 200 }),
      fc.array(number, { minLength: 1, maxLength: 20 }),
      (prefixes, numbers) => {
        const entries = prefixes.map((key, index) => [key, index] as const);
        const table = new PrefixTable(entries);
        // Numbers that continue a prefix, besides those that are rarely matched.
        const called = [...numbers, ...prefixes.map((key) => `${key}07`)];
        for (const each of called) {
          const expected = naive(entries, each);
          assert.deepEqual(table.matches(each), expected);
          assert.deepEqual(table.longest(each), expected[0]);
        }
      },
    ),
    { numRuns: 300 },
  );
});
