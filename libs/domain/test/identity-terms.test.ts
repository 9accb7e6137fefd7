import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasIdentityTerm, identityTerms, identityTermsOf } from '../src/index.ts';
import type { IdentityTerm } from '../src/index.ts';

const plain = { trusted: false, uri: 'sip', userPhone: false } as const;

function namesOf(terms: number): IdentityTerm[] {
  return (Object.keys(identityTerms) as IdentityTerm[]).filter((term) =>
    hasIdentityTerm(terms, term),
  );
}

test('CALL-12 a side of which nothing is said gives and gets nothing', () => {
  assert.equal(identityTermsOf(undefined), 0);
  assert.equal(identityTermsOf(plain), 0);
});

test('CALL-12 a trusted side has the headers of today, unless others are named', () => {
  assert.deepEqual(namesOf(identityTermsOf({ ...plain, trusted: true })), [
    'trusted',
    'pai',
    'diversion',
    'history-info',
  ]);
  const named = { ...plain, trusted: true, headers: ['rpid'] as const, verstat: true };
  assert.deepEqual(namesOf(identityTermsOf(named)), ['trusted', 'rpid', 'verstat']);
  const open = { ...plain, headers: ['pai'] as const, uri: 'both', userPhone: true } as const;
  assert.deepEqual(namesOf(identityTermsOf(open)), ['pai', 'both', 'userPhone']);
});

test('CALL-12 the terms of a side fit into the two bytes that tokens have for them', () => {
  const all = Object.values(identityTerms).reduce((sum, term) => sum | term, 0);
  assert.ok(all < 0x1_0000);
  assert.equal(new Set(Object.values(identityTerms)).size, Object.keys(identityTerms).length);
});
