import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ListReconciliationsRequest } from '@tandem/proto/billing';
import { apiWithExample, emptyPorts } from '../../api-under-test.ts';

test('BILL-09 what the daily comparison found is shown, newest day first', async () => {
  const differences = [
    { kind: 'charge', subject: 'call c-1', expected: '1.0123', found: '0.0123' },
  ];
  const counts = { cdrs: 12, answered: 9, ledgerEntries: 18, provisional: 0, open: 1, partialEnds: 0, deadEvents: 0 }; // prettier-ignore
  const limits: number[] = [];
  const billing = {
    ...emptyPorts().billing,
    listReconciliations: ({ limit }: ListReconciliationsRequest) => {
      limits.push(limit);
      const doneAtMs = Date.UTC(2026, 10, 21, 1, 10);
      const one = { day: '2026-11-20', doneAtMs, ...counts, logRead: true, differences };
      return Promise.resolve({ reconciliations: [one] });
    },
  };
  const api = await apiWithExample({ billing });
  const expected = { day: '2026-11-20', doneAt: '2026-11-21T01:10:00.000Z', ...counts, isLogRead: true, differences }; // prettier-ignore
  const { body } = await api.ask({ url: '/api/v1/reconciliations' });
  assert.deepEqual(body, { reconciliations: [expected] });
  await api.ask({ url: '/api/v1/reconciliations?limit=30' });
  assert.deepEqual(limits, [7, 30]);
  assert.equal((await api.ask({ url: '/api/v1/reconciliations?limit=101' })).status, 400);
  await api.server.close();
});
