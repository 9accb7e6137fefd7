import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkConfiguration, maskPasswords } from '../src/index.ts';
import { mistakesOf, rightDocument } from './configurations.ts';

const addresses = ['192.0.2.0/24'];

function withPhone(phone: object): string[] {
  return mistakesOf(rightDocument({ phones: [{ username: '1009', account: 'demo', ...phone }] }));
}

test('REG-10 a phone is known by its password, its addresses, or both, and has what that takes', () => {
  assert.deepEqual(withPhone({ password: 'p' }), []);
  assert.deepEqual(withPhone({ authentication: 'ip', addresses }), []);
  assert.deepEqual(withPhone({ authentication: 'both', addresses, password: 'p' }), []);
});

test('REG-10 what is missing, or has no effect, is a mistake', () => {
  for (const [phone, ...wanted] of [
    [{}, 'password: is missing'],
    [{ password: 'p', addresses }, 'addresses: has no effect: write authentication: both'],
    [{ authentication: 'ip' }, 'addresses: is missing'],
    [{ authentication: 'ip', addresses, password: 'p' }, 'password: has no effect'],
    [{ authentication: 'ip', addresses, realm: 'r' }, 'realm: has no effect'],
    [{ authentication: 'both' }, 'addresses: is missing', 'password: is missing'],
    [{ authentication: 'ip', addresses: ['192.0.2.0/33'] }, 'addresses[0]'],
    [{ authentication: 'digest', password: 'p' }, 'authentication'],
  ] as const) {
    const mistakes = withPhone(phone);
    assert.equal(mistakes.length, wanted.length, mistakes.join('; '));
    for (const [at, begins] of wanted.entries()) {
      assert.ok(mistakes[at]?.startsWith(`phones[0].${begins}`), mistakes[at]);
    }
  }
});

test('AUTH-12 a phone without a password is stored and shown without one', () => {
  const phone = { username: '1009', account: 'demo', authentication: 'ip', addresses };
  const result = checkConfiguration(rightDocument({ phones: [phone] }));
  assert.equal(result.kind, 'valid');
  assert.equal(maskPasswords(result.configuration).phones[0]?.password, undefined);
});
