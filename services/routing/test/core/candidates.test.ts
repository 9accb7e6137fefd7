import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reasonForNone } from '../../src/core/barrier.ts';
import { findRoutes } from '../../src/core/candidates.ts';
import { configure, gateway, NOON, tablesOf } from '../routing-fixture.ts';

function order(configuration: Parameters<typeof configure>[0], callee: string) {
  const tables = tablesOf(configure(configuration));
  const payer = { lowestProfit: undefined, rate: undefined, mayLose: false };
  const calling = { origin: undefined, payer, policy: tables.policy, random: () => 0.5 };
  const { routes, leftOut } = findRoutes(tables, { callee, nowMs: NOON }, calling);
  return {
    order: routes.map((route) => route.gateway.name),
    leftOut: leftOut.map((each) => [each.gateway.name, each.barrier.kind]),
    reason: reasonForNone(leftOut.map(({ barrier }) => barrier)),
  };
}

const vendors = {
  rateGroups: [
    { name: 'standard', currency: 'USD', rates: [{ prefix: '44', pricePerMinute: '0.0123' }] },
    {
      name: 'dear',
      currency: 'USD',
      rates: [
        { prefix: '44', pricePerMinute: '0.02' },
        { prefix: '4479', pricePerMinute: '0.001' },
      ],
    },
    { name: 'cheap', currency: 'USD', rates: [{ prefix: '44', pricePerMinute: '0.01' }] },
    {
      name: 'cheap-with-fee',
      currency: 'USD',
      rates: [{ prefix: '44', pricePerMinute: '0.01', connectionFee: '0.01' }],
    },
    { name: 'elsewhere', currency: 'USD', rates: [{ prefix: '33', pricePerMinute: '0.0001' }] },
  ],
  accounts: [
    { name: 'demo', rateGroup: 'standard' },
    { name: 'v-dear', type: 'vendor', rateGroup: 'dear' },
    { name: 'v-cheap', type: 'vendor', rateGroup: 'cheap' },
    { name: 'v-fee', type: 'vendor', rateGroup: 'cheap-with-fee' },
    { name: 'v-elsewhere', type: 'vendor', rateGroup: 'elsewhere' },
    { name: 'v-locked', type: 'vendor', status: 'locked' },
    { name: 'v-expired', type: 'vendor', validUntil: '2026-06-01T12:00:00Z' },
  ],
};

test('ROUTE-03 extension: gateways of the longest prefix first, then of shorter ones', () => {
  const routingGateways = [
    gateway('uk', ['44']),
    gateway('all', ['']),
    gateway('london', ['4420'], { priority: 9 }),
    gateway('london-too', ['4420', '44']),
    gateway('france', ['33']),
  ];
  assert.deepEqual(order({ routingGateways }, '+442079460000').order, [
    'london-too',
    'london',
    'uk',
    'all',
  ]);
  assert.deepEqual(order({ routingGateways }, '441').order, ['london-too', 'uk', 'all']);
});

test('ROUTE-03 expiration: a gateway is left out where a longer prefix matches', () => {
  const routingGateways = [
    gateway('uk', ['44'], { prefixMode: 'expiration' }),
    gateway('uk-too', ['44']),
    gateway('london', ['4420'], { prefixMode: 'expiration' }),
  ];
  const london = order({ routingGateways }, '442079460000');
  assert.deepEqual(london.order, ['london', 'uk-too']);
  assert.deepEqual(london.leftOut, [['uk', 'gateway-for-longest-prefix']]);
  assert.deepEqual(order({ routingGateways }, '441').order, ['uk', 'uk-too']);
});

test('ROUTE-03 expiration: a shorter prefix does not stand in for a locked longer one', () => {
  const routingGateways = [
    gateway('uk', ['44'], { prefixMode: 'expiration' }),
    gateway('london', ['4420'], { lock: 'bar-all' }),
  ];
  const found = order({ routingGateways }, '442079460000');
  assert.deepEqual(found.order, []);
  assert.equal(found.reason, 'AllGatewayBusy');
});

test('ROUTE-04 within a prefix: priority, then least cost, then name', () => {
  const routingGateways = [
    gateway('z-first', ['44'], { priority: 0, account: 'v-dear' }),
    gateway('d-dear', ['44'], { account: 'v-dear' }),
    gateway('c-cheap', ['44'], { account: 'v-cheap' }),
    gateway('b-cheap', ['44'], { account: 'v-cheap' }),
    gateway('a-fee', ['44'], { account: 'v-fee' }),
    gateway('e-unknown', ['44'], { account: 'v-elsewhere' }),
    gateway('f-free', ['44']),
  ];
  assert.deepEqual(order({ ...vendors, routingGateways }, '442079460000').order, [
    'z-first',
    'f-free',
    'b-cheap',
    'c-cheap',
    'a-fee',
    'd-dear',
    'e-unknown',
  ]);
  assert.deepEqual(order({ ...vendors, routingGateways }, '447900').order, [
    'z-first',
    'f-free',
    'd-dear',
    'b-cheap',
    'c-cheap',
    'a-fee',
    'e-unknown',
  ]);
});

test('ROUTE-04 two vendors without a known rate are ordered by name', () => {
  const routingGateways = [
    gateway('b', ['44'], { account: 'v-elsewhere' }),
    gateway('a', ['44'], { account: 'v-elsewhere' }),
  ];
  assert.deepEqual(order({ ...vendors, routingGateways }, '44').order, ['a', 'b']);
});

test('DENY-11 no gateway has a prefix of the number: NoAvailableRouter', () => {
  assert.deepEqual(order({}, '33123'), { order: [], leftOut: [], reason: 'NoAvailableRouter' });
});

test('DENY-12 every gateway that matches is locked: AllGatewayBusy', () => {
  const routingGateways = [gateway('a', ['44'], { lock: 'bar-all' })];
  assert.deepEqual(order({ routingGateways }, '44'), {
    order: [],
    leftOut: [['a', 'gateway-locked']],
    reason: 'AllGatewayBusy',
  });
});

test('DENY-13 every vendor is locked or past its date: AccountBalanceNotEnough', () => {
  const routingGateways = [
    gateway('a', ['44'], { account: 'v-locked' }),
    gateway('b', ['44'], { account: 'v-expired' }),
  ];
  assert.deepEqual(order({ ...vendors, routingGateways }, '44'), {
    order: [],
    leftOut: [
      ['a', 'vendor-locked'],
      ['b', 'vendor-expired'],
    ],
    reason: 'AccountBalanceNotEnough',
  });
});

test('DENY-12 one gateway locked and one vendor locked: AllGatewayBusy', () => {
  const routingGateways = [
    gateway('a', ['44'], { account: 'v-locked' }),
    gateway('b', ['44'], { lock: 'bar-all' }),
  ];
  assert.equal(order({ ...vendors, routingGateways }, '44').reason, 'AllGatewayBusy');
});
