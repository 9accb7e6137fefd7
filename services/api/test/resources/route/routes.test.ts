import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnalyseRequest } from '@tandem/proto/routing';
import { apiWithExample, emptyPorts } from '../../api-under-test.ts';

test('ROUTE-12 the analysis is asked for a phone or a mapping gateway by name', async () => {
  const seen: AnalyseRequest[] = [];
  const routing = {
    ...emptyPorts().routing,
    analyse: (request: AnalyseRequest) => {
      seen.push(request);
      return Promise.resolve({
        route: undefined,
        price: '',
        configurationVersion: 1,
        charge: undefined,
      });
    },
  };
  const api = await apiWithExample({ routing });
  const ask = async (query: string) => api.ask({ url: `/api/v1/route?callee=44&${query}` });
  assert.equal((await ask('from=1001&caller=5&at=2026-11-21')).status, 200);
  assert.equal((await ask('from=demo-trunk')).status, 200);
  assert.deepEqual(
    seen.map(({ origin, caller, atMs }) => [origin, caller, atMs]),
    [
      [{ kind: 'phone', name: '1001', account: 'demo' }, '5', Date.UTC(2026, 10, 21)],
      [{ kind: 'mapping-gateway', name: 'demo-trunk', account: 'demo' }, '', 0],
    ],
  );
  const unknown = await ask('from=demo-trnk');
  assert.equal(unknown.status, 404);
  assert.match(
    unknown.text,
    /neither a mapping gateway nor a phone; did you mean \\"demo-trunk\\"\?/,
  );
  assert.equal((await ask('from=1001&at=soon')).status, 400);
  await api.server.close();
});

test('ROUTE-12 a route is asked for by number, by user part or by URI, each passed on as received', async () => {
  const seen: string[] = [];
  const secure: string[] = [];
  const routing = {
    ...emptyPorts().routing,
    analyse: ({ caller, callee, isSips }: AnalyseRequest) => {
      seen.push(callee, caller);
      if (isSips) secure.push(callee);
      return Promise.resolve({
        route: undefined,
        price: '',
        configurationVersion: 1,
        charge: undefined,
      });
    },
  };
  const api = await apiWithExample({ routing });
  const ask = async (callee: string, caller: string) => {
    const query = new URLSearchParams({ from: '1001', callee, caller });
    assert.equal((await api.ask({ url: `/api/v1/route?${query.toString()}` })).status, 200);
  };
  await ask('+44 20', '%34');
  await ask('tel:77;phone-context=+44', 'sip:%35;x=y@office.example');
  await ask('sip:office.example', 'sip:<');
  assert.deepEqual(seen, ['+44 20', '%34', '77;phone-context=+44', '%35;x=y', '', '']);
  assert.deepEqual(secure, []);
  await ask('SIPS:77@office.example', '');
  assert.deepEqual(secure, ['77']);
  await api.server.close();
});

test('ROUTE-12 BILL-02 a call of a given length is asked for, and what it would be charged is told', async () => {
  const seen: number[] = [];
  const charge = { price: '0.0246', currency: 'USD', billedSeconds: 120 };
  const routing = {
    ...emptyPorts().routing,
    analyse: ({ seconds }: AnalyseRequest) => {
      seen.push(seconds);
      const asked = seconds === 0 ? undefined : charge;
      return Promise.resolve({
        route: undefined,
        price: '',
        configurationVersion: 1,
        charge: asked,
      });
    },
  };
  const api = await apiWithExample({ routing });
  const ask = async (query: string): Promise<{ status: number; body: { charge?: unknown } }> =>
    api.ask({ url: `/api/v1/route?callee=44&from=1001${query}` });
  assert.deepEqual((await ask('&seconds=61')).body.charge, charge);
  assert.equal((await ask('')).body.charge, null);
  assert.deepEqual(seen, [61, 0]);
  assert.equal((await ask('&seconds=-1')).status, 400);
  await api.server.close();
});
