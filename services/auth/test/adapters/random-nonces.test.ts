import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomNonces } from '../../src/adapters/random-nonces.ts';

test('AUTH-04 nonces are long, need no quoting, and never come twice', () => {
  const nonces = randomNonces();
  const drawn = Array.from({ length: 2000 }, () => nonces.draw());
  assert.equal(new Set(drawn).size, drawn.length);
  for (const nonce of drawn) assert.match(nonce, /^[A-Za-z0-9_-]{24}$/);
});
