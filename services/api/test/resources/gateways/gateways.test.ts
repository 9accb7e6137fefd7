import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestAddressesResponse } from '@tandem/proto/edge';
import type { TestAddressesRequest } from '@tandem/proto/edge';
import { CheckedAddress, GatewayState, ListCheckTargetsResponse } from '@tandem/proto/health';
import type { ListGatewaysRequest } from '@tandem/proto/health';
import { apiUnderTest, emptyPorts } from '../../api-under-test.ts';

const url = '/api/v1/gateways';

const degraded = GatewayState.fromPartial({
  name: 'carrier-a',
  group: 'g1',
  state: 'degraded',
  checkPeriodSeconds: 30,
  failuresAllowed: 2,
  window: 3,
  edge: 'edge-1',
  quality: {
    windowSeconds: 3600,
    attempts: 3,
    answered: 1,
    answerSeizureRatio: 1 / 3,
    averageCallSeconds: 61.5,
    postDialSeconds: 2,
  },
  throttled: { share: 12.5, attempts: 13, failed: 9, sinceMs: 7000 },
  prefixes: [{ prefix: '44', quality: { attempts: 3 } }],
  checkedMs: 9000,
  addresses: [
    {
      transport: 'udp',
      address: '192.0.2.1:5060',
      sinceMs: 1000,
      last: { code: 404, reason: 'Not Found', rttMs: 12, source: '192.0.2.1:5060' },
      lastMs: 9000,
      failed: [false, false, false],
    },
    {
      transport: 'tls',
      address: '192.0.2.2:5061',
      isOffline: true,
      sinceMs: 5000,
      last: { failure: 'no answer within 3 s' },
      lastMs: 9000,
      failed: [true, true, false],
    },
  ],
});
const unchecked = GatewayState.fromPartial({
  name: 'carrier-b',
  state: 'unchecked',
  uncheckedBecause: 'it has no optionsCheck',
});

const A = CheckedAddress.fromPartial({
  uri: 'sip:192.0.2.1',
  transport: 'udp',
  address: '192.0.2.1:5060',
});

async function open(
  targets: Partial<ListCheckTargetsResponse> = { isKnown: true, addresses: [A] },
  tested: Parameters<typeof TestAddressesResponse.fromPartial>[0] = {},
) {
  const asked: (ListGatewaysRequest | TestAddressesRequest)[] = [];
  const { edge, routing } = emptyPorts();
  const api = await apiUnderTest({
    routing: {
      ...routing,
      listGateways: (request) => {
        asked.push(request);
        const all = [degraded, unchecked];
        const { gateway } = request;
        const gateways = gateway === '' ? all : all.filter(({ name }) => name === gateway);
        return Promise.resolve({ gateways, nextAfter: gateway === '' ? 'carrier-b' : '' });
      },
      listCheckTargets: () => Promise.resolve(ListCheckTargetsResponse.fromPartial(targets)),
    },
    edge: {
      ...edge,
      testAddresses: (request) => {
        asked.push(request);
        return Promise.resolve(TestAddressesResponse.fromPartial({ edge: 'edge-1', ...tested }));
      },
    },
  });
  return { api, asked };
}

test('OPS-02 ROUTE-07 gateways are listed with their state, and each address with its last answer', async () => {
  const { api, asked } = await open();
  const answer = await api.ask({ url: `${url}?state=degraded&limit=2` });
  assert.equal(answer.status, 200);
  const usual = { windowSeconds: 0, brief: false };
  assert.deepEqual(asked[0], { gateway: '', state: 'degraded', after: '', limit: 2, ...usual });
  const { gateways, nextAfter } = answer.body as {
    gateways: Record<string, unknown>[];
    nextAfter: string;
  };
  assert.equal(nextAfter, 'carrier-b');
  const [first, second] = gateways;
  assert.equal(first?.['since'], '1970-01-01T00:00:05.000Z');
  const addresses = first['addresses'] as Record<string, unknown>[];
  assert.deepEqual(addresses[0]?.['lastAnswer'], {
    code: 404,
    text: 'Not Found',
    roundTripMs: 12,
    from: '192.0.2.1:5060',
    at: '1970-01-01T00:00:09.000Z',
  });
  assert.equal((addresses[1]?.['lastAnswer'] as Record<string, unknown>)['text'], 'no answer within 3 s'); // prettier-ignore
  assert.deepEqual(addresses[1]?.['lastChecks'], [false, false, true]);
  assert.deepEqual(
    [second?.['checkPeriodSeconds'], second?.['since'], second?.['uncheckedBecause']],
    [null, null, 'it has no optionsCheck'],
  );
  assert.deepEqual(
    [first['throttled'], second?.['throttled']],
    [{ sharePercent: 12.5, attempts: 13, failed: 9, since: '1970-01-01T00:00:07.000Z' }, null],
  );
  assert.deepEqual(first['quality'], {
    windowSeconds: 3600,
    attempts: 3,
    answered: 1,
    answerSeizureRatio: 0.333,
    averageCallSeconds: 61.5,
    postDialSeconds: 2,
  });
  assert.equal((first['prefixes'] as { prefix: string }[])[0]?.prefix, '44');
  assert.equal(second?.['quality'], null);
  const one = await api.ask({ url: `${url}/carrier-a` });
  assert.equal((one.body as Record<string, unknown>)['state'], 'degraded');
  assert.equal((await api.ask({ url: `${url}/nobody` })).status, 404);
});

