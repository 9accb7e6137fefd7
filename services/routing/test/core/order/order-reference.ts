import { parseMoney } from '@tandem/domain';
import fc from 'fast-check';
import { configure } from '../../routing-fixture.ts';

/** What each vendor is paid; of one of them nobody knows. */
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
  {},
  {},
  { allowedMappingGateways: ['demo-trunk'] },
  { allowedMappingGateways: ['other'] },
  { forbiddenMappingGateways: ['demo-trunk'] },
  { forbiddenMappingGateways: ['other'] },
);

/** ROUTE-16: on which step it is throttled, and what becomes of calls that it does not get. */
const throttle = fc.constantFrom(
  undefined,
  undefined,
  { level: 1, lastResort: true },
  { level: 2, lastResort: true },
  { level: 1, lastResort: false },
  { level: 3, lastResort: false },
);

/** ROUTE-04: what is known of it, of the prefix by which it is called, or of all of them. */
const quality = fc.option(
  fc.record({
    isOfPrefix: fc.boolean(),
    attempts: fc.constantFrom(19, 20, 100),
    answered: fc.integer({ min: 0, max: 19 }),
    talkSeconds: fc.constantFrom(0, 14, 15, 44, 600),
    ringsAfter: fc.constantFrom(undefined, 0.4, 1, 1.9, 7),
  }),
  { nil: undefined },
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
    lowestProfit: fc.constantFrom(undefined, undefined, undefined, '20', '-50'),
    highestPricePerMinute: fc.constantFrom(undefined, undefined, '0.015'),
    throttle,
    quality,
  }),
  { minLength: 3, maxLength: 8 },
);

/** Of one configuration, in which many calls are made. */
export const world = fc.record({
  price: fc.constantFrom(undefined, '0', '0.012', '0.015', '0.03'),
  lowestProfit: fc.constantFrom(undefined, undefined, undefined, '10', '-40', '-100'),
  loss: fc.constantFrom('refuse' as const, 'allow' as const),
  gateways,
  allowed: fc.oneof(
    { weight: 4, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.uniqueArray(fc.nat(7), { minLength: 4 }) },
  ),
});

export type World = typeof world extends fc.Arbitrary<infer T> ? T : never;

type Figure = 'asr' | 'acd' | 'pdd';

/** Route policies by which each world is asked. */
export const policies: readonly {
  readonly name: string;
  readonly order: 'cost' | 'weight' | 'quality';
  readonly quality?: readonly Figure[];
}[] = [
  { name: 'by-cost', order: 'cost' },
  { name: 'by-weight', order: 'weight' },
  { name: 'by-quality', order: 'quality' },
  { name: 'by-pdd', order: 'quality', quality: ['pdd', 'asr'] },
];

/** A call: what is dialled, by which policy, and what is drawn for whatever is drawn. */
export interface Call {
  readonly callee: string;
  readonly policy: (typeof policies)[number];
  readonly draw: number;
}

export const nameOf = (index: number): string => `g${String(index)}`;

export function documentOf({ gateways: all, allowed, loss, lowestProfit, price }: World) {
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
    routePolicies: policies.map((policy) => ({ ...policy, loss })),
    routingGateways: all.map((each, index) => {
      const { callers: lists, account, lowestProfit: own, highestPricePerMinute: most } = each;
      const { prefixes, prefixMode, priority, weight, protect, lock } = each;
      return {
        ...{ prefixes, prefixMode, priority, weight, protect, lock },
        ...lists,
        ...(account !== undefined && { account }),
        ...(own !== undefined && { lowestProfit: own }),
        ...(most !== undefined && { highestPricePerMinute: most }),
        ...(each.throttle !== undefined && { throttle: { lastResort: each.throttle.lastResort } }),
        name: nameOf(index),
        addresses: ['192.0.2.1'],
      };
    }),
  });
}

type Matching = World['gateways'][number] & {
  readonly name: string;
  readonly index: number;
  readonly length: number;
};

/** The rules, as plain as they can be written: what of all gateways takes the call, and in which order. */
export function referenceOrder(given: World, call: Call): string[] {
  const { gateways: all, allowed } = given;
  const digits = call.callee.replace('+', '');
  const matching = all.flatMap((gateway, index): Matching[] => {
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
    if (!earnsEnough(given, gateway)) return false;
    return !goesElsewhere(gateway, call) || gateway.throttle?.lastResort === true;
  });
  return open
    .map((gateway) => ({ name: gateway.name, keys: keysOf(gateway, call, open) }))
    .sort((a, b) => compareKeys(a.keys, b.keys))
    .map(({ name }) => name);
}

type Key = bigint | number | string;

function keysOf(gateway: Matching, call: Call, all: readonly Matching[]): readonly Key[] {
  const equals = all.filter(
    (each) => each.length === gateway.length && each.priority === gateway.priority,
  );
  return [
    Number(goesElsewhere(gateway, call)),
    Number(gateway.protect),
    -gateway.length,
    gateway.priority,
    ...policyKeys(gateway, call, equals),
    gateway.name,
  ];
}

function policyKeys(gateway: Matching, call: Call, equals: readonly Matching[]): readonly Key[] {
  switch (call.policy.order) {
    case 'cost':
      return moneyOf(gateway);
    case 'weight':
      // With the same draw for each, what is heavier comes first.
      return [-gateway.weight];
    case 'quality':
      return [...qualityKeys(gateway, call, equals), ...moneyOf(gateway)];
  }
}

/** Of a hundred calls five go first to those that nobody knows. */
function qualityKeys(
  gateway: Matching,
  { draw, policy }: Call,
  equals: readonly Matching[],
): readonly number[] {
  const isMixed = new Set(equals.map(isKnown)).size === 2;
  const isTrial = isMixed && draw < 0.05;
  const place = Number(isKnown(gateway) === isTrial);
  const { quality: known } = gateway;
  if (known === undefined || !isKnown(gateway)) return [place];
  const steps = {
    asr: -Math.floor((100 * known.answered) / known.attempts / 5),
    acd: -Math.floor((known.answered === 0 ? 0 : known.talkSeconds) / 15),
    pdd: known.ringsAfter === undefined ? Infinity : Math.floor(known.ringsAfter),
  };
  return [place, ...(policy.quality ?? ['asr', 'acd', 'pdd']).map((figure) => steps[figure])];
}

function isKnown({ quality: known }: Matching): boolean {
  return known !== undefined && known.attempts >= 20;
}

/** Each step halves what it gets. */
function goesElsewhere({ throttle: how }: Matching, { draw }: Call): boolean {
  return how !== undefined && draw >= 1 / 2 ** how.level;
}

function moneyOf({ account }: Matching): readonly [bigint, bigint] {
  if (account === undefined) return [0n, 0n];
  const vendor = vendors[account];
  const beyond = 10n ** 30n;
  return vendor === undefined ? [beyond, 0n] : [parseMoney(vendor.price), parseMoney(vendor.fee)];
}

function compareKeys(some: readonly Key[], others: readonly Key[]): number {
  for (const [at, key] of some.entries()) {
    const other = others[at] ?? '';
    if (key !== other) return key < other ? -1 : 1;
  }
  return 0;
}

/** In whole millionths, and whole per cent. */
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
