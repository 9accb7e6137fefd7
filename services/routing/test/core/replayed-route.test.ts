import assert from 'node:assert/strict';
import { test } from 'node:test';
import { snapshotOf, type Configuration } from '@tandem/config';
import { AnalyseRequest, ReplayedCall } from '@tandem/proto/routing';
import { replayRoute } from '../../src/core/replayed-route.ts';
import { buildTables } from '../../src/core/routing-tables.ts';
import { configure, gateway, namesOf, NOON, openRouter, trunk } from '../routing-fixture.ts';

function tablesFor(configuration: Configuration) {
  const accounts = new Map([
    ['mapping-gateway demo-trunk', 'demo'],
    ['phone 1001', 'demo'],
  ]);
  return { routing: buildTables(snapshotOf(1, configuration), () => ''), accounts };
}

const call = (changes: Partial<ReplayedCall> = {}): ReplayedCall =>
  ReplayedCall.create({
    origin: { ...trunk, account: 'an-older-one' },
    caller: '1001',
    callee: '442079460000',
    atMs: NOON,
    durationMs: 61_000,
    seed: 'call-1',
    isRegistered: true,
    ...changes,
  });

const paid = configure({
  rateGroups: [
    { name: 'standard', currency: 'USD', rates: [{ prefix: '44', pricePerMinute: '0.0123' }] },
    {
      name: 'vendor',
      currency: 'EUR',
      rates: [{ prefix: '44', pricePerMinute: '0.006', firstIncrement: 1, nextIncrement: 1 }],
    },
  ],
  accounts: [
    { name: 'demo', openingBalance: '0', rateGroup: 'standard', lineLimit: 30, callsPerSecond: 5 },
    { name: 'carrier', type: 'vendor', openingBalance: '0', currency: 'EUR', rateGroup: 'vendor' },
  ],
  gatewayGroups: [{ name: 'g', lineLimit: 9 }],
  routingGateways: [
    gateway('by-name', ['44'], { addresses: ['sip.example.net'], priority: 2 }),
    gateway('paid', ['44'], { account: 'carrier', group: 'g', reservedLines: 2, lineLimit: 7 }),
  ],
});

test('OPS-08 a call of the past is routed as one of now, with money, limits and everybody who would be paid', async () => {
  const route = await replayRoute(tablesFor(paid), call(), new Map());
  assert.deepEqual(
    [route.reason, route.price, route.currency, route.attemptLimit],
    ['', '0.0246', 'USD', 0],
  );
  assert.deepEqual(
    route.fixed.map(({ key, limit, perSecond }) => [key, limit, perSecond]),
    [
      ['mapping-gateway:demo-trunk', 0, false],
      ['account:demo', 30, false],
      ['account:demo', 5, true],
    ],
  );
  // 61 seconds at 0.006 a minute, by the second. Nobody looks up names here.
  assert.deepEqual(
    route.candidates.map(({ account, cost, currency, gateway: name }) => [name, account, cost, currency]), // prettier-ignore
    [['paid', 'carrier', '0.0061', 'EUR']],
  );
  assert.deepEqual(route.candidates[0]?.claims, [
    { key: 'routing-gateway:paid', limit: 7, perSecond: false, reserved: 0 },
    { key: 'group:g', limit: 9, perSecond: false, reserved: 2 },
  ]);
  const refused = await replayRoute(tablesFor(paid), call({ callee: '33' }), new Map());
  assert.equal(refused.reason, 'NoRate');
  const unknown = call({ origin: { kind: '', name: 'gone', account: 'demo' } });
  assert.equal((await replayRoute(tablesFor(paid), unknown, new Map())).reason, 'CallNotPermitted');
});

test('OPS-08 ROUTE-11 BILL-01 what is earned of a call is what the topmost account pays, whatever resellers add to it', async () => {
  const rate = (pricePerMinute: string, increment: number) => ({ prefix: '44', pricePerMinute, firstIncrement: increment, nextIncrement: increment }); // prettier-ignore
  const resold = configure({
    rateGroups: [
      { name: 'retail', currency: 'USD', rates: [rate('0.03', 60)] },
      { name: 'north', currency: 'USD', rates: [rate('0.02', 60)] },
      { name: 'owner', currency: 'USD', rates: [rate('0.012', 1)] },
    ],
    accounts: [
      { name: 'demo', openingBalance: '0', rateGroup: 'retail', parent: 'north' },
      { name: 'north', openingBalance: '0', rateGroup: 'north', parent: 'owner', lineLimit: 3 },
      { name: 'owner', openingBalance: '0', rateGroup: 'owner' },
    ],
  });
  const route = await replayRoute(tablesFor(resold), call(), new Map());
  // 61 seconds at 0.012 a minute, by the second.
  assert.deepEqual([route.reason, route.price, route.currency], ['', '0.0122', 'USD']);
  assert.ok(route.fixed.some(({ key, limit }) => key === 'account:north' && limit === 3));
});

test('OPS-08 ROUTE-12 where all is free the order is that of the analysis, for phones and by weight, too', async () => {
  const policy = { routePolicies: [{ name: 'w', order: 'weight' }], routePolicy: 'w' };
  const gateways = ['a', 'b', 'c', 'd'].map((name) => gateway(name, ['44']));
  for (const changes of [{}, { routingGateways: gateways }]) {
    const configuration = configure(changes);
    const { router } = await openRouter(configuration);
    for (const callee of ['442079460000', '+44 20', '1002']) {
      const { route } = await router.analyse(
        AnalyseRequest.create({ origin: trunk, caller: '1001', callee, atMs: NOON }),
      );
      assert.ok(route);
      const replayed = await replayRoute(tablesFor(configuration), call({ callee, isRegistered: false }), new Map()); // prettier-ignore
      if (route.outcome?.$case === 'deny') assert.equal(replayed.reason, route.outcome.value.reason); // prettier-ignore
      else assert.deepEqual(replayed.candidates.map((each) => each.gateway), namesOf(route)); // prettier-ignore
    }
  }
  const weighed = tablesFor(configure({ ...policy, routingGateways: gateways }));
  const orders = new Set<string>();
  for (let at = 0; at < 50; at++) {
    const one = call({ seed: `call-${String(at)}` });
    const order = async () => (await replayRoute(weighed, one, new Map())).candidates.map((each) => each.gateway).join(); // prettier-ignore
    const [first, second] = [await order(), await order()];
    assert.equal(first, second);
    orders.add(first);
  }
  assert.ok(orders.size > 10, `${String(orders.size)} orders`);
});

test('OPS-08 ROUTE-01 a phone is where it was: registered, or not', async () => {
  const rates = [{ prefix: '1', pricePerMinute: '0.01' }];
  const tables = tablesFor(
    configure({ rateGroups: [{ name: 'standard', currency: 'USD', rates }] }),
  );
  const to = (isRegistered: boolean) => replayRoute(tables, call({ callee: '1002', isRegistered }), new Map()); // prettier-ignore
  assert.equal((await to(true)).candidates[0]?.gateway, 'phone 1002');
  assert.equal((await to(false)).reason, 'NotRegistered');
});
