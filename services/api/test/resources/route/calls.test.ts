import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Candidate, Deny, Routed, RouteResponse, type AnalyseRequest } from '@tandem/proto/routing';
import { apiWithExample, emptyPorts } from '../../api-under-test.ts';

test('ROUTE-12 some calls are analysed in one request, four at a time, and told in their order', async () => {
  let most = 0;
  let running = 0;
  const seen: AnalyseRequest[] = [];
  const routing = {
    ...emptyPorts().routing,
    analyse: async (request: AnalyseRequest) => {
      seen.push(request);
      running += 1;
      most = Math.max(most, running);
      for (let turn = 0; turn < Number(request.callee.slice(2)) % 7; turn++)
        await Promise.resolve();
      running -= 1;
      const candidates = ['a', 'b', 'c'].map((gateway) => Candidate.create({ gateway }));
      const route = request.callee.startsWith('44')
        ? { $case: 'routed' as const, value: Routed.create({ candidates, chosen: 1 }) }
        : { $case: 'deny' as const, value: Deny.create({ reason: 'NoAvailableRouter' }) };
      return {
        route: RouteResponse.create({ outcome: route }),
        price: route.$case === 'routed' ? '0.01 USD' : '',
        charge: undefined,
        configurationVersion: 7,
      };
    },
  };
  const api = await apiWithExample({ routing });
  const ask = (body: object) => api.ask({ method: 'POST', url: '/api/v1/route', payload: body });
  const calls = Array.from({ length: 20 }, (_, at) => ({
    callee: `${at % 5 === 0 ? '33' : '44'}${String(at)}`,
    caller: 'tel:5',
  }));
  const { body, status } = await ask({ from: '1001', at: '2026-12-01', calls });
  assert.equal(status, 200, JSON.stringify(body));
  const { analyses } = body as { analyses: Record<string, unknown>[] };
  assert.deepEqual(
    analyses.map(({ callee }) => callee),
    calls.map(({ callee }) => callee),
  );
  assert.deepEqual(
    [
      analyses[0]?.['outcome'],
      analyses[0]?.['code'],
      analyses[0]?.['gateways'],
      analyses[0]?.['price'],
    ],
    ['refused', 503, [], null],
  );
  assert.deepEqual(analyses[1]?.['gateways'], ['b', 'c', 'a']);
  assert.equal(most, 4);
  assert.deepEqual(
    [seen[0]?.caller, seen[0]?.atMs, seen[0]?.origin?.kind],
    ['5', Date.UTC(2026, 11, 1), 'phone'],
  );
  assert.equal((await ask({ from: '10o1', calls })).status, 404);
  assert.equal((await ask({ from: '1001', calls: [] })).status, 400);
  await api.server.close();
});
