import assert from 'node:assert/strict';
import { test } from 'node:test';
import { passwordMistake } from '../../../src/core/operators/password-rules.ts';

test('OPS-12 a password that guessers would find is refused, with what would be right', () => {
  const cases = [
    ['short', /has 5 characters, must have 12 or more/],
    ['x'.repeat(257), /must have at most 256/],
    ['aaaaaaaaaaaaaa', /repeats few characters/],
    ['Password123456', /guessers try first/],
    ['tandem!2026!!!', /guessers try first/],
    ['alice and the rabbit', /holds "alice"/],
    ['abcdefgh12345678', /sequence/],
    ['qwertyuiop1234', /sequence|guessers/],
  ] as const;
  for (const [password, message] of cases) {
    assert.match(passwordMistake(password, 12, ['alice', '']) ?? '', message, password);
  }
});

test('OPS-12 a long password of several words is right, in any script', () => {
  for (const password of ['correct horse battery', 'пять зелёных слонов', 'sixteen-bit-tone-4']) {
    assert.equal(passwordMistake(password, 12, ['bob', 'ann']), undefined, password);
  }
});
