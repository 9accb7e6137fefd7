import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GetStatusResponse } from '@tandem/proto/edge';
import { apiUnderTest, emptyPorts } from '../../api-under-test.ts';

test('OPS-02 the status tells calls, outbox and what was dropped', async () => {
  const getStatus = (): Promise<GetStatusResponse> =>
    Promise.resolve(
      GetStatusResponse.create({
        edge: 'edge-1',
        calls: 7,
        outbox: 2,
        malformed: 3,
        draining: true,
      }),
    );
  const api = await apiUnderTest({ edge: { ...emptyPorts().edge, getStatus } });
  const { status, body } = await api.ask({ url: '/api/v1/status' });
  assert.equal(status, 200);
  const { edge, calls, outbox, malformed, isDraining } = body as Record<string, unknown>;
  assert.deepEqual(
    { edge, calls, outbox, malformed, isDraining },
    {
      edge: 'edge-1',
      calls: 7,
      outbox: 2,
      malformed: 3,
      isDraining: true,
    },
  );
});
