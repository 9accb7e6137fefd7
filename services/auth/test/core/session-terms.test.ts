import { readParameters } from '@tandem/config';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeTerms, encodeTerms, termsOf } from '../../src/core/session-terms.ts';

test('AUTH-06 AUTH-07 the limits are the system parameters, by default 6 in 10 s and 6 for 180 s', () => {
  assert.deepEqual(termsOf(readParameters()), {
    challengeMode: 3,
    retryLimit: 6,
    timeoutMs: 10_000,
    maxFailures: 6,
    suspendMs: 180_000,
    userMaxFailures: 60,
  });
});

test('AUTH-03 terms that an earlier version has sent are read, and have no limit of a user name', () => {
  assert.deepEqual(decodeTerms('2,10000,4,60000,1'), {
    challengeMode: 1,
    retryLimit: 2,
    timeoutMs: 10_000,
    maxFailures: 4,
    suspendMs: 60_000,
    userMaxFailures: 0,
  });
});

test('AUTH-03 terms come back from the store as they went in', () => {
  for (const mode of [1, 2, 3]) {
    const terms = termsOf(readParameters({ SS_AUTHCHALLENGEMODE: mode }));
    assert.deepEqual(decodeTerms(encodeTerms(terms)), terms);
    assert.equal(terms.challengeMode, mode);
  }
});
