import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SwitchError } from '@tandem/domain';
import type { Cdr, ListCdrsRequest } from '@tandem/proto/billing';
import { Call, type GetCallResponse } from '@tandem/proto/edge';
import { apiUnderTest, emptyPorts } from '../api-under-test.ts';
import { answeredCdr, decision, refusedCdr } from '../calls.ts';
import type { CdrView, ExplanationView } from '../../src/api/schemas.ts';

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

function edgeWith(call: Call | undefined) {
  return {
    ...emptyPorts().edge,
    getCall: (): Promise<GetCallResponse> => Promise.resolve({ call }),
  };
}

const away = () => Promise.reject(new SwitchError('SWITCH_SERVICE_UNAVAILABLE', 'away'));

test('BILL-06 CDRs are listed with filters and a cursor', async () => {
  const seen: ListCdrsRequest[] = [];
  const api = await apiUnderTest({ billing: billingWith([answeredCdr()], seen) });
  const query =
    'from=2026-11-21&until=2026-11-22T00:00:00Z&account=demo&gateway=g&caller=1&callee=2&reason=Rejected&limit=5&cursor=c';
  const { body } = await api.ask({ url: `/api/v1/cdrs?${query}` });
  assert.deepEqual(seen, [
    {
      account: 'demo',
      gateway: 'g',
      caller: '1',
      callee: '2',
      reason: 'Rejected',
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
    [cdr.billedSeconds, cdr.price, cdr.cost, cdr.currency],
    [120, '0.0246', '0', 'USD'],
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

test('OPS-02 calls in progress are listed, and one is shown', async () => {
  const call = Call.fromPartial({
    callId: 'c',
    state: 'ringing',
    origin: { kind: 'phone', name: '1001', account: 'demo' },
  });
  const edge = {
    ...emptyPorts().edge,
    listCalls: () => Promise.resolve({ calls: [call], total: 7 }),
    getCall: ({ callId }: { callId: string }) =>
      Promise.resolve({ call: callId === 'c' ? call : undefined }),
  };
  const api = await apiUnderTest({ edge });
  const { body } = await api.ask({ url: '/api/v1/calls?limit=1' });
  const list = body as { total: number; calls: { account: string; answeredAt: null }[] };
  assert.equal(list.total, 7);
  assert.deepEqual([list.calls[0]?.account, list.calls[0]?.answeredAt], ['demo', null]);
  assert.equal((await api.ask({ url: '/api/v1/calls/c' })).status, 200);
  assert.equal((await api.ask({ url: '/api/v1/calls/d' })).status, 404);
  await api.server.close();
});

test('OPS-09 explain tells a call from its CDR, and names others with that Call-ID', async () => {
  const deciding = decision({
    check: 'balance',
    subject: 'account demo',
    reason: 'InsufficientBalance',
    facts: { balance: '0.0041', overdraft: '0' },
  });
  const newest = refusedCdr('InsufficientBalance', 403, [deciding]);
  const older = { ...answeredCdr(), callId: 'call-0' };
  const api = await apiUnderTest({ billing: billingWith([newest, older]) });
  const explanation = (await api.ask({ url: '/api/v1/explain/a%40caller' }))
    .body as ExplanationView;
  assert.equal(
    explanation.summary,
    'Refused with 403 Insufficient balance: account demo has 0.0041 and an overdraft of 0.',
  );
  assert.deepEqual(explanation.others, ['call-0']);
  assert.deepEqual(explanation.steps[0]?.decision.facts, { balance: '0.0041', overdraft: '0' });
  await api.server.close();
});

test('OPS-09 explain tells a call in progress, also while billing is away', async () => {
  const call = Call.create({ callId: 'call-9', state: 'answered', gateway: 'carrier-a' });
  const billing = { ...emptyPorts().billing, getCdr: away };
  const api = await apiUnderTest({ billing, edge: edgeWith(call) });
  const { body } = await api.ask({ url: '/api/v1/explain/call-9' });
  assert.equal((body as ExplanationView).summary, 'In progress: answered at carrier-a.');
  await api.server.close();
});

test('OPS-09 explain prefers the CDR of a call that has just ended, and a newer call to an older CDR', async () => {
  const ended = await apiUnderTest({
    billing: billingWith([answeredCdr()]),
    edge: edgeWith(Call.create({ callId: 'call-1', state: 'answered' })),
  });
  const first = (await ended.ask({ url: '/api/v1/explain/call-1' })).body as ExplanationView;
  assert.equal(first.outcome, 'answered');
  await ended.server.close();
  const again = await apiUnderTest({
    billing: billingWith([answeredCdr()]),
    edge: edgeWith(Call.create({ callId: 'call-2', state: 'ringing' })),
  });
  const second = (await again.ask({ url: '/api/v1/explain/a%40caller' })).body as ExplanationView;
  assert.deepEqual(
    [second.callId, second.outcome, second.others],
    ['call-2', 'in-progress', ['call-1']],
  );
  await again.server.close();
});

test('OPS-09 explain says that a call is not known only where both were asked', async () => {
  const none = await apiUnderTest();
  assert.equal((await none.ask({ url: '/api/v1/explain/x' })).status, 404);
  assert.equal((await none.ask({ url: '/api/v1/cdrs/x' })).status, 404);
  await none.server.close();
  const noBilling = await apiUnderTest({ billing: { ...emptyPorts().billing, getCdr: away } });
  assert.equal((await noBilling.ask({ url: '/api/v1/explain/x' })).status, 503);
  await noBilling.server.close();
  const noEdge = await apiUnderTest({ edge: { ...emptyPorts().edge, getCall: away } });
  assert.equal((await noEdge.ask({ url: '/api/v1/explain/x' })).status, 503);
  await noEdge.server.close();
});
