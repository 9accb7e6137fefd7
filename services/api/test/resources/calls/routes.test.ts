import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Call } from '@tandem/proto/edge';
import { apiUnderTest, emptyPorts } from '../../api-under-test.ts';

test('OPS-02 calls in progress are listed, and one is shown', async () => {
  const call = Call.fromPartial({
    callId: 'c',
    state: 'ringing',
    origin: { kind: 'phone', name: '1001', account: 'demo' },
  });
  const edge = {
    ...emptyPorts().edge,
    listCalls: () => Promise.resolve({ calls: [call], total: 7 }),
    getCall: ({ callId }: { callId: string }) =>
      Promise.resolve({ call: callId === 'c' ? call : undefined }),
  };
  const api = await apiUnderTest({ edge });
  const { body } = await api.ask({ url: '/api/v1/calls?limit=1' });
  const list = body as { total: number; calls: { account: string; answeredAt: null }[] };
  assert.equal(list.total, 7);
  assert.deepEqual([list.calls[0]?.account, list.calls[0]?.answeredAt], ['demo', null]);
  assert.equal((await api.ask({ url: '/api/v1/calls/c' })).status, 200);
  assert.equal((await api.ask({ url: '/api/v1/calls/d' })).status, 404);
  await api.server.close();
});

test('OPS-02 a call is ended with who wanted it and why; one that is not there is 404, one that goes on 409', async () => {
  const asked: unknown[] = [];
  const results: Readonly<Record<string, string>> = { c: 'ended', slow: 'unended' };
  const edge = {
    ...emptyPorts().edge,
    hangUp: (request: { callId: string; operator: string }) => {
      asked.push(request);
      return Promise.resolve({ result: results[request.callId] ?? 'no-such-call' });
    },
  };
  const api = await apiUnderTest({ edge });
  const end = (path: string) => api.ask({ method: 'DELETE', url: `/api/v1/calls/${path}` });
  assert.deepEqual((await end('c?note=fraud')).body, { callId: 'c', isEnded: true });
  assert.deepEqual(asked, [{ callId: 'c', operator: 'api 127.0.0.1: fraud' }]);
  assert.equal((await end('d')).status, 404);
  const slow = await end('slow');
  assert.equal(slow.status, 409);
  assert.match(slow.text, /try again/);
  await api.server.close();
});
