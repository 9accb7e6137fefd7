import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiUnderTest, emptyPorts } from '../../api-under-test.ts';

const rest = { gateway: 'carrier-a', untilMs: 61_000, seconds: 60, callId: 'c1' };
const view = {
  gateway: 'carrier-a',
  until: '1970-01-01T00:01:01.000Z',
  seconds: 60,
  callId: 'c1',
};

test('ROUTE-06 OPS-02 gateways that rest are listed, and one may be used again before its time', async () => {
  let rests = [rest];
  const routing = {
    ...emptyPorts().routing,
    listRests: () => Promise.resolve({ rests }),
    endRest: ({ gateway }: { readonly gateway: string }) => {
      const ended = rests.some((each) => each.gateway === gateway);
      rests = rests.filter((each) => each.gateway !== gateway);
      return Promise.resolve({ ended });
    },
  };
  const api = await apiUnderTest({ routing });
  const url = '/api/v1/gateway-rests';
  assert.deepEqual((await api.ask({ url })).body, { rests: [view] });
  const ended = await api.ask({ method: 'DELETE', url: `${url}/carrier-a` });
  assert.deepEqual([ended.status, ended.body], [200, { rests: [] }]);
  const again = await api.ask({ method: 'DELETE', url: `${url}/carrier-a` });
  assert.equal(again.status, 404);
  await api.server.close();
});
