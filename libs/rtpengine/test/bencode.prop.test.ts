import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { decodeBencode, encodeBencode } from '../src/index.ts';
import type { Bencodable } from '../src/index.ts';

/** Any bytes, as the characters that stand for them. */
const bytes = fc.uint8Array({ maxLength: 40 }).map((each) => Buffer.from(each).toString('latin1'));
const { value: values } = fc.letrec<{ value: Bencodable }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.maxSafeInteger(),
    bytes,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(bytes, tie('value'), { maxKeys: 4, noNullPrototype: false }),
  ),
}));

test('CALL-08 what is bencoded is read as it was', () => {
  fc.assert(
    fc.property(values, (value) => {
      const read = decodeBencode(encodeBencode(value));
      assert.deepEqual(JSON.parse(JSON.stringify(read)), JSON.parse(JSON.stringify(value)));
      assert.deepEqual(encodeBencode(read), encodeBencode(value));
    }),
  );
});

test('CALL-08 a bencoded value that is cut short anywhere, or goes on, is refused', () => {
  fc.assert(
    fc.property(values, fc.nat(), (value, place) => {
      const encoded = encodeBencode(value);
      assert.throws(() => decodeBencode(encoded.subarray(0, place % encoded.length)), RangeError);
      assert.throws(() => decodeBencode(Buffer.concat([encoded, Buffer.from('e')])), RangeError);
    }),
  );
});

test('CALL-08 any bytes are read, or refused with a RangeError and nothing else', () => {
  const likely = fc.array(fc.constantFrom('d', 'l', 'i', 'e', ':', '-', '0', '1', '3', 'ab'), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(
      fc.oneof(
        bytes,
        likely.map((parts) => parts.join('')),
      ),
      (text) => {
        try {
          decodeBencode(Buffer.from(text, 'latin1'));
        } catch (error) {
          assert.ok(error instanceof RangeError);
        }
      },
    ),
  );
});
