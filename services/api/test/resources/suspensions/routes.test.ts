import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LiftSuspensionRequest } from '@tandem/proto/auth';
import { apiUnderTest, emptyPorts } from '../../api-under-test.ts';

test('AUTH-07 suspensions are listed and lifted', async () => {
  let left = [
    {
      terminal: 'phone 1001',
      sinceMs: 1000,
      untilMs: 181_000,
      failures: 6,
      cause: 'wrong password',
      lastSource: '127.0.0.1:5060',
    },
  ];
  const asked: LiftSuspensionRequest[] = [];
  const auth = {
    ...emptyPorts().auth,
    listSuspensions: () => Promise.resolve({ suspensions: left }),
    liftSuspension: (request: LiftSuspensionRequest) => {
      asked.push(request);
      const lifted = left.some(({ terminal }) => terminal === request.terminal);
      left = [];
      return Promise.resolve({ lifted });
    },
  };
  const api = await apiUnderTest({ auth });
  assert.deepEqual((await api.ask({ url: '/api/v1/suspensions' })).body, {
    suspensions: [
      {
        terminal: 'phone 1001',
        since: '1970-01-01T00:00:01.000Z',
        until: '1970-01-01T00:03:01.000Z',
        failures: 6,
        cause: 'wrong password',
        lastSource: '127.0.0.1:5060',
      },
    ],
  });
  const url = '/api/v1/suspensions/phone%201001';
  assert.deepEqual((await api.ask({ method: 'DELETE', url })).body, { suspensions: [] });
  assert.equal((await api.ask({ method: 'DELETE', url })).status, 404);
  assert.deepEqual(asked[0], { terminal: 'phone 1001' });
  await api.server.close();
});
