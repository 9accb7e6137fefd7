import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { LiftSuspensionRequest } from '@tandem/proto/auth';
import type { BookPaymentRequest, ListReconciliationsRequest } from '@tandem/proto/billing';
import { GetStatusResponse, NetworkFinding, Pod } from '@tandem/proto/edge';
import type { AnalyseRequest } from '@tandem/proto/routing';
import type { ServicePorts } from '../../src/ports.ts';
import { apiUnderTest, emptyPorts, type ApiUnderTest } from '../api-under-test.ts';

const example = readFileSync(
  new URL('../../../../examples/first-call.yaml', import.meta.url),
  'utf8',
);

async function apiWithExample(ports: Partial<ServicePorts> = {}): Promise<ApiUnderTest> {
  const api = await apiUnderTest(ports);
  const headers = { 'content-type': 'application/yaml' };
  await api.ask({ method: 'POST', url: '/api/v1/configuration', payload: example, headers });
  return api;
}

test('AUTH-07 suspensions are listed and lifted', async () => {
  let left = [
    {
      terminal: 'phone 1001',
      sinceMs: 1000,
      untilMs: 181_000,
      failures: 6,
      cause: 'wrong password',
      lastSource: '127.0.0.1:5060',
    },
  ];
  const asked: LiftSuspensionRequest[] = [];
  const auth = {
    listSuspensions: () => Promise.resolve({ suspensions: left }),
    liftSuspension: (request: LiftSuspensionRequest) => {
      asked.push(request);
      const lifted = left.some(({ terminal }) => terminal === request.terminal);
      left = [];
      return Promise.resolve({ lifted });
    },
  };
  const api = await apiUnderTest({ auth });
  assert.deepEqual((await api.ask({ url: '/api/v1/suspensions' })).body, {
    suspensions: [
      {
        terminal: 'phone 1001',
        since: '1970-01-01T00:00:01.000Z',
        until: '1970-01-01T00:03:01.000Z',
        failures: 6,
        cause: 'wrong password',
        lastSource: '127.0.0.1:5060',
      },
    ],
  });
  const url = '/api/v1/suspensions/phone%201001';
  assert.deepEqual((await api.ask({ method: 'DELETE', url })).body, { suspensions: [] });
  assert.equal((await api.ask({ method: 'DELETE', url })).status, 404);
  assert.deepEqual(asked[0], { terminal: 'phone 1001' });
  await api.server.close();
});

test('ROUTE-05 lines are listed with who holds each and since when', async () => {
  const holders = [{ callId: 'c', sinceMs: 1000, expiresMs: 31_000 }];
  const lines = [{ subject: 'account demo', limit: 5, inUse: 1, holders }];
  const routing = { ...emptyPorts().routing, listLines: () => Promise.resolve({ lines }) };
  const api = await apiUnderTest({ routing });
  assert.deepEqual((await api.ask({ url: '/api/v1/lines?subject=account%20demo' })).body, {
    lines: [
      {
        subject: 'account demo',
        limit: 5,
        inUse: 1,
        holders: [
          {
            callId: 'c',
            since: '1970-01-01T00:00:01.000Z',
            leaseUntil: '1970-01-01T00:00:31.000Z',
          },
        ],
      },
    ],
  });
  await api.server.close();
});

