import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pieces } from '../../src/core/words-with-code.ts';

test('OPS-09 a command in backticks is code, and what is around it is not', () => {
  assert.deepEqual(pieces('Book a payment: `tandem accounts pay poor 10`.'), [
    { text: 'Book a payment: ', isCode: false },
    { text: 'tandem accounts pay poor 10', isCode: true },
    { text: '.', isCode: false },
  ]);
});

test('OPS-09 a backtick without its pair stays in the words, as do signs of HTML', () => {
  assert.deepEqual(pieces('a ` b <b>'), [{ text: 'a ` b <b>', isCode: false }]);
  assert.deepEqual(pieces(''), []);
});
