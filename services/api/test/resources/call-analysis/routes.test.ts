import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CallFigures } from '@tandem/proto/billing';
import type { AnalyseCallsRequest } from '@tandem/proto/billing';
import { apiUnderTest, emptyPorts } from '../../api-under-test.ts';

const figures = CallFigures.create({
  keys: ['carrier-a', '2026-06-15T10:00:00Z'],
  currency: 'USD',
  costCurrency: 'EUR',
  calls: 3,
  answered: 2,
  effective: 3,
  pddCalls: 2,
  pddMs: 3001,
  durationMs: 91_500,
  billedSeconds: 120,
  price: '0.0246',
  cost: '0.01',
  figures: true,
});

function billing(asked: AnalyseCallsRequest[], row: CallFigures = figures) {
  return {
    ...emptyPorts().billing,
    analyseCalls: (request: AnalyseCallsRequest) => {
      asked.push(request);
      return Promise.resolve({
        rows: [row],
        fromMs: request.fromMs,
        untilMs: request.untilMs,
        more: true,
      });
    },
  };
}

test('BILL-06 calls are analysed by what is asked for: ASR, NER, ACD and PDD', async () => {
  const asked: AnalyseCallsRequest[] = [];
  const api = await apiUnderTest({ billing: billing(asked) });
  const query =
    'by=gateway,hour&from=2026-06-15&until=2026-06-16&account=demo&destination=44&limit=5';
  const answer = await api.ask({ url: `/api/v1/call-analysis?${query}` });
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.body, {
    from: '2026-06-15T00:00:00.000Z',
    until: '2026-06-16T00:00:00.000Z',
    hasMore: true,
    rows: [
      {
        gateway: 'carrier-a',
        hour: '2026-06-15T10:00:00Z',
        calls: 3,
        answered: 2,
        asrPercent: 66.67,
        nerPercent: 100,
        acdSeconds: 45.75,
        pddMs: 1501,
        durationSeconds: 91.5,
        billedSeconds: 120,
      },
    ],
  });
  const [{ account, by, destination, limit, money } = {}] = asked;
  assert.deepEqual({ account, by, destination, limit, money }, { account: 'demo', by: ['gateway', 'hour'], destination: '44', limit: 5, money: false }); // prettier-ignore
});

test('BILL-06 where calls alone are counted, nothing is made of the rest', async () => {
  const row = CallFigures.create({ keys: ['NoRoute'], calls: 7 });
  const api = await apiUnderTest({ billing: billing([], row) });
  const answer = await api.ask({ url: '/api/v1/call-analysis?by=reason' });
  const [first] = (answer.body as { rows: Record<string, unknown>[] }).rows;
  assert.deepEqual(
    [first?.['reason'], first?.['calls'], first?.['asrPercent']],
    ['NoRoute', 7, null],
  );
});

test('BILL-06 customers and vendors are summed up in money, as CSV too', async () => {
  const asked: AnalyseCallsRequest[] = [];
  const api = await apiUnderTest({ billing: billing(asked) });
  const answer = await api.ask({ url: '/api/v1/summaries/customers?by=gateway,hour&format=csv' });
  assert.equal(
    answer.text,
    'gateway,hour,calls,answered,asrPercent,nerPercent,acdSeconds,pddMs,durationSeconds,billedSeconds,currency,price,costCurrency,cost\r\ncarrier-a,2026-06-15T10:00:00Z,3,2,66.67,100,45.75,1501,91.5,120,USD,0.0246,EUR,0.01\r\n',
  );
  await api.ask({ url: '/api/v1/summaries/vendors' });
  assert.deepEqual(asked.map(({ by, money }) => [by, money]), [[['gateway', 'hour'], true], [['vendor'], true]]); // prettier-ignore
  assert.equal((await api.ask({ url: '/api/v1/summaries/nobody' })).status, 400);
});
