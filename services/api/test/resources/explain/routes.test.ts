import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SwitchError } from '@tandem/domain';
import type { Cdr, ListCdrsRequest } from '@tandem/proto/billing';
import { Call, type GetCallResponse } from '@tandem/proto/edge';
import { apiUnderTest, emptyPorts } from '../../api-under-test.ts';
import { answeredCdr, made, refusedCdr } from '../../calls.ts';
import type { ExplanationView } from '../../../src/resources/explain/schemas.ts';

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

test('OPS-09 explain tells a call from its CDR, and names others with that Call-ID', async () => {
  const money = { status: 'active', balance: '0.0041', overdraft: '0' } as const;
  const deciding = made('balance-used-up', 'account demo', money);
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
  assert.deepEqual(explanation.steps[0]?.decision.facts, money);
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
