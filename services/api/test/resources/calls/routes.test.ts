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
