import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { ConfigurationError, parsedText, readEnvironment } from '../src/index.ts';

const digits = (text: string): number | undefined =>
  /^\d+$/.test(text) ? Number(text) : undefined;
const schema = z.object({ COUNT: parsedText(digits, 'a number, such as 3') });

test('OPS-05 text is read by the function that is given, whatever it makes of it', () => {
  assert.deepEqual(readEnvironment(schema, { COUNT: '17' }), { COUNT: 17 });
  // 0 and false are values like others.
  assert.deepEqual(readEnvironment(schema, { COUNT: '0' }), { COUNT: 0 });
});

test('OPS-05 text that the function does not know is named with what is right', () => {
  assert.throws(
    () => readEnvironment(schema, { COUNT: 'many' }),
    (error) => {
      assert.ok(error instanceof ConfigurationError);
      assert.match(error.message, /COUNT: "many" is wrong: write a number, such as 3/);
      return true;
    },
  );
});

test('OPS-05 a default is what the function gives, and text before it where that is wanted', () => {
  const defaults = z.object({
    READ: parsedText(digits, 'a number').default(3),
    WRITTEN: parsedText(digits, 'a number').prefault('4'),
  });
  assert.deepEqual(readEnvironment(defaults, {}), { READ: 3, WRITTEN: 4 });
});
