import type { Cases } from './sentence-case.ts';

const rule = { set: 'uk', rule: 1, action: 'strip 1, prepend 44', before: '02079460000' } as const;
const failed = { set: 'uk', rule: 2, action: 'strip 11', before: '02079460000', after: '' } as const; // prettier-ignore

/** How rules, lists and pools are told (ROUTE-10). */
export const numberCases: Cases<
  | 'number-rewritten'
  | 'number-rule-failed'
  | 'caller-rule-failed'
  | 'gateway-rule-failed'
  | 'number-barred'
  | 'number-allowed'
  | 'gateway-number-barred'
  | 'caller-from-pool'
> = {
  'number-rewritten': [
    [
      'Callee 442079460000 was made of 02079460000 by rule 1 of uk (strip 1, prepend 44).',
      'callee 442079460000',
      rule,
    ],
    [
      'Caller 442079460000 was made of 02079460000 by rule 1 of uk (strip 1, prepend 44), for carrier-a.',
      'caller 442079460000',
      { ...rule, gateway: 'carrier-a' },
    ],
  ],
  'number-rule-failed': [
    [
      'Rule 2 of uk (strip 11) would have made nothing of the called number 02079460000, which nobody can be called by.',
      'callee 02079460000',
      failed,
    ],
  ],
  'caller-rule-failed': [
    [
      "The caller's number 02079460000 was left out, for carrier-a: rule 2 of uk (strip 11) would have made nothing of it.",
      'caller 02079460000',
      { ...failed, gateway: 'carrier-a' },
    ],
  ],
  'gateway-rule-failed': [
    [
      'Routing gateway carrier-a was left out: rule 2 of uk (strip 11) would have made 0x of the called number 02079460000.',
      'routing-gateway carrier-a',
      { ...failed, after: '0x', prefix: '44' },
    ],
  ],
  'number-barred': [
    [
      'Callee 449012345 is in list premium (4490), which is among denyCallees of account demo.',
      'account demo',
      { side: 'callee', number: '449012345', verdict: 'denied', list: 'premium', entry: '4490' },
    ],
    [
      'Caller 441 is in none of the lists vip, own, which are allowCallers of the switch.',
      'switch',
      { side: 'caller', number: '441', verdict: 'not-allowed', list: 'vip, own' },
    ],
    [
      "A call without a caller's number is in none of the lists vip, which are allowCallers of mapping gateway trunk.",
      'mapping-gateway trunk',
      { side: 'caller', number: '', verdict: 'not-allowed', list: 'vip' },
    ],
  ],
  'number-allowed': [
    [
      'Callee 442079460000 is in list own (4420), which phone 1001 allows.',
      'phone 1001',
      { side: 'callee', number: '442079460000', list: 'own', entry: '4420' },
    ],
    [
      'Callee 442079460000 is in list own (4420), which the switch allows.',
      'switch',
      { side: 'callee', number: '442079460000', list: 'own', entry: '4420' },
    ],
  ],
  'gateway-number-barred': [
    [
      'Routing gateway carrier-a was left out: callee 449012345 is in list premium (4490), which is among denyCallees.',
      'routing-gateway carrier-a',
      { side: 'callee', number: '449012345', verdict: 'denied', list: 'premium', entry: '4490', prefix: '44' }, // prettier-ignore
    ],
  ],
  'caller-from-pool': [
    [
      'Caller +12025550100 was taken from pool us (round-robin) for carrier-a, in place of 1001.',
      'caller +12025550100',
      { gateway: 'carrier-a', pool: 'us', pick: 'round-robin', before: '1001' },
    ],
    [
      'Caller +12025550100 was taken from pool us (random) for carrier-a, in place of none.',
      'caller +12025550100',
      { gateway: 'carrier-a', pool: 'us', pick: 'random', before: '' },
    ],
  ],
};
