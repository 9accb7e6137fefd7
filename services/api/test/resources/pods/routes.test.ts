import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pod } from '@tandem/proto/edge';
import { apiUnderTest, emptyPorts } from '../../api-under-test.ts';

test('OPS-02 pods are listed with what they did, times as times', async () => {
  const pod = Pod.fromPartial({
    name: 'edge-2',
    role: 'worker',
    draining: true,
    startedMs: 1000,
    adoptions: 5,
    source: 'preserved',
  });
  const listPods = () => Promise.resolve({ pods: [pod] });
  const api = await apiUnderTest({ edge: { ...emptyPorts().edge, listPods } });
  const { status, body } = await api.ask({ url: '/api/v1/pods' });
  assert.equal(status, 200);
  const [shown] = (body as { pods: Record<string, unknown>[] }).pods;
  assert.ok(shown);
  assert.deepEqual(
    [shown['name'], shown['isDraining'], shown['startedAt'], shown['adoptions'], shown['source']],
    ['edge-2', true, '1970-01-01T00:00:01.000Z', 5, 'preserved'],
  );
  await api.server.close();
});
