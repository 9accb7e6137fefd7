import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Dispute } from '@tandem/proto/billing';
import type { AddDisputeCallsRequest, CompareDisputeRequest } from '@tandem/proto/billing';
import { apiWithExample, emptyPorts } from '../../api-under-test.ts';

const request = {
  account: 'demo',
  from: '2026-03-01T00:00:00Z',
  until: '2026-04-01T00:00:00Z',
  mapping: { columns: { callee: 'Called', at: 'Time', seconds: 'Duration' } },
};

test('BILL-06 a file of CDRs is read as it comes, passed on in parts, and compared once all of it is there', async () => {
  const kept: AddDisputeCallsRequest[] = [];
  const compared: CompareDisputeRequest[] = [];
  let made = Dispute.create();
  const billing = {
    ...emptyPorts().billing,
    createDispute: (asked: Dispute) => {
      made = { ...asked, id: 3, state: 'receiving' };
      return Promise.resolve(made);
    },
    getDispute: () => Promise.resolve({ dispute: made }),
    addDisputeCalls: (asked: AddDisputeCallsRequest) => {
      kept.push(asked);
      return Promise.resolve({});
    },
    compareDispute: (asked: CompareDisputeRequest) => {
      compared.push(asked);
      return Promise.resolve({ ...made, state: 'comparing' });
    },
  };
  const api = await apiWithExample({ billing });
  const created = await api.ask({ method: 'POST', url: '/api/v1/disputes', payload: request });
  assert.equal(created.status, 200);
  assert.equal(made.side, 'customer');
  const send = async (text: string) =>
    api.ask({
      method: 'PUT',
      url: '/api/v1/disputes/3/file',
      headers: { 'content-type': 'application/octet-stream' },
      payload: Buffer.from(text),
    });
  const lines = Array.from(
    { length: 2500 },
    (_, index) => `2026-03-01 12:00:00,${String(index)},1`,
  );
  const { body } = await send(['Time,Called,Duration', 'never,44,1', ...lines].join('\n'));
  const told = body as { calls: number; unfitCount: number; dispute: { state: string } };
  assert.deepEqual([told.calls, told.unfitCount, told.dispute.state], [2500, 1, 'comparing']);
  assert.equal(kept.flatMap(({ calls }) => calls).length, 2500);
  assert.ok(kept.length > 1);
  assert.equal(compared[0]?.attempt, kept[0]?.attempt);
  const wrong = await send('Time,Number,Duration\n2026-03-01 12:00:00,44,1\n');
  assert.equal(wrong.status, 422);
  assert.match(wrong.text, /has no column \\"Called\\"/);
  await api.server.close();
});

test('BILL-06 a mapping that is wrong is refused before a file is sent, with each mistake', async () => {
  const api = await apiWithExample();
  const refused = await api.ask({
    method: 'POST',
    url: '/api/v1/disputes',
    payload: { ...request, mapping: { columns: { callee: 'Called', wen: 'Time' } } },
  });
  assert.equal(refused.status, 422);
  const { mistakes } = refused.body as { mistakes: { path: string }[] };
  assert.deepEqual(mistakes.map(({ path }) => path), ['mapping.columns.wen', 'mapping.columns', 'mapping.columns']); // prettier-ignore
  await api.server.close();
});
