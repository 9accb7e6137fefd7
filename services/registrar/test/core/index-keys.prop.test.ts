import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareKeys } from '../../src/core/index-keys.ts';

test('REG-05 keys are compared as their bytes are, whatever they hold', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '\u0001', 'ü', '\uffee', '☎', '😀') });
  fc.assert(
    fc.property(text, text, (one, other) => {
      const bytes = Buffer.compare(Buffer.from(one), Buffer.from(other));
      assert.equal(Math.sign(compareKeys(one, other)), bytes);
    }),
  );
});
