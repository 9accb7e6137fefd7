import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMoney } from '@tandem/domain';
import { AnalyseRequest } from '@tandem/proto/routing';
import {
  configure,
  factsAbout,
  gateway,
  namesOf,
  NOON,
  openRouter,
  reasonOf,
  request,
  routedOf,
  trunk,
} from './routing-fixture.ts';

function question(changes: Partial<AnalyseRequest> = {}): AnalyseRequest {
  return AnalyseRequest.create({
    origin: trunk,
    caller: '1001',
    callee: '442079460000',
    ...changes,
  });
}

const busy = configure({
  routingGateways: [
    gateway('a-full', ['44'], { lineLimit: 1 }),
    gateway('b-free', ['44'], { username: 'u', password: 'secret' }),
    gateway('c-free', ['44']),
    gateway('d-full', ['44'], { lineLimit: 1 }),
    gateway('e-locked', ['44'], { lock: 'bar-all' }),
    gateway('f-short', ['4'], { prefixMode: 'expiration' }),
  ],
});

test('ROUTE-12 every candidate is listed in order, with every reason', async () => {
  const { router, limits } = await openRouter(busy);
  await router.route(request('c1'));
  await limits.lines.acquire({
    callId: 'c2',
    fixed: [{ key: 'routing-gateway:d-full', limit: 1 }],
    choices: [],
    leaseMs: 1000,
  });
  const { route, price, configurationVersion } = await router.analyse(question());
  assert.ok(route);
  assert.deepEqual(namesOf(route), ['a-full', 'b-free', 'c-free', 'd-full']);
  assert.equal(routedOf(route).chosen, 1);
  assert.deepEqual(
    route.decisions
      .filter(({ check }) => check === 'candidate')
      .map(({ result, subject, reason }) => [result, subject, reason]),
    [
      ['skipped', 'routing-gateway e-locked', 'AllGatewayBusy'],
      ['skipped', 'routing-gateway f-short', 'NoAvailableRouter'],
      ['skipped', 'routing-gateway a-full', 'AllGatewayBusy'],
      ['skipped', 'routing-gateway d-full', 'AllGatewayBusy'],
      ['chosen', 'routing-gateway b-free', ''],
      ['passed', 'routing-gateway c-free', ''],
    ],
  );
  assert.deepEqual(factsAbout(route.decisions, 'routing-gateway f-short'), {
    prefix: '4',
    prefixMode: 'expiration',
    longestPrefix: '44',
  });
  assert.equal(price, '0.0123 USD a minute, 60/60, prefix 44, rate group standard');
  assert.equal(configurationVersion, 1);
});

test('ROUTE-12 BILL-02 an analysis says what a call of a given length would be charged', async () => {
  const { router } = await openRouter(busy);
  const chargeOf = async (seconds: number, callee?: string) =>
    (await router.analyse(question({ seconds, ...(callee === undefined ? {} : { callee }) })))
      .charge;
  assert.deepEqual(await chargeOf(61), { price: '0.0246', currency: 'USD', billedSeconds: 120 });
  assert.equal(await chargeOf(0), undefined);
  assert.equal(await chargeOf(61, '999'), undefined);
});

test('ROUTE-12 an analysis takes no line', async () => {
  const { router, limits } = await openRouter(busy);
  await router.analyse(question());
  assert.deepEqual(await limits.lines.list(), []);
});

test('ROUTE-12 an analysis chooses what a call at this moment gets', async () => {
  const { router } = await openRouter(busy);
  const { route } = await router.analyse(question());
  assert.ok(route);
  const analysed = routedOf(route);
  const called = routedOf(await router.route(request('c1')));
  assert.equal(
    analysed.candidates[analysed.chosen]?.gateway,
    called.candidates[called.chosen]?.gateway,
  );
  assert.equal(analysed.maxDurationSeconds, called.maxDurationSeconds);
});

test('AUTH-12 an analysis shows no password', async () => {
  const { router } = await openRouter(busy);
  const { route } = await router.analyse(question());
  assert.ok(route);
  assert.doesNotMatch(JSON.stringify(route), /secret/);
  assert.match(JSON.stringify(await router.route(request('c1'))), /secret/);
});

