import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMoney } from '@tandem/domain';
import fc from 'fast-check';
import { findRoutes } from '../../../src/core/candidates.ts';
import { findRate } from '../../../src/core/rates.ts';
import { configure, NOON, tablesOf } from '../../routing-fixture.ts';

const vendors = {
  'v-dear': { price: '0.02', fee: '0' },
  'v-cheap': { price: '0.01', fee: '0' },
  'v-fee': { price: '0.01', fee: '0.5' },
  'v-unknown': undefined,
} as const;

const prefix = fc.constantFrom('', '4', '44', '442', '4420', '33');

interface Callers {
  readonly allowedMappingGateways?: readonly string[];
  readonly forbiddenMappingGateways?: readonly string[];
}

const callers = fc.constantFrom<Callers>(
  {},
  {},
  { allowedMappingGateways: ['demo-trunk'] },
  { allowedMappingGateways: ['other'] },
  { forbiddenMappingGateways: ['demo-trunk'] },
  { forbiddenMappingGateways: ['other'] },
);

const gateways = fc.array(
  fc.record({
    prefixes: fc.uniqueArray(prefix, { minLength: 1, maxLength: 3 }),
    prefixMode: fc.constantFrom('extension', 'expiration'),
    priority: fc.integer({ min: 0, max: 2 }),
    weight: fc.integer({ min: 0, max: 2 }),
    protect: fc.boolean(),
    lock: fc.constantFrom('none', 'none', 'none', 'bar-all'),
    account: fc.constantFrom(undefined, ...(Object.keys(vendors) as (keyof typeof vendors)[])),
    callers,
    lowestProfit: fc.constantFrom(undefined, undefined, '20', '-50'),
    highestPricePerMinute: fc.constantFrom(undefined, undefined, '0.015'),
  }),
  { maxLength: 8 },
);

const world = fc.record({
  price: fc.constantFrom(undefined, '0', '0.012', '0.015', '0.03'),
  lowestProfit: fc.constantFrom(undefined, undefined, '10', '-40', '-100'),
  loss: fc.constantFrom('refuse' as const, 'allow' as const),

  gateways,
  order: fc.constantFrom('cost' as const, 'weight' as const),
  allowed: fc.option(fc.uniqueArray(fc.nat(7), { minLength: 1 })),
  callee: fc.constantFrom('442079460000', '+4479', '33123', '9'),
});

type World = typeof world extends fc.Arbitrary<infer T> ? T : never;

const nameOf = (index: number): string => `g${String(index)}`;

function documentOf({ gateways: all, order, allowed, loss, lowestProfit, price }: World) {
  const rates = Object.entries(vendors).map(([name, vendor]) => ({
    name,
    currency: 'USD',
    rates:
      vendor === undefined
        ? []
        : [{ prefix: '', pricePerMinute: vendor.price, connectionFee: vendor.fee }],
  }));
  const trunk = {
    account: 'demo',
    authentication: { mode: 'ip', addresses: ['127.0.0.2/32'] },
  };
  return configure({
    rateGroups: [
      {
        name: 'standard',
        currency: 'USD',
        rates: price === undefined ? [] : [{ prefix: '', pricePerMinute: price }],
      },
      ...rates,
    ],
    accounts: [
      { name: 'demo', rateGroup: 'standard', ...(lowestProfit !== undefined && { lowestProfit }) },
      ...Object.keys(vendors).map((name) => ({ name, type: 'vendor', rateGroup: name })),
    ],
    mappingGateways: [
      {
        ...trunk,
        name: 'demo-trunk',
        ...(allowed !== null && { allowedRoutingGateways: allowed.map(nameOf) }),
      },
    ],
    routePolicies: [{ name: 'policy', order, loss }],
    routePolicy: 'policy',
    routingGateways: all.map(
      (
        { callers: lists, account, lowestProfit: own, highestPricePerMinute: most, ...gateway },
        index,
      ) => ({
        ...gateway,
        ...lists,
        ...(account !== undefined && { account }),
        ...(own !== undefined && { lowestProfit: own }),
        ...(most !== undefined && { highestPricePerMinute: most }),
        name: nameOf(index),
        addresses: ['192.0.2.1'],
      }),
    ),
  });
}

