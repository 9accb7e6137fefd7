import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decisionKinds, type DecisionKind } from '@tandem/domain';
import { sentenceOf } from '../../src/core/wordings/index.ts';
import { made } from '../calls.ts';
import { authenticationCases } from './authentication-cases.ts';
import { identityCases } from './identity-cases.ts';
import { candidateCases } from './candidate-cases.ts';
import { edgeCases } from './edge-cases.ts';
import { callTypeCases } from './call-type-cases.ts';
import { numberCases } from './number-cases.ts';
import { overloadedCases } from './overloaded-cases.ts';
import { phoneCases } from './phone-cases.ts';
import type { Case, Cases } from './sentence-case.ts';

const money = { status: 'active', balance: '100', overdraft: '5' } as const;
const line = { limit: 1, limitOf: 'group g1', inUse: 1, holders: 'call-7' };

/** Every kind of decision there is, and how it is told; several where its facts or its reason change the sentence. */
const cases: Cases<DecisionKind> = {
  ...authenticationCases,
  ...identityCases,
  ...phoneCases,
  ...numberCases,
  ...candidateCases,
  ...edgeCases,
  overloaded: overloadedCases,
  'number-read': [
    ['Callee 882123 was dialled as %38%38%32123.', 'callee 882123', { received: '%38%38%32123' }],
    ['Caller 1001 was given as %31001.', 'caller 1001', { received: '%31001' }],
  ],
  'caller-left-out': [
    [
      "Caller 12;phone-context=a.example was left out: it is a number of another network; the call goes on without a caller's number.",
      'caller 12;phone-context=a.example',
      { cause: 'it is a number of another network' },
    ],
  ],
  'number-not-callable': [
    [
      '7 7? cannot be called: it is no number and no name.',
      'callee 7 7?',
      { cause: 'it is no number and no name' },
    ],
    [
      'The called number cannot be called: there is no number.',
      'callee',
      { cause: 'there is no number' },
    ],
  ],
  'number-malformed': [
    [
      'The request was malformed (caller 44%00): it holds control characters.',
      'caller 44%00',
      { cause: 'it holds control characters' },
    ],
  ],
  'origin-unknown': [
    [
      'Phone 1001 of account demo is not in the configuration that routing has.',
      'phone 1001',
      { account: 'demo', configuration: 'not known' },
    ],
  ],
  'call-not-permitted': callTypeCases,
  'account-locked': [['Account demo is locked.', 'account demo', { status: 'locked' }]],
  'account-expired': [
    [
      'Account demo is past its validity date, which was 2020.',
      'account demo',
      { validUntil: '2020' },
    ],
  ],
  'rate-found': [
    [
      'The price for account demo is 0.0123 USD a minute.',
      'account demo',
      { price: '0.0123 USD a minute' },
    ],
  ],
  'rate-missing': [
    [
      'Rate group standard has no rate for 33.',
      'account demo',
      { callee: '33', rateGroup: 'standard' },
    ],
  ],
  'balance-enough': [['Account demo has 100 and an overdraft of 5.', 'account demo', money]],
  'balance-used-up': [
    [
      'Account demo has -5 and an overdraft of 5.',
      'account demo',
      { ...money, balance: '-5', validUntil: '2030' },
    ],
    [
      'Account demo has 1 and an overdraft of 5, 6 of it reserved (among them of c2 c1).',
      'account demo',
      { ...money, balance: '1', reserved: '6', holders: 'c2 c1' },
    ],
  ],
  'price-not-covered': [
    [
      'Account demo has 0.01 and an overdraft of 5, and the call costs at least 0.150833333 (connection fee 0.15, first 1 s at 0.05 a minute).',
      'account demo',
      {
        ...money,
        balance: '0.01',
        costsAtLeast: '0.150833333',
        connectionFee: '0.15',
        firstIncrement: 1,
        pricePerMinute: '0.05',
      },
    ],
    [
      'Reseller north of account demo has 0.01 and an overdraft of 5, and the call costs at least 0.05 (connection fee 0, first 60 s at 0.05 a minute).',
      'account north',
      {
        ...money,
        balance: '0.01',
        costsAtLeast: '0.05',
        connectionFee: '0',
        firstIncrement: 60,
        pricePerMinute: '0.05',
        resellerOf: 'demo',
      },
    ],
  ],
  'balance-unknown': [
    [
      'The live balance of account demo is not known yet.',
      'account demo',
      { ...money, balance: 'not known yet' },
    ],
  ],
  'lines-in-use': [
    [
      'Account demo has a line limit of 1 and all of these lines are in use (by call-7).',
      'account demo',
      line,
    ],
  ],
  'gateway-chosen': [
    [
      'Routing gateway a was chosen for prefix 44, priority 1, cost 0.01; the order is a, b.',
      'routing-gateway a',
      { prefix: '44', priority: 1, cost: '0.01', candidates: 'a b' },
    ],
    [
      'Routing gateway a was chosen for prefix 44, priority 1.',
      'routing-gateway a',
      { prefix: '44', priority: 1, candidates: 'a' },
    ],
    [
      'Routing gateway a was chosen for prefix 44, priority 1, cost 0.01, weight 3; the order is a, b by route policy shared (order: weight).',
      'routing-gateway a',
      {
        prefix: '44',
        priority: 1,
        cost: '0.01',
        weight: 3,
        candidates: 'a b',
        policy: 'shared (order: weight)',
      },
    ],
  ],
  'gateway-free': [
    [
      'Routing gateway b may be used for prefix 44, priority 2.',
      'routing-gateway b',
      { prefix: '44', priority: 2 },
    ],
    [
      'Routing gateway b may be used for prefix 44, priority 2, after all others (protect).',
      'routing-gateway b',
      { prefix: '44', priority: 2, protect: 'on' },
    ],
  ],
  'gateway-for-longest-prefix': [
    [
      'Routing gateway a was left out: its prefix 44 is not the longest that matches, 4420 is (prefixMode expiration).',
      'routing-gateway a',
      { prefix: '44', prefixMode: 'expiration', longestPrefix: '4420' },
    ],
    [
      'Routing gateway a was left out: its prefix is not the longest that matches, 4420 is (prefixMode expiration).',
      'routing-gateway a',
      { prefixMode: 'expiration', longestPrefix: '4420' },
    ],
  ],
  'gateway-locked': [
    [
      'Routing gateway a was left out: it is locked (lock: bar-all).',
      'routing-gateway a',
      { lock: 'bar-all' },
    ],
  ],
  'gateway-not-secure': [
    [
      'Routing gateway a was left out: a sips URI was called, which asks for TLS on every hop, and it is reached by udp, tcp.',
      'routing-gateway a',
      { prefix: '44', reached: 'udp, tcp' },
    ],
    [
      'Phone 1001 was left out: a sips URI was called, which asks for TLS on every hop, and it is reached by sip:1001@192.0.2.7 over tls.',
      'phone 1001',
      { prefix: '1001', reached: 'sip:1001@192.0.2.7 over tls' },
    ],
  ],
  'gateway-resting': [
    [
      'Routing gateway a was left out: it answered call call-7 with 503 and wants no calls for 120 s, of which 90 s are left (Retry-After, SS_GATEWAY_RETRY_AFTER_LIMIT).',
      'routing-gateway a',
      { prefix: '44', retryAfter: 120, secondsLeft: 90, callId: 'call-7' },
    ],
  ],
  'gateway-offline': [
    [
      'Routing gateway a was left out: it is off line since 2026-06-01T11:00:00.000Z, the OPTIONS check of udp 192.0.2.1:5060 says: no answer within 3 s (optionsCheck).',
      'routing-gateway a',
      {
        prefix: '44',
        since: '2026-06-01T11:00:00.000Z',
        last: 'no answer within 3 s',
        addresses: 'udp 192.0.2.1:5060',
      },
    ],
  ],
  'addresses-offline': [
    [
      'Routing gateway a is called without udp 192.0.2.1:5060, off line since 2026-06-01T11:00:00.000Z: the OPTIONS check says: 503 Service Unavailable.',
      'routing-gateway a',
      {
        since: '2026-06-01T11:00:00.000Z',
        last: '503 Service Unavailable',
        addresses: 'udp 192.0.2.1:5060',
      },
    ],
  ],
  'gateway-full': [
    [
      'Routing gateway a was left out: the line limit 1 of group g1 is reached by call-7.',
      'routing-gateway a',
      { prefix: '44', ...line },
    ],
  ],
  'gateway-removed': [
    [
      'Routing gateway a was left out: it has been taken out of the configuration since the call began.',
      'routing-gateway a',
      { configuration: 'not known' },
    ],
  ],
  'vendor-locked': [
    [
      'Routing gateway a was left out: its vendor v is locked.',
      'routing-gateway a',
      { account: 'v', status: 'locked' },
    ],
  ],
  'vendor-expired': [
    [
      'Routing gateway a was left out: its vendor v is past its validity date, which was 2020.',
      'routing-gateway a',
      { account: 'v', validUntil: '2020' },
    ],
  ],
  'no-gateway': [
    [
      '1002 registers here, but is not registered now, and no gateway takes it.',
      'callee 1002',
      { matchingGateways: 0 },
      'NotRegistered',
    ],
    [
      'No routing gateway has a prefix that matches 33.',
      'callee 33',
      { matchingGateways: 0 },
      'NoAvailableRouter',
    ],
    [
      'None of the routing gateways with a prefix of 33 may take the call (2).',
      'callee 33',
      { matchingGateways: 2 },
      'NoAvailableRouter',
    ],
    [
      'No routing gateway has a prefix that matches Front Desk.',
      'callee Front Desk',
      { matchingGateways: 0 },
      'NoAvailableRouter',
    ],
    [
      'Every routing gateway for the called number was passed over.',
      'callee 33',
      { matchingGateways: 1 },
      'AllGatewayBusy',
    ],
    [
      'Every vendor for the called number is locked or out of funds.',
      'callee 33',
      { matchingGateways: 1 },
      'AccountBalanceNotEnough',
    ],
  ],
  'next-gateway-chosen': [
    ['Routing gateway b was chosen after a had failed.', 'routing-gateway b', { after: 'a' }],
  ],
  'no-next-gateway': [
    [
      'No other gateway was left after a had failed.',
      'candidates',
      { after: 'a', left: 0 },
      'NoAvailableRouter',
    ],
    [
      'None of the gateways that were left after a had failed could be used.',
      'candidates',
      { after: 'a', left: 2 },
      'AllGatewayBusy',
    ],
  ],
};

for (const kind of Object.keys(decisionKinds) as DecisionKind[]) {
  for (const [sentence, subject, facts, reason] of cases[kind] as readonly Case<DecisionKind>[]) {
    test(`OPS-09 a decision ${kind} is one sentence: ${sentence}`, () => {
      assert.equal(sentenceOf(made(kind, subject, facts, reason)), sentence);
    });
  }
}
