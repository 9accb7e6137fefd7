import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PrefixTable, bareNumber, readNumber } from '../src/index.ts';

const digit = fc.constantFrom(...Array.from('0123456789*#'));
const digits = fc.string({ unit: digit, minLength: 1, maxLength: 18 });

/** One way to write a character: plain or escaped, hex in either case, separators and blanks before it. */
const style = fc.record({
  before: fc.constantFrom('', '', '', '-', '.', '(', ')', '%2D', '%20', '%28'),
  isEscaped: fc.boolean(),
  isLower: fc.boolean(),
});
const params = fc.constantFrom('', '', ';npdi', ';npdi;rn=+1900', '%3Bisub=1', ';EXT=9;x', ';');

function written(
  number: string,
  styles: readonly { before: string; isEscaped: boolean; isLower: boolean }[],
): string {
  return Array.from(number)
    .map((character, index) => {
      const { before = '', isEscaped = false, isLower = false } = styles[index] ?? {};
      const hex = character.charCodeAt(0).toString(16);
      return before + (isEscaped ? `%${isLower ? hex : hex.toUpperCase()}` : character);
    })
    .join('');
}

const spelling = fc
  .record({
    number: digits,
    plus: fc.constantFrom('', '+'),
    styles: fc.array(style, { minLength: 19, maxLength: 19 }),
    after: params,
  })
  .map(({ number, plus, styles, after }) => ({
    number,
    plus,
    text: written(`${plus}${number}`, styles) + after,
  }));

test('CALL-12 no spelling of a number comes to another number, and so to another rate or route', () => {
  fc.assert(
    fc.property(
      spelling,
      fc.array(digits, { maxLength: 10 }),
      ({ number, plus, text }, prefixes) => {
        const reading = readNumber(text);
        assert.deepEqual(reading, { kind: 'number', number: `${plus}${number}` }, text);
        assert.equal(bareNumber(reading.number), number);
        const half = number.slice(0, Math.ceil(number.length / 2));
        const table = new PrefixTable([...prefixes, '', half].map((prefix) => [prefix, prefix]));
        assert.deepEqual(table.matches(reading.number), table.matches(number));
      },
    ),
    { numRuns: 2000 },
  );
});

test('CALL-12 a number that was read is read as itself', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 20 }), (text) => {
      const reading = readNumber(encodeURIComponent(text));
      if (reading.kind !== 'number') return;
      assert.deepEqual(readNumber(encodeURIComponent(reading.number)), reading);
    }),
    { numRuns: 2000 },
  );
});

test('CALL-10 no bytes in a user part make it fail', () => {
  const byte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
  const text = fc.string({ unit: fc.oneof(byte, fc.constantFrom('%', '+', ';', '8', '=')) });
  fc.assert(
    fc.property(text, (received) => {
      const reading = readNumber(received);
      if (reading.kind === 'number') assert.doesNotMatch(reading.number, /[\p{Cc};]/u);
    }),
    { numRuns: 3000 },
  );
});