/** The rules, as plain as they can be written: what of all gateways takes the call, and in which order. */
function reference(given: World): string[] {
  const { gateways: all, order, allowed, callee } = given;
  const digits = callee.replace('+', '');
  const matching = all.flatMap((gateway, index) => {
    const fitting = gateway.prefixes.filter((each) => digits.startsWith(each));
    const length = Math.max(...fitting.map((each) => each.length));
    return fitting.length === 0 ? [] : [{ ...gateway, name: nameOf(index), index, length }];
  });
  const longest = Math.max(...matching.map(({ length }) => length));
  const open = matching.filter((gateway) => {
    if (gateway.prefixMode === 'expiration' && gateway.length < longest) return false;
    if (gateway.lock === 'bar-all') return false;
    if (allowed !== null && !allowed.includes(gateway.index)) return false;
    const { allowedMappingGateways: may, forbiddenMappingGateways: mayNot } = gateway.callers;
    if (may?.includes('demo-trunk') === false || mayNot?.includes('demo-trunk') === true)
      return false;
    return earnsEnough(given, gateway);
  });
  const moneyOf = ({ account }: (typeof open)[number]): readonly [bigint, bigint] => {
    if (account === undefined) return [0n, 0n];
    const vendor = vendors[account];
    const beyond = 10n ** 30n;
    return vendor === undefined ? [beyond, 0n] : [parseMoney(vendor.price), parseMoney(vendor.fee)];
  };
  // With the same draw for each, what is heavier comes first.
  const keys = (gateway: (typeof open)[number]): readonly (bigint | number | string)[] => [
    Number(gateway.protect),
    -gateway.length,
    gateway.priority,
    ...(order === 'cost' ? moneyOf(gateway) : [-gateway.weight]),
    gateway.name,
  ];
  const compare = (a: (typeof open)[number], b: (typeof open)[number]): number => {
    const others = keys(b);
    for (const [at, key] of keys(a).entries()) {
      const other = others[at] ?? '';
      if (key !== other) return key < other ? -1 : 1;
    }
    return 0;
  };
  return open.sort(compare).map(({ name }) => name);
}

/** In exact ten-thousandths of a cent, and whole per cent. */
function earnsEnough(
  { price, lowestProfit, loss }: World,
  { account, lowestProfit: own, highestPricePerMinute: most }: World['gateways'][number],
): boolean {
  const micros = (text: string): number => Math.round(Number(text) * 1_000_000);
  const vendor = account === undefined ? undefined : vendors[account];
  const cost = account === undefined ? 0 : vendor && micros(vendor.price);
  if (account !== undefined && most !== undefined && cost !== undefined && cost > micros(most)) {
    return false;
  }
  const asked = [lowestProfit, own].filter((each) => each !== undefined).map(Number);
  if (price === undefined) return true;
  if (asked.length === 0 && loss === 'allow') return true;
  if (cost === undefined) return asked.length === 0;
  const lowest = asked.length === 0 ? 0 : Math.max(...asked);
  return (micros(price) - cost) * 100 >= lowest * micros(price);
}

test('ROUTE-11 BILL-08 ROUTE-02 ROUTE-03 ROUTE-04 AUTH-13 the order of all candidates is that of a plain reference', () => {
  fc.assert(
    fc.property(world, (each) => {
      const tables = tablesOf(documentOf(each));
      const account = tables.accounts.get('demo');
      const payer = {
        lowestProfit: account?.profit.lowestProfit,
        rate: findRate(account?.rateGroup, each.callee, NOON),
        mayLose: each.loss === 'allow',
      };
      const { routes } = findRoutes(
        tables,
        { callee: each.callee, nowMs: NOON },
        {
          origin: tables.mappingGateways.get('demo-trunk'),
          payer,
          policy: tables.policy,
          random: () => 0.5,
        },
      );
      assert.deepEqual(
        routes.map((route) => route.gateway.name),
        reference(each),
      );
    }),
    { numRuns: 4000 },
  );
});
