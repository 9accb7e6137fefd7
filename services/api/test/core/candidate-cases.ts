import type { Cases } from './sentence-case.ts';

/** How it is told why a gateway is left out by a rule of its own. */
export const candidateCases: Cases<
  | 'gateway-not-for-caller'
  | 'cps-limit-reached'
  | 'gateway-cps-reached'
  | 'lines-reserved'
  | 'gateway-throttled'
  | 'schedule-shut'
  | 'profit-too-low'
  | 'cost-too-high'
  | 'price-too-high'
  | 'vendor-out-of-funds'
> = {
  'cps-limit-reached': [
    [
      'Mapping gateway trunk may begin 2 calls a second (callsPerSecond), and has just begun as many (c1 c2).',
      'mapping-gateway trunk',
      { callsPerSecond: 2, limitOf: 'mapping-gateway trunk', calls: 'c1 c2' },
    ],
  ],
  'profit-too-low': [
    [
      'Routing gateway a was left out: it costs 0.02 USD a minute and the customer pays 0.01 USD: the profit is -100 %, and must be 5 % at least (lowestProfit, or loss of the route policy).',
      'routing-gateway a',
      { prefix: '44', price: '0.01 USD', cost: '0.02 USD', profit: '-100 %', lowestProfit: '5 %' },
    ],
  ],
  'cost-too-high': [
    [
      'Routing gateway a was left out: it costs 0.02 USD a minute, and may cost 0.01 (highestPricePerMinute).',
      'routing-gateway a',
      { prefix: '44', cost: '0.02 USD', highest: '0.01' },
    ],
  ],
  'price-too-high': [
    [
      'The price of 2 USD a minute is more than account demo may pay, 1.5 (highestPricePerMinute).',
      'account demo',
      { price: '2 USD', highest: '1.5' },
    ],
  ],
  'vendor-out-of-funds': [
    [
      'Routing gateway a was left out: its vendor v has -5 left and an overdraft of 5 (SERVER_VERIFY_CLEARING_CUSTOMER_REMAIN_MONEY_LIMIT).',
      'routing-gateway a',
      { prefix: '44', account: 'v', balance: '-5', overdraft: '5' },
    ],
  ],
  'schedule-shut': [
    [
      'Routing gateway a was left out: its schedule office is not open at sat 2026-11-28 13:05 (Europe/London, time zones 2026f).',
      'routing-gateway a',
      {
        prefix: '44',
        schedule: 'office',
        of: 'routing-gateway a',
        localTime: 'sat 2026-11-28 13:05',
        timeZone: 'Europe/London',
        zonesVersion: '2026f',
      },
    ],
    [
      'Routing gateway a was left out: group uk is shut: its schedule office is not open at sat 2026-11-28 13:05 (UTC, time zones 2026f).',
      'routing-gateway a',
      {
        schedule: 'office',
        of: 'group uk',
        localTime: 'sat 2026-11-28 13:05',
        timeZone: 'UTC',
        zonesVersion: '2026f',
      },
    ],
  ],
  'gateway-throttled': [
    [
      'Routing gateway a was left out: it is throttled to 25 % of its calls since 2026-11-28T13:05:00.000Z, as 30 of 50 had failed (throttle, SS_GATEWAY_THROTTLE_FAILURE_SHARE), and this is none of them.',
      'routing-gateway a',
      {
        prefix: '44',
        share: '25 %',
        attempts: 50,
        failed: 30,
        since: '2026-11-28T13:05:00.000Z',
        then: 'out',
      },
    ],
    [
      'Routing gateway a comes after all others: it is throttled to 12.5 % of its calls since 2026-11-28T13:05:00.000Z, as 30 of 50 had failed (throttle, SS_GATEWAY_THROTTLE_FAILURE_SHARE), and this is none of them.',
      'routing-gateway a',
      {
        share: '12.5 %',
        attempts: 50,
        failed: 30,
        since: '2026-11-28T13:05:00.000Z',
        then: 'last',
      },
    ],
  ],
  'lines-reserved': [
    [
      'Routing gateway a was left out: of the 10 lines of group g1 8 are in use, and it takes none while fewer than 3 are free (reservedLines).',
      'routing-gateway a',
      { prefix: '44', reservedLines: 3, limit: 10, limitOf: 'group g1', inUse: 8, holders: 'c1' },
    ],
  ],
  'gateway-cps-reached': [
    [
      'Routing gateway a was left out: it takes 1 calls a second (callsPerSecond), and was just given as many (c1).',
      'routing-gateway a',
      { prefix: '44', callsPerSecond: 1, limitOf: 'routing-gateway a', calls: 'c1' },
    ],
  ],
  'gateway-not-for-caller': [
    [
      'Routing gateway a was left out: mapping gateway trunk is not among its allowedMappingGateways.',
      'routing-gateway a',
      { prefix: '44', origin: 'mapping-gateway trunk', list: 'allowedMappingGateways' },
    ],
    [
      'Routing gateway a was left out: mapping gateway trunk is among its forbiddenMappingGateways.',
      'routing-gateway a',
      { origin: 'mapping-gateway trunk', list: 'forbiddenMappingGateways' },
    ],
    [
      'Routing gateway a was left out: it is not among allowedRoutingGateways of mapping gateway trunk.',
      'routing-gateway a',
      { origin: 'mapping-gateway trunk', list: 'allowedRoutingGateways' },
    ],
  ],
};