test('ROUTE-12 the analysis is asked for a phone or a mapping gateway by name', async () => {
  const seen: AnalyseRequest[] = [];
  const routing = {
    ...emptyPorts().routing,
    analyse: (request: AnalyseRequest) => {
      seen.push(request);
      return Promise.resolve({ route: undefined, price: '', configurationVersion: 1 });
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
  const routing: ServicePorts['routing'] = {
    ...emptyPorts().routing,
    analyse: ({ caller, callee }) => {
      seen.push(callee, caller);
      return Promise.resolve({ route: undefined, price: '', configurationVersion: 1 });
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
  await api.server.close();
});

test('BILL-01 accounts are shown with their balances', async () => {
  const balances = [{ account: 'demo', currency: 'USD', balance: '99.9877', ledgerEntries: 2 }];
  const billing = { ...emptyPorts().billing, listBalances: () => Promise.resolve({ balances }) };
  const api = await apiWithExample({ billing });
  const expected = {
    name: 'demo',
    type: 'customer',
    status: 'active',
    balance: '99.9877',
    overdraft: '0',
    currency: 'USD',
    rateGroup: 'standard',
    validUntil: null,
    lineLimit: 0,
    ledgerEntries: 2,
  };
  assert.deepEqual((await api.ask({ url: '/api/v1/accounts' })).body, { accounts: [expected] });
  assert.deepEqual((await api.ask({ url: '/api/v1/accounts/demo' })).body, expected);
  const unknown = await api.ask({ url: '/api/v1/accounts/dem' });
  assert.match(unknown.text, /there is no account \\"dem\\"; did you mean \\"demo\\"\?/);
  await api.server.close();
});

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

test('BILL-01 a payment is booked once per reference, in exact decimal', async () => {
  const seen: BookPaymentRequest[] = [];
  const billing = {
    ...emptyPorts().billing,
    bookPayment: (request: BookPaymentRequest) => {
      seen.push(request);
      const balance = { account: 'demo', currency: 'USD', balance: '110', ledgerEntries: 2 };
      return Promise.resolve({ balance, booked: seen.length === 1 });
    },
  };
  const api = await apiWithExample({ billing });
  const pay = async (payload: object) =>
    api.ask({ method: 'POST', url: '/api/v1/accounts/demo/payments', payload });
  const first = await pay({ amount: '10.00', reference: 'r1', note: 'cash' });
  assert.equal((first.body as { isBooked: boolean }).isBooked, true);
  const second = await pay({ amount: '10', reference: 'r1' });
  assert.equal((second.body as { isBooked: boolean }).isBooked, false);
  assert.deepEqual(seen[0], { account: 'demo', amount: '10', reference: 'r1', note: 'cash' });
  assert.equal(seen[1]?.note, '');
  for (const body of [
    { amount: '1e3', reference: 'r' },
    { amount: '0', reference: 'r' },
    { amount: '1' },
    { amount: '1', reference: 'r', x: 1 },
  ]) {
    assert.equal((await pay(body)).status, 400);
  }
  await api.server.close();
});

test('OPS-02 the status tells calls, outbox and what was dropped', async () => {
  const getStatus = (): Promise<GetStatusResponse> =>
    Promise.resolve(
      GetStatusResponse.create({
        edge: 'edge-1',
        calls: 7,
        outbox: 2,
        malformed: 3,
        draining: true,
      }),
    );
  const api = await apiUnderTest({ edge: { ...emptyPorts().edge, getStatus } });
  const { status, body } = await api.ask({ url: '/api/v1/status' });
  assert.equal(status, 200);
  const { edge, calls, outbox, malformed, isDraining } = body as Record<string, unknown>;
  assert.deepEqual(
    { edge, calls, outbox, malformed, isDraining },
    {
      edge: 'edge-1',
      calls: 7,
      outbox: 2,
      malformed: 3,
      isDraining: true,
    },
  );
});

test('OPS-02 pods are listed with what they did, times as times', async () => {
  const pod = Pod.fromPartial({
    name: 'edge-2',
    role: 'worker',
    draining: true,
    startedMs: 1000,
    adoptions: 5,
    source: 'preserved',
  });
  const listPods = () => Promise.resolve({ pods: [pod] });
  const api = await apiUnderTest({ edge: { ...emptyPorts().edge, listPods } });
  const { status, body } = await api.ask({ url: '/api/v1/pods' });
  assert.equal(status, 200);
  const [shown] = (body as { pods: Record<string, unknown>[] }).pods;
  assert.ok(shown);
  assert.deepEqual(
    [shown['name'], shown['isDraining'], shown['startedAt'], shown['adoptions'], shown['source']],
    ['edge-2', true, '1970-01-01T00:00:01.000Z', 5, 'preserved'],
  );
  await api.server.close();
});

test('CALL-07 the network is tested on demand, and the status has what was found last', async () => {
  const finding = NetworkFinding.fromPartial({ transport: 'udp', source: 'hidden', atMs: 1000 });
  const edge = {
    ...emptyPorts().edge,
    testNetwork: () => Promise.resolve({ edge: 'edge-1', findings: [finding] }),
    getStatus: () => Promise.resolve(GetStatusResponse.fromPartial({ network: [finding] })),
  };
  const api = await apiUnderTest({ edge });
  const expected = {
    transport: 'udp',
    target: '',
    source: 'hidden',
    leadsHere: '',
    sentFrom: '',
    seenFrom: '',
    answeredFrom: '',
    answeredBy: '',
    text: '',
    at: '1970-01-01T00:00:01.000Z',
  };
  const tested = await api.ask({ method: 'POST', url: '/api/v1/network-tests' });
  assert.deepEqual(tested.body, { edge: 'edge-1', findings: [expected] });
  const { network, outboxSince } = (await api.ask({ url: '/api/v1/status' })).body as Record<
    string,
    unknown
  >;
  assert.deepEqual([network, outboxSince], [[expected], null]);
  await api.server.close();
});