const outcome = { code: 200, reason: 'OK', source: A.address, times: 1 };
const lost = { failure: 'no answer within 1 s', times: 1 };

test('OPS-04 a test says loss, round trips and what they mean', async () => {
  const outcomes = [{ ...outcome, rttMs: 10 }, lost, { ...outcome, rttMs: 21 }];
  const tests = [{ transport: 'udp', address: A.address, outcomes }];
  const { api, asked } = await open(undefined, { tests });
  const answer = await api.ask({ method: 'POST', url: `${url}/carrier-a/test?probes=3` });
  assert.equal(answer.status, 200);
  assert.deepEqual(asked, [{ addresses: [A], probes: 3, timeoutMs: 1000 }]);
  const body = answer.body as { addresses: Record<string, unknown>[]; text: string };
  const [found] = body.addresses;
  assert.deepEqual(found?.['roundTripMs'], { least: 10, mean: 16, most: 21 });
  assert.equal(found['lossPercent'], 33.3);
  assert.equal(found['text'], '1 of 3 were lost, or their answers');
  assert.equal(body.text, '0 of 1 addresses answer as they should');
});

test('OPS-04 who answers from another address, refuses, or is not there is told apart', async () => {
  const of = (address: string, outcomes: object[], network = '') => ({ transport: 'udp', address, outcomes, network }); // prettier-ignore
  const tests = [
    of('192.0.2.1:5060', [{ ...outcome, source: '192.0.2.9:5060' }]),
    of('192.0.2.2:5060', [{ ...outcome, source: '192.0.2.2:5060', code: 503 }]),
    of('192.0.2.3:5060', [lost], 'its host says by ICMP that nobody listens at this port'),
    of('192.0.2.4:5060', [{ ...outcome, source: '192.0.2.4:5060' }]),
  ];
  const { api } = await open(undefined, { tests });
  const answer = await api.ask({ method: 'POST', url: `${url}/carrier-a/test` });
  const body = answer.body as { addresses: { text: string; isGood: boolean }[]; text: string };
  assert.deepEqual(
    body.addresses.map(({ isGood, text }) => [isGood, text.slice(0, 60)]),
    [
      [false, 'it answers; answers come from 192.0.2.9:5060, another addres'],
      [false, 'it answers; it says that it takes no calls'],
      [false, 'no answer within 1 s; its host says by ICMP that nobody list'],
      [true, 'it answers'],
    ],
  );
  assert.equal(body.text, '1 of 4 addresses answer as they should');
});

test('OPS-04 a name that has no address says why, and nobody is asked; an unknown gateway is not found', async () => {
  const name = { name: 'sip.example', failure: 'the name has no address' };
  const { api, asked } = await open({ isKnown: true, names: [name] } as never);
  const answer = await api.ask({ method: 'POST', url: `${url}/carrier-a/test` });
  const body = answer.body as { text: string; isGood: boolean; names: string[] };
  assert.deepEqual(asked, []);
  assert.deepEqual(
    [body.isGood, body.text],
    [false, 'sip.example has no address: the name has no address'],
  );
  const { api: other } = await open({ isKnown: false });
  assert.equal((await other.ask({ method: 'POST', url: `${url}/nobody/test` })).status, 404);
});
