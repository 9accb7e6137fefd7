import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PrefixIndex, PrefixIndexBuilder, PrefixTable } from '../src/index.ts';

const digits = fc.constantFrom('0', '1', '2', '4', '9', '*', '#');
const prefix = fc.oneof(
  { weight: 5, arbitrary: fc.string({ unit: digits, maxLength: 6 }) },
  { weight: 1, arbitrary: fc.string({ unit: digits, maxLength: 35 }) },
);
const number = fc
  .tuple(
    fc.constantFrom('', '+'),
    fc.string({ unit: digits, maxLength: 40 }),
    fc.constantFrom('', '', '', 'x1'),
  )
  .map((parts) => parts.join(''));
const rule = fc.tuple(prefix, fc.nat(50));

type Rule = readonly [prefix: string, value: number];

/** What must be found, by looking at every rule. */
function naive(rules: readonly Rule[], called: string) {
  const bare = called.replace(/^\+/, '').replace(/[^0-9*#].*$/, '');
  const found = new Map<string, number[]>();
  for (const [key, value] of rules) {
    if (bare.startsWith(key)) found.set(key, [...(found.get(key) ?? []), value]);
  }
  return [...found]
    .map(([key, values]) => ({ prefix: key, values }))
    .sort((a, b) => b.prefix.length - a.prefix.length);
}

function indexOf(rules: readonly Rule[]): PrefixIndexBuilder {
  const builder = new PrefixIndexBuilder();
  for (const [key, value] of rules) builder.add(key, value);
  return builder;
}

/** As another thread sees it. */
function tableOf(index: PrefixIndex): PrefixTable<number> {
  return new PrefixTable({ index: new PrefixIndex(index.buffer), valueOf: (value) => value });
}

/** Numbers that continue a prefix, besides those that are rarely matched. */
function numbersOf(rules: readonly Rule[], others: readonly string[]): string[] {
  return [...others, ...rules.flatMap(([key]) => [key, `${key}07`, `+${key}9*4`])];
}

test('ROUTE-14 what is found of 100,000 numbers is what a look at every rule finds', () => {
  let cases = 0;
  fc.assert(
    fc.property(
      fc.array(rule, { maxLength: 60 }),
      fc.array(number, { minLength: 20, maxLength: 40 }),
      (rules, numbers) => {
        const table = tableOf(indexOf(rules).finish());
        for (const each of numbersOf(rules, numbers)) {
          const expected = naive(rules, each);
          assert.deepEqual(table.matches(each), expected);
          assert.deepEqual(table.longest(each), expected[0]);
          cases += 1;
        }
      },
    ),
    { numRuns: 2500 },
  );
  assert.ok(cases >= 100_000, `${String(cases)} cases`);
});

test('ROUTE-14 a table that was changed finds what one finds that was built anew', () => {
  fc.assert(
    fc.property(
      fc.array(rule, { maxLength: 60 }),
      fc.uniqueArray(fc.nat(50), { maxLength: 30 }),
      fc.array(rule, { maxLength: 60 }),
      (rules, gone, added) => {
        const isKept = (value: number): boolean => !gone.includes(value);
        const changed = PrefixIndexBuilder.from(indexOf(rules).finish(), isKept);
        for (const [key, value] of added) changed.add(key, value);
        const after = [...rules.filter(([, value]) => isKept(value)), ...added];
        const byValue = (a: number, b: number): number => a - b;
        const table = tableOf(changed.finish(byValue));
        assert.equal(table.size, after.length);
        const ordered = after.toSorted((a, b) => a[1] - b[1]);
        for (const each of numbersOf([...rules, ...added], [])) {
          assert.deepEqual(table.matches(each), naive(ordered, each));
        }
      },
    ),
    { numRuns: 300 },
  );
});
