import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { countMissing, listContent, NumberList, numbersOf } from '../src/index.ts';

// Few digits, so that numbers begin with one another.
const digits = fc.constantFrom('0', '1', '9', '0', '1', '9', '*', '#');
const entry = fc.string({ unit: digits, minLength: 1, maxLength: 18 });
const called = fc
  .tuple(fc.constantFrom('', '+'), fc.string({ unit: digits, maxLength: 20 }))
  .map((parts) => parts.join(''));

test('ROUTE-10 a list finds what a plain search finds, as whole numbers and as prefixes', () => {
  fc.assert(
    fc.property(
      fc.array(entry, { maxLength: 60 }),
      fc.array(called, { minLength: 1, maxLength: 20 }),
      (entries, numbers) => {
        const content = listContent(entries);
        const exact = new NumberList(content, 'exact');
        const prefix = new NumberList(content, 'prefix');
        for (const number of [...numbers, ...entries, ...entries.map((each) => `+${each}10`)]) {
          const bare = number.replace(/^\+/, '');
          const shortest = entries
            .filter((each) => bare.startsWith(each))
            .sort((a, b) => a.length - b.length)[0];
          assert.equal(exact.find(number), entries.includes(bare) ? bare : undefined, number);
          assert.equal(prefix.find(number), shortest, number);
        }
      },
    ),
    { numRuns: 2000 },
  );
});

test('ROUTE-10 what a list holds can be read again, and told apart from another', () => {
  fc.assert(
    fc.property(fc.array(entry), fc.array(entry), (first, second) => {
      const [one, other] = [listContent(first), listContent(second)];
      assert.deepEqual(new Set(numbersOf(one)), new Set(first));
      assert.equal([...numbersOf(one)].length, new Set(first).size);
      const missing = [...new Set(first)].filter((number) => !second.includes(number));
      assert.equal(countMissing(one, other), missing.length);
    }),
  );
});
