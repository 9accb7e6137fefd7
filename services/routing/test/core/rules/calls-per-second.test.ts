import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AnalyseRequest, NextCandidateRequest } from '@tandem/proto/routing';
import {
  configure,
  factsAbout,
  gateway,
  openRouter,
  phone,
  reasonOf,
  request,
  routedOf,
  trunk,
} from '../../routing-fixture.ts';

const ip = { mode: 'ip', addresses: ['127.0.0.2/32'] };
const carriers = [gateway('a', ['44'], { callsPerSecond: 1 }), gateway('b', ['44'])];

test('ROUTE-15 a mapping gateway past its calls per second is refused 503 CpsLimitExceeded, with the second to wait', async () => {
  const mappingGateways = [
    { name: 'demo-trunk', account: 'demo', authentication: ip, callsPerSecond: 2 },
  ];
  const { router, clock } = await openRouter(configure({ mappingGateways }));
  routedOf(await router.route(request('c1')));
  clock.nowMs += 400;
  routedOf(await router.route(request('c2')));
  const third = await router.route(request('c3'));
  assert.equal(reasonOf(third), 'CpsLimitExceeded');
  assert.equal(third.outcome?.$case === 'deny' && third.outcome.value.retryAfterSeconds, 1);
  assert.deepEqual(factsAbout(third.decisions, 'mapping-gateway demo-trunk'), {
    callsPerSecond: '2',
    limitOf: 'mapping-gateway demo-trunk',
    calls: 'c1 c2',
  });
  // Only the trunk is limited; a second after the first call there is one more.
  routedOf(await router.route(request('c4', { origin: phone })));
  clock.nowMs += 600;
  routedOf(await router.route(request('c5')));
  assert.equal(reasonOf(await router.route(request('c6'))), 'CpsLimitExceeded');
});

test('ROUTE-15 an account has one limit for all that call on it, and its tokens are no lines', async () => {
  const accounts = [{ name: 'demo', rateGroup: 'standard', callsPerSecond: 1 }];
  const { router, limits } = await openRouter(configure({ accounts }));
  const routed = routedOf(await router.route(request('c1')));
  assert.deepEqual(routed.lines, [
    'mapping-gateway:demo-trunk',
    'account:demo',
    'routing-gateway:carrier-a',
  ]);
  const byPhone = await router.route(request('c2', { origin: phone }));
  assert.equal(reasonOf(byPhone), 'CpsLimitExceeded');
  assert.deepEqual(await limits.lines.count(['phone:1001', 'account:demo']), [0, 1]);
});

test('ROUTE-15 a routing gateway past its calls per second is passed over, at the first choice and at a failover', async () => {
  const { router } = await openRouter(configure({ routingGateways: carriers }));
  const chosen = async (callId: string) => {
    const response = await router.route(request(callId));
    const { candidates, chosen: at } = routedOf(response);
    return { gateway: candidates[at]?.gateway, decisions: response.decisions };
  };
  assert.equal((await chosen('c1')).gateway, 'a');
  const second = await chosen('c2');
  assert.equal(second.gateway, 'b');
  const facts = { callsPerSecond: '1', limitOf: 'routing-gateway a', calls: 'c1' };
  assert.deepEqual(factsAbout(second.decisions, 'routing-gateway a'), { prefix: '44', ...facts });
  const next = await router.nextCandidate(
    NextCandidateRequest.fromPartial({ callId: 'c2', failedGateway: 'b', gateways: ['a'] }),
  );
  assert.equal(next.gateway, '');
  assert.deepEqual(factsAbout(next.decisions, 'routing-gateway a'), facts);
});

test('ROUTE-15 DENY-12 ROUTE-12 no gateway with a call left in this second: AllGatewayBusy, and the analysis says so', async () => {
  const { router } = await openRouter(configure({ routingGateways: carriers.slice(0, 1) }));
  routedOf(await router.route(request('c1')));
  assert.equal(reasonOf(await router.route(request('c2'))), 'AllGatewayBusy');
  const ask = AnalyseRequest.fromPartial({ origin: trunk, caller: '1', callee: '442079460000' });
  const { route } = await router.analyse(ask);
  assert.ok(route !== undefined);
  assert.equal(factsAbout(route.decisions, 'routing-gateway a')['calls'], 'c1');
});
