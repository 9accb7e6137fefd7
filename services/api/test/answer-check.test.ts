import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Call } from '@tandem/proto/edge';
import { fail } from '../src/api/problem.ts';
import { apiUnderTest, emptyPorts } from './api-under-test.ts';

test('OPS-01 a test fails where an answer is not as the description has it', async () => {
  const wrong = [
    [{ calls: [], total: 'many' }, /\/calls: 200 has another form.*must be integer/],
    [{ calls: [Call.create({ state: 7 as never })], total: 1 }, /calls\/0\/state.*must be string/],
  ] as const;
  for (const [answer, message] of wrong) {
    const edge = { ...emptyPorts().edge, listCalls: () => Promise.resolve(answer as never) };
    const api = await apiUnderTest({ edge });
    await assert.rejects(api.ask({ url: '/api/v1/calls' }), message);
    await api.server.close();
  }
});

test('OPS-01 a test fails where a status is not in the description', async () => {
  const listCalls = () => Promise.reject(fail(418, 'teapot', 'short and stout'));
  const api = await apiUnderTest({ edge: { ...emptyPorts().edge, listCalls } });
  await assert.rejects(
    api.ask({ url: '/api/v1/calls' }),
    /get \/api\/v1\/calls: 418 is not in the description/,
  );
  await api.server.close();
});
