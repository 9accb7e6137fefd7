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
  };
  const listAuthenticationFailures = () => Promise.resolve({ failures: [failure] });
  const api = await apiUnderTest({ auth: { ...emptyPorts().auth, listAuthenticationFailures } });
  const { firstMs, lastMs, ...rest } = failure;
  assert.deepEqual([firstMs, lastMs], [1000, 61_000]);
  assert.deepEqual((await api.ask({ url: '/api/v1/authentication-failures' })).body, {
    failures: [{ ...rest, first: '1970-01-01T00:00:01.000Z', last: '1970-01-01T00:01:01.000Z' }],
  });
  await api.server.close();
});
