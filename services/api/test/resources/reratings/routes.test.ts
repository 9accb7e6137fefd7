import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReratedLine, ReratedSum, Rerating } from '@tandem/proto/billing';
import type { CreateReratingRequest } from '@tandem/proto/billing';
import { apiWithExample, emptyPorts } from '../../api-under-test.ts';

const request = {
  accounts: ['demo'],
  from: '2026-03-01T00:00:00Z',
  until: '2026-04-01T00:00:00Z',
  note: 'late sheet',
};

test('BILL-06 calls of a period are rated once more by the configuration in effect, looked at, and booked when asked', async () => {
  const asked: CreateReratingRequest[] = [];
  const line = ReratedLine.create({ callId: 'a', side: 'call', account: 'demo', before: '0.3', after: '0.1', currency: 'USD' }); // prettier-ignore
  let made = Rerating.create();
  const billing = {
    ...emptyPorts().billing,
    createRerating: (created: CreateReratingRequest) => {
      asked.push(created);
      made = Rerating.create({
        ...created,
        id: 7,
        state: 'ready',
        share: 1,
        sums: [ReratedSum.create({ account: 'demo', side: 'call', calls: 3, unrated: 1, before: '0.3', after: '0.1', difference: '-0.2' })],
        dearest: [line],
      }); // prettier-ignore
      return Promise.resolve(made);
    },
    getRerating: ({ id }: { readonly id: number }) => Promise.resolve({ rerating: id === 7 ? made : undefined }), // prettier-ignore
    listReratingLines: () => Promise.resolve({ lines: [line, { ...line, after: '' }, { ...line, side: 'level', account: 'north' }], nextCursor: '2' }), // prettier-ignore
    applyRerating: ({ appliedBy }: { readonly appliedBy: string }) => Promise.resolve({ ...made, state: 'applying', appliedBy }), // prettier-ignore
  };
  const api = await apiWithExample({ billing });
  const created = await api.ask({ method: 'POST', url: '/api/v1/reratings', payload: request });
  assert.equal(created.status, 202);
  const { accounts, fromMs, reverses, version } = asked[0] ?? {};
  assert.deepEqual([accounts, fromMs, reverses], [['demo'], Date.UTC(2026, 2, 1), 0]);
  assert.ok((version ?? 0) > 0);
  const told = await api.ask({ method: 'GET', url: '/api/v1/reratings/7' });
  const body = told.body as { sums: { difference: string; unrated: number }[]; dearest: { difference: string }[] }; // prettier-ignore
  assert.deepEqual([body.sums[0]?.difference, body.sums[0]?.unrated, body.dearest[0]?.difference], ['-0.2', 1, '-0.2']); // prettier-ignore
  const csv = await api.ask({ method: 'GET', url: '/api/v1/reratings/7/lines?format=csv' });
  assert.match(
    csv.text,
    /^callId,startedAt,side,account,callee,before,after,difference,currency,why/,
  );
  assert.match(csv.text, /a,,call,demo,,0\.3,,0,USD,/);
  assert.match(csv.text, /a,,level,north,,0\.3,0\.1,-0\.2,USD,/);
  const applied = await api.ask({ method: 'POST', url: '/api/v1/reratings/7/apply' });
  assert.equal(applied.status, 202);
  assert.equal((applied.body as { state: string }).state, 'applying');
  assert.equal((await api.ask({ method: 'POST', url: '/api/v1/reratings/8/apply' })).status, 404);
  await api.server.close();
});

test('BILL-06 a re-rating of accounts, versions or imports that are not there is not begun', async () => {
  const api = await apiWithExample();
  const refusals: readonly (readonly [object, number])[] = [
    [{ accounts: ['nobody'] }, 404],
    [{ accounts: [] }, 400],
    [{ version: 4711 }, 404],
    [{ rates: [{ group: 'standard', id: 'x' }] }, 404],
    [{ until: request.from }, 400],
  ];
  for (const [changes, status] of refusals) {
    const payload = { ...request, ...changes };
    const refused = await api.ask({ method: 'POST', url: '/api/v1/reratings', payload });
    assert.equal(refused.status, status, JSON.stringify(changes));
  }
  await api.server.close();
});
