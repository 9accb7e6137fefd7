import { decided } from '@tandem/domain';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiUnderTest, emptyPorts } from '../../api-under-test.ts';

test('OPS-10 who has not proved himself is listed, gathered by user name and source', async () => {
  const failure = {
    user: 'unknown-user 4711',
    source: '203.0.113.7',
    firstMs: 1000,
    lastMs: 61_000,
    count: 6084,
    cause: 'wrong realm',
    reason: 'AuthenticationFailed',
    explanation: 'sent realm "other", expected "tandem"',
    decision: undefined,
  };
  const decision = decided('source-unknown', {
    subject: failure.user,
    facts: { SS_UNKNOWN_SOURCE: 'refuse', source: '203.0.113.7:5060' },
    atMs: 1000,
  });
  const unknown = { ...failure, cause: 'address in no list', explanation: '', decision };
  const listAuthenticationFailures = () => Promise.resolve({ failures: [failure, unknown] });
  const api = await apiUnderTest({ auth: { ...emptyPorts().auth, listAuthenticationFailures } });
  const { firstMs, lastMs, decision: none, ...rest } = failure;
  assert.equal(none, undefined);
  const times = { first: '1970-01-01T00:00:01.000Z', last: '1970-01-01T00:01:01.000Z' };
  assert.deepEqual([firstMs, lastMs], [1000, 61_000]);
  assert.deepEqual((await api.ask({ url: '/api/v1/authentication-failures' })).body, {
    failures: [
      { ...rest, ...times, change: '' },
      {
        ...rest,
        ...times,
        cause: 'address in no list',
        explanation:
          'No gateway lists the address 203.0.113.7:5060, and such are refused (SS_UNKNOWN_SOURCE refuse).',
        change:
          'Add 203.0.113.7 to authentication.addresses of a mapping gateway, if the call should be let in.',
      },
    ],
  });
  await api.server.close();
});
