import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AnalyseRequest } from '@tandem/proto/routing';
import {
  configure,
  factsAbout,
  gateway,
  namesOf,
  openRouter,
  phone,
  reasonOf,
  request,
  trunk,
} from '../../routing-fixture.ts';

const ip = (address: string) => ({ mode: 'ip', addresses: [address] });

const mappingGateways = [
  { name: 'demo-trunk', account: 'demo', authentication: ip('127.0.0.2/32') },
  {
    name: 'kept',
    account: 'demo',
    authentication: ip('127.0.0.3/32'),
    allowedRoutingGateways: ['open'],
  },
];

const routingGateways = [
  gateway('a-for-trunk', ['44'], { allowedMappingGateways: ['demo-trunk'] }),
  gateway('b-not-for-trunk', ['44'], { forbiddenMappingGateways: ['demo-trunk'] }),
  gateway('open', ['44']),
];

test('ROUTE-02 AUTH-13 who may use whom: both sides say so, and a phone is in no list', async () => {
  const { router } = await openRouter(configure({ mappingGateways, routingGateways }));
  const kept = { ...trunk, name: 'kept' };
  assert.deepEqual(namesOf(await router.route(request('c1'))), ['a-for-trunk', 'open']);
  assert.deepEqual(namesOf(await router.route(request('c2', { origin: kept }))), ['open']);
  const byPhone = await router.route(request('c3', { origin: phone }));
  assert.deepEqual(namesOf(byPhone), ['b-not-for-trunk', 'open']);
  assert.deepEqual(factsAbout(byPhone.decisions, 'routing-gateway a-for-trunk'), {
    prefix: '44',
    origin: 'phone 1001',
    list: 'allowedMappingGateways',
  });
});

test('ROUTE-02 DENY-11 a caller that no gateway takes has none: NoAvailableRouter', async () => {
  const { router } = await openRouter(
    configure({ mappingGateways, routingGateways: [routingGateways[1]] }),
  );
  assert.equal(reasonOf(await router.route(request('c1'))), 'NoAvailableRouter');
});

test('ROUTE-04 ROUTE-12 the route policy of the mapping gateway, else of its account, else of the document', async () => {
  const policies = ['own', 'accounts', 'documents'].map((name) => ({ name, order: 'weight' }));
  const analysed = async (own?: string, accounts?: string, documents?: string) => {
    const { router } = await openRouter(
      configure({
        routePolicies: policies,
        ...(documents !== undefined && { routePolicy: documents }),
        accounts: [
          {
            name: 'demo',
            rateGroup: 'standard',
            ...(accounts !== undefined && { routePolicy: accounts }),
          },
        ],
        mappingGateways: [
          { ...mappingGateways[0], ...(own !== undefined && { routePolicy: own }) },
        ],
        routingGateways: [gateway('a', ['44'], { weight: 7 })],
      }),
    );
    const ask = AnalyseRequest.fromPartial({ origin: trunk, caller: '1', callee: '442079460000' });
    const { route } = await router.analyse(ask);
    assert.ok(route !== undefined);
    const { policy, weight } = factsAbout(route.decisions, 'routing-gateway a');
    return [policy, weight];
  };
  assert.deepEqual(await analysed('own', 'accounts', 'documents'), ['own (order: weight)', '7']);
  assert.deepEqual(await analysed(undefined, 'accounts', 'documents'), [
    'accounts (order: weight)',
    '7',
  ]);
  assert.deepEqual(await analysed(undefined, undefined, 'documents'), [
    'documents (order: weight)',
    '7',
  ]);
  assert.deepEqual(await analysed(), [undefined, undefined]);
});

test('ROUTE-04 a gateway to protect takes what normal ones cannot, once they are full', async () => {
  const { router } = await openRouter(
    configure({
      mappingGateways,
      routingGateways: [
        gateway('a-reserve', ['4420'], { priority: 0, protect: true }),
        gateway('b', ['44'], { lineLimit: 1 }),
        gateway('c', [''], { lineLimit: 1 }),
      ],
    }),
  );
  const chosen = async (callId: string) => {
    const { outcome } = await router.route(request(callId));
    assert.equal(outcome?.$case, 'routed');
    return outcome.value.candidates[outcome.value.chosen]?.gateway;
  };
  assert.deepEqual([await chosen('c1'), await chosen('c2'), await chosen('c3')], ['b', 'c', 'a-reserve']); // prettier-ignore
});
