import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashPassword, isPassword } from '../../src/adapters/password-hash.ts';

test('OPS-12 a password is kept as argon2id with a salt of its own, and found again', async () => {
  const [one, two] = await Promise.all([hashPassword('so-so'), hashPassword('so-so')]);
  assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  assert.notEqual(one, two);
  assert.equal(await isPassword('so-so', one), true);
  assert.equal(await isPassword('so-so ', one), false);
  assert.equal(await isPassword('so-so', undefined), false);
  assert.equal(await isPassword('', undefined), false);
  assert.equal(await isPassword('so-so', 'so-so'), false);
});

test('OPS-12 many at once are hashed in turn, and all of them', async () => {
  const hash = await hashPassword('a');
  const answers = await Promise.all(Array.from('aabab').map((each) => isPassword(each, hash)));
  assert.deepEqual(answers, [true, true, false, true, false]);
});