test('ROUTE-12 a refused call is analysed with its candidates all the same', async () => {
  const { router } = await openRouter(
    configure({ accounts: [{ name: 'demo', status: 'locked', rateGroup: 'standard' }] }),
  );
  const { route, price } = await router.analyse(question());
  assert.ok(route);
  assert.equal(reasonOf(route), 'AccountLocked');
  assert.deepEqual(
    route.decisions.map(({ result, subject }) => [result, subject]),
    [
      ['refused', 'account demo'],
      ['passed', 'routing-gateway carrier-a'],
      ['passed', 'routing-gateway carrier-b'],
    ],
  );
  assert.match(price, /0\.0123/);
});

test('ROUTE-12 a call without money is analysed with its candidates all the same', async () => {
  const { router, limits } = await openRouter();
  await limits.balances.set(new Map([['demo', 0n]]));
  const { route } = await router.analyse(question());
  assert.ok(route);
  assert.equal(reasonOf(route), 'InsufficientBalance');
  assert.equal(factsAbout(route.decisions, 'routing-gateway carrier-b')['priority'], '2');
});

test('ROUTE-12 an analysis reads numbers and asks for money as a call does', async () => {
  const { router, limits } = await openRouter();
  const { price, route } = await router.analyse(question({ callee: '%3442%2D0;npdi' }));
  assert.match(price, /0\.0123/);
  assert.ok(route);
  assert.equal(routedOf(route).candidates[0]?.callee, '4420');
  assert.deepEqual(factsAbout(route.decisions, 'callee 4420'), { received: '%3442%2D0;npdi' });
  const refused = await router.analyse(question({ callee: '44;phone-context=a.example' }));
  assert.ok(refused.route);
  assert.equal(reasonOf(refused.route), 'UserNotFound');
  assert.equal(refused.price, '');
  await limits.balances.set(new Map([['demo', parseMoney('0.0122')]]));
  const poor = await router.analyse(question());
  assert.ok(poor.route);
  assert.equal(reasonOf(poor.route), 'InsufficientBalance');
  assert.equal(
    factsAbout(poor.route.decisions, 'account demo', 'balance')['costsAtLeast'],
    '0.0123',
  );
});

test('ROUTE-12 an analysis of another time sees what is valid then', async () => {
  const { router } = await openRouter(
    configure({
      accounts: [{ name: 'demo', rateGroup: 'standard', validUntil: '2026-07-01T00:00:00Z' }],
    }),
  );
  const now = await router.analyse(question());
  assert.equal(now.route?.outcome?.$case, 'routed');
  const later = await router.analyse(question({ atMs: NOON + 40 * 86_400_000 }));
  assert.ok(later.route);
  assert.equal(reasonOf(later.route), 'AccountExpired');
});

test('ROUTE-12 no rate and no origin: no price', async () => {
  const { router } = await openRouter();
  assert.equal((await router.analyse(question({ callee: '33' }))).price, '');
  const nobody = await router.analyse(AnalyseRequest.create({ callee: '44' }));
  assert.equal(nobody.price, '');
});

test('ROUTE-05 the lines are listed with limit, use and holders', async () => {
  const { router } = await openRouter(
    configure({
      accounts: [{ name: 'demo', rateGroup: 'standard', lineLimit: 5 }],
      phones: [{ username: '1001', password: 'p', account: 'demo', lineLimit: 1 }],
      gatewayGroups: [{ name: 'idle', lineLimit: 9 }],
    }),
  );
  await router.route(request('c1'));
  const { lines } = await router.listLines('');
  assert.deepEqual(
    lines.map(({ subject, limit, inUse }) => [subject, limit, inUse]),
    [
      ['account demo', 5, 1],
      ['group idle', 9, 0],
      ['mapping-gateway demo-trunk', 0, 1],
      ['routing-gateway carrier-a', 0, 1],
    ],
  );
  assert.deepEqual(lines[0]?.holders, [{ callId: 'c1', sinceMs: NOON, expiresMs: NOON + 240_000 }]);
});

test('ROUTE-05 the lines of one subject are listed, used or not', async () => {
  const { router } = await openRouter();
  await router.route(request('c1'));
  const used = await router.listLines('routing-gateway carrier-a');
  assert.deepEqual(
    used.lines.map(({ subject, inUse }) => [subject, inUse]),
    [['routing-gateway carrier-a', 1]],
  );
  const unused = await router.listLines('routing-gateway carrier-b');
  assert.deepEqual(unused.lines, [
    { subject: 'routing-gateway carrier-b', limit: 0, inUse: 0, holders: [] },
  ]);
  const both = await router.listLines('routing-gateway carrier-a,routing-gateway carrier-b');
  assert.deepEqual(both.lines, [...used.lines, ...unused.lines]);
});
