import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AddToBlacklistRequest, BlacklistEntry } from '@tandem/proto/auth';
import { apiUnderTest, emptyPorts } from '../../api-under-test.ts';

const entry: BlacklistEntry = {
  source: '203.0.113.7',
  sinceMs: 1000,
  untilMs: 3_601_000,
  failures: 100,
  cause: '100 failures, the last: wrong password, of phone 1001',
};

test('AUTH-08 the black list is read, added to and lifted from', async () => {
  let entries = [entry];
  const added: AddToBlacklistRequest[] = [];
  const auth = {
    ...emptyPorts().auth,
    listBlacklist: () => Promise.resolve({ entries }),
    addToBlacklist: (request: AddToBlacklistRequest) => {
      added.push(request);
      return request.source === '192.0.2.1'
        ? Promise.resolve({ source: '', refused: '192.0.2.1 is that of a gateway' })
        : Promise.resolve({ source: request.source, refused: '' });
    },
    liftFromBlacklist: ({ source }: { source: string }) => {
      const lifted = entries.some((each) => each.source === source);
      entries = entries.filter((each) => each.source !== source);
      return Promise.resolve({ lifted });
    },
  };
  const api = await apiUnderTest({ auth });
  const url = '/api/v1/blacklist';
  assert.deepEqual((await api.ask({ url })).body, {
    sources: [
      {
        source: '203.0.113.7',
        since: '1970-01-01T00:00:01.000Z',
        until: '1970-01-01T01:00:01.000Z',
        failures: 100,
        cause: entry.cause,
      },
    ],
  });
  const payload = { source: '203.0.113.9' };
  assert.equal((await api.ask({ method: 'POST', url, payload })).status, 200);
  assert.deepEqual(added, [{ source: '203.0.113.9', seconds: 3600, cause: 'by an operator' }]);
  const refused = await api.ask({ method: 'POST', url, payload: { source: '192.0.2.1' } });
  assert.equal(refused.status, 400);
  assert.match(refused.text, /192\.0\.2\.1 is that of a gateway/);
  const endless = { source: '203.0.113.9', seconds: 604_801 };
  assert.equal((await api.ask({ method: 'POST', url, payload: endless })).status, 400);
  const lift = { method: 'DELETE', url: `${url}/203.0.113.7` } as const;
  assert.deepEqual((await api.ask(lift)).body, { sources: [] });
  assert.equal((await api.ask(lift)).status, 404);
  await api.server.close();
});
