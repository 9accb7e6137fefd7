import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cdr, ListCdrsRequest } from '@tandem/proto/billing';
import { apiUnderTest, emptyPorts } from '../../api-under-test.ts';
import { answeredCdr } from '../../calls.ts';
import type { CdrView } from '../../../src/resources/cdrs/schemas.ts';

function billingWith(cdrs: Cdr[], seen: ListCdrsRequest[] = []) {
  return {
    ...emptyPorts().billing,
    listCdrs: (request: ListCdrsRequest) => {
      seen.push(request);
      return Promise.resolve({ cdrs, nextCursor: 'next' });
    },
    getCdr: () => Promise.resolve({ cdrs }),
  };
}

test('BILL-06 CDRs are listed with filters and a cursor', async () => {
  const seen: ListCdrsRequest[] = [];
  const api = await apiUnderTest({ billing: billingWith([answeredCdr()], seen) });
  const query =
    'from=2026-11-21&until=2026-11-22T00:00:00Z&account=demo&gateway=g&caller=1&callee=2&reason=Rejected&address=192.0.2.7&limit=5&cursor=c';
  const { body } = await api.ask({ url: `/api/v1/cdrs?${query}` });
  assert.deepEqual(seen, [
    {
      account: 'demo',
      gateway: 'g',
      caller: '1',
      callee: '2',
      callerPrefix: '',
      calleePrefix: '',
      code: 0,
      reason: 'Rejected',
      address: '192.0.2.7',
      failed: false,
      limit: 5,
      cursor: 'c',
      fromMs: Date.UTC(2026, 10, 21),
      untilMs: Date.UTC(2026, 10, 22),
    },
  ]);
  assert.equal((body as { nextCursor: string }).nextCursor, 'next');
  await api.server.close();
});

test('BILL-03 a CDR shows parties, times, money and the trace', async () => {
  const api = await apiUnderTest({ billing: billingWith([answeredCdr()]) });
  const cdr = (await api.ask({ url: '/api/v1/cdrs/call-1' })).body as CdrView;
  assert.equal(cdr.startedAt, '2026-11-21T10:00:00.000Z');
  assert.equal(cdr.answeredAt, '2026-11-21T10:00:03.000Z');
  assert.deepEqual(
    [cdr.durationMs, cdr.billedSeconds, cdr.price, cdr.cost, cdr.currency],
    [61_500, 120, '0.0246', '0', 'USD'],
  );
  assert.deepEqual(
    [cdr.caller, cdr.callee, cdr.account, cdr.gateway],
    ['1001', '442079460000', 'demo', 'carrier-a'],
  );
  assert.deepEqual([cdr.reason, cdr.code, cdr.endedBy], ['NormalClearing', 200, 'caller']);
  assert.equal(cdr.traceId, '0af7651916cd43dd8448eb211c80319c');
  assert.equal(cdr.a?.sipCallId, 'a@caller');
  await api.server.close();
});

test('BILL-03 a CDR without event keeps its form', async () => {
  const api = await apiUnderTest({
    billing: billingWith([{ ...answeredCdr(), event: undefined, price: '' }]),
  });
  const { status, body } = await api.ask({ url: '/api/v1/cdrs/call-1' });
  assert.equal(status, 200);
  const { startedAt, price, origin } = body as CdrView;
  assert.deepEqual([startedAt, price, origin], [null, '0', null]);
  await api.server.close();
});
