import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiUnderTest, emptyPorts } from '../../api-under-test.ts';

test('ROUTE-05 lines are listed with who holds each and since when', async () => {
  const holders = [{ callId: 'c', sinceMs: 1000, expiresMs: 31_000 }];
  const lines = [{ subject: 'account demo', limit: 5, inUse: 1, holders }];
  const routing = { ...emptyPorts().routing, listLines: () => Promise.resolve({ lines }) };
  const api = await apiUnderTest({ routing });
  assert.deepEqual((await api.ask({ url: '/api/v1/lines?subject=account%20demo' })).body, {
    lines: [
      {
        subject: 'account demo',
        limit: 5,
        inUse: 1,
        holders: [
          {
            callId: 'c',
            since: '1970-01-01T00:00:01.000Z',
            leaseUntil: '1970-01-01T00:00:31.000Z',
          },
        ],
      },
    ],
  });
  const without = await api.ask({ url: '/api/v1/lines?holders=false' });
  assert.deepEqual((without.body as { lines: unknown }).lines, [{ ...lines[0], holders: [] }]);
  await api.server.close();
});
