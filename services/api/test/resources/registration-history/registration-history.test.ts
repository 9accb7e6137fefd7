import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RegistrationHistoryRequest, TallyRow } from '@tandem/proto/journal';
import { apiUnderTest } from '../../api-under-test.ts';
import { NOON, journalPort } from '../../journal-port.ts';

function countsOf(counts: Readonly<Record<string, number>>): TallyRow[] {
  return Object.entries(counts).map(([name, count]) => ({ name, count, network: '', device: '' }));
}

test('REG-06 history says how many there were, what came, what failed and by which causes', async () => {
  const counts = countsOf({
    active: 500,
    refreshed: 40,
    registered: 3,
    moved: 1,
    'wrong-password': 7,
    expired: 2,
  });
  const asked: RegistrationHistoryRequest[] = [];
  const journal = journalPort([], {
    registrationHistory: (request) => {
      asked.push(request);
      return Promise.resolve({ points: [{ startMs: NOON, counts }] });
    },
  });
  const api = await apiUnderTest({ journal });
  const range = 'from=2026-06-15T12:00:00Z&until=2026-06-15T14:00:00Z';
  const { body } = await api.ask({ url: `/api/v1/registrations/history?${range}` });
  assert.deepEqual(asked, [{ fromMs: NOON, untilMs: NOON + 7_200_000, stepSeconds: 60 }]);
  assert.deepEqual(body, {
    stepSeconds: 60,
    points: [
      {
        at: '2026-06-15T12:00:00.000Z',
        active: 500,
        registered: 4,
        refreshed: 40,
        failed: 7,
        ended: 2,
        causes: [
          { cause: 'refreshed', count: 40 },
          { cause: 'registered', count: 3 },
          { cause: 'moved', count: 1 },
          { cause: 'wrong-password', count: 7 },
          { cause: 'expired', count: 2 },
        ],
      },
    ],
  });
});

test('REG-06 steps are hours of a long time; too many points, and a time that ends before it begins, are refused', async () => {
  const asked: RegistrationHistoryRequest[] = [];
  const journal = journalPort([], {
    registrationHistory: (request) => {
      asked.push(request);
      return Promise.resolve({ points: [] });
    },
  });
  const api = await apiUnderTest({ journal });
  const ask = (query: string) => api.ask({ url: `/api/v1/registrations/history?${query}` });
  await ask('');
  assert.equal(asked[0]?.stepSeconds, 3600);
  const many = await ask('from=2026-06-01&until=2026-06-15&step=minute');
  assert.equal(many.status, 400);
  assert.match(JSON.stringify(many.body), /20160 points are more than 3000.*step=hour/);
  const reversed = await ask('from=2026-06-15&until=2026-06-01');
  assert.match(JSON.stringify(reversed.body), /must be before/);
});

test('REG-06 analysis by country: attempts, failures and ends of each; whole hours', async () => {
  const counts = countsOf({ refreshed: 4, registered: 1, 'unknown-user': 9, expired: 1 });
  const journal = journalPort([], {
    registrationAnalysis: ({ fromMs, untilMs }) =>
      Promise.resolve({
        fromMs,
        untilMs,
        rows: [
          { key: 'DE', counts },
          { key: '', counts: [] },
        ],
      }),
  });
  const api = await apiUnderTest({ journal });
  const query = 'by=country&from=2026-06-15T12:30:00Z&until=2026-06-15T14:00:00Z';
  const { body } = await api.ask({ url: `/api/v1/registrations/analysis?${query}` });
  const { rows, ...head } = body as { rows: Record<string, unknown>[] };
  assert.deepEqual(head, {
    by: 'country',
    from: '2026-06-15T12:00:00.000Z',
    until: '2026-06-15T14:00:00.000Z',
  });
  const { causes, ...first } = rows[0] ?? {};
  assert.deepEqual(first, { key: 'DE', attempts: 14, registered: 1, refreshed: 4, failed: 9, ended: 1 }); // prettier-ignore
  assert.equal((causes as unknown[]).length, 4);
  assert.equal(rows[1]?.['key'], 'others');
});
