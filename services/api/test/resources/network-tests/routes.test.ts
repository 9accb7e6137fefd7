import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GetStatusResponse, NetworkFinding } from '@tandem/proto/edge';
import { apiUnderTest, emptyPorts } from '../../api-under-test.ts';

test('CALL-07 the network is tested on demand, and the status has what was found last', async () => {
  const finding = NetworkFinding.fromPartial({ transport: 'udp', source: 'hidden', atMs: 1000 });
  const edge = {
    ...emptyPorts().edge,
    testNetwork: () => Promise.resolve({ edge: 'edge-1', findings: [finding] }),
    getStatus: () => Promise.resolve(GetStatusResponse.fromPartial({ network: [finding] })),
  };
  const api = await apiUnderTest({ edge });
  const expected = {
    transport: 'udp',
    target: '',
    source: 'hidden',
    leadsHere: '',
    sentFrom: '',
    seenFrom: '',
    answeredFrom: '',
    answeredBy: '',
    text: '',
    at: '1970-01-01T00:00:01.000Z',
  };
  const tested = await api.ask({ method: 'POST', url: '/api/v1/network-tests' });
  assert.deepEqual(tested.body, { edge: 'edge-1', findings: [expected] });
  const { network, outboxSince } = (await api.ask({ url: '/api/v1/status' })).body as Record<
    string,
    unknown
  >;
  assert.deepEqual([network, outboxSince], [[expected], null]);
  await api.server.close();
});
