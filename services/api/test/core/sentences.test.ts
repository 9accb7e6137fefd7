import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decisionKinds, type DecisionKind } from '@tandem/domain';
import { sentenceOf } from '../../src/core/sentences.ts';
import { made } from '../calls.ts';
import { authenticationCases } from './authentication-cases.ts';
import { failoverCases } from './failover-cases.ts';
import { identityCases } from './identity-cases.ts';
import { callTypeCases } from './call-type-cases.ts';
import { numberCases } from './number-cases.ts';
import { overloadedCases } from './overloaded-cases.ts';
import { phoneCases } from './phone-cases.ts';
import type { Case, Cases } from './sentence-case.ts';

const money = { status: 'active', balance: '100', overdraft: '5' } as const;
const line = { limit: 1, limitOf: 'group g1', inUse: 1, holders: 'call-7' };
const address = '127.0.0.1:5070';

/** Every kind of decision there is, and how it is told; several where its facts or its reason change the sentence. */
const cases: Cases<DecisionKind> = {
  ...authenticationCases,
  ...identityCases,
  ...phoneCases,
  ...numberCases,
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
  ],
  'gateway-free': [
    [
      'Routing gateway b may be used for prefix 44, priority 2.',
      'routing-gateway b',
      { prefix: '44', priority: 2 },
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
      'Routing gateway a was left out: it is off line since 2026-06-01T11:00:00.000Z, the OPTIONS check of udp 192.0.2.1:5060 says: no answer within 3 s (optionsCheck; tandem gateways).',
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
  'malformed-response': [
    [
      'Routing gateway a answered 180 with faults, and was understood all the same: Contact: no URI (127.0.0.1:5070).',
      'routing-gateway a',
      { code: 180, faults: 'Contact: no URI', address },
    ],
  ],
  'dialog-challenge-answered': [
    [
      'Routing gateway a challenged the BYE in the dialog (407), and was given our credentials for one, two.',
      'routing-gateway a',
      { method: 'BYE', code: 407, realms: 'one, two', cseq: 3 },
    ],
  ],
  'dialog-challenge-refused': [
    [
      'Routing gateway a challenged the INFO in the dialog (401), and it was not carried out there: none are configured.',
      'routing-gateway a',
      { method: 'INFO', code: 401, cause: 'none are configured' },
      'BadGateway',
    ],
    [
      'Routing gateway a challenged the BYE in the dialog (407), and it was not carried out there: refused; the call was ended here all the same.',
      'routing-gateway a',
      { method: 'BYE', code: 407, cause: 'refused' },
      'BadGateway',
    ],
  ],
  'best-response': [
    [
      'Of 2 attempts that failed, the best answer goes back to the caller: 484, not the last one, 500.',
      'caller',
      { code: 484, last: 500, attempts: 2 },
    ],
  ],
  ...failoverCases,
  'final-response': [
    [
      'Routing gateway a answered 503 Maintenance and wants no calls for 120 s: it takes no calls at this moment.',
      'routing-gateway a',
      { code: 503, phrase: 'Maintenance', address, 'retry-after': 120 },
      'Rejected',
    ],
    [
      'Routing gateway a answered 486 Busy Here: the callee is busy.',
      'routing-gateway a',
      { code: 486, phrase: 'Busy Here', address },
      'Rejected',
    ],
    [
      'Routing gateway a answered 403 Forbidden: it does not let this call in; it says why: cause 21 of Q.850, Call Rejected; Warning: 399 gw "no credit".',
      'routing-gateway a',
      {
        code: 403,
        phrase: 'Forbidden',
        address,
        warning: '399 gw "no credit"',
        'reason-header': 'Q.850;cause=21;text="Call Rejected"',
      },
      'Rejected',
    ],
    [
      'Routing gateway a answered 603: the callee declined.',
      'routing-gateway a',
      { code: 603, phrase: '', address },
      'Rejected',
    ],
    [
      'Routing gateway a could not be used: it answered 302 Moved (127.0.0.1:5070).',
      'routing-gateway a',
      { code: 302, phrase: 'Moved', address },
      'BadGateway',
    ],
  ],
  'credentials-refused': [
    [
      'Routing gateway a could not be used: the gateway wants credentials and none are configured.',
      'routing-gateway a',
      {
        code: 407,
        username: '',
        'challenges-answered': 0,
        cause: 'the gateway wants credentials and none are configured',
      },
    ],
  ],
  'nothing-received': [
    [
      'Routing gateway a sent nothing at all within 10 s (SS_SIP_TIMEOUT_INVITE) from 127.0.0.1:5070.',
      'routing-gateway a',
      { timer: 'SS_SIP_TIMEOUT_INVITE', 'waited-ms': 10_012, address },
    ],
    [
      'Routing gateway a sent nothing at all within 3 s (timers.invite of routing gateway a) from 127.0.0.1:5070.',
      'routing-gateway a',
      { timer: 'SS_SIP_TIMEOUT_INVITE', 'waited-ms': 3012, address, 'own-timer': 'timers.invite' },
    ],
  ],
  'no-final-response': [
    [
      'Routing gateway a answered provisionally and then nothing more came within 20.1 s (SS_SIP_TIMEOUT_SESSION_PROGRESS).',
      'routing-gateway a',
      { timer: 'SS_SIP_TIMEOUT_SESSION_PROGRESS', 'waited-ms': 20_080, address },
    ],
  ],
  'no-listener': [
    [
      'Routing gateway a could not be used: the switch has no address that 127.0.0.1:5070 could answer to over udp.',
      'routing-gateway a',
      { address, transport: 'udp', 'local-address': '' },
    ],
    [
      'Routing gateway a could not be used: the switch is not at 203.0.113.9:5060 for 127.0.0.1:5070 over udp.',
      'routing-gateway a',
      { address, transport: 'udp', 'local-address': '203.0.113.9:5060' },
    ],
  ],
  'own-address': [
    [
      'Routing gateway a could not be used: 127.0.0.1:5070 is an address of this switch, and the call would come back to it.',
      'routing-gateway a',
      { address },
    ],
  ],
  'name-unresolved': [
    [
      'Routing gateway a was left out: no address is known for carrier.example: the name has no address.',
      'routing-gateway a',
      { name: 'carrier.example', cause: 'the name has no address' },
    ],
  ],
  'name-resolved': [
    [
      'Routing gateway a is at carrier.example, which is 127.0.0.1:5070 by udp (SRV).',
      'routing-gateway a',
      {
        name: 'carrier.example',
        addresses: '127.0.0.1:5070 by udp',
        records: 'SRV',
        stale: 'no',
      },
    ],
    [
      'Routing gateway a is at carrier.example, which is 127.0.0.1:5070 by udp (SRV); the records have run out, and no newer ones came: no answer in time.',
      'routing-gateway a',
      {
        name: 'carrier.example',
        addresses: '127.0.0.1:5070 by udp',
        records: 'SRV',
        stale: 'yes',
        failure: 'no answer in time',
      },
    ],
  ],
  unreachable: [
    [
      'Routing gateway a could not be used: the connection broke (127.0.0.1:5070).',
      'routing-gateway a',
      { address },
    ],
  ],
  'ended-by-operator': [
    [
      'An operator ended the call after 4.2 s while it was ringing (api 192.0.2.9: fraud).',
      'operator',
      { operator: 'api 192.0.2.9: fraud', 'after-ms': 4200, rang: 'yes' },
    ],
  ],
  cancelled: [
    [
      'The caller gave up after 4.2 s while it was ringing.',
      'caller',
      { 'after-ms': 4200, rang: 'yes' },
    ],
    ['The caller gave up after 0 s before it rang.', 'caller', { 'after-ms': 3, rang: 'no' }],
    [
      'The caller gave up after 0 s before it rang, and said why: Q.850;cause=26.',
      'caller',
      { 'after-ms': 3, rang: 'no', reason: 'Q.850;cause=26' },
    ],
  ],
  'part-away': [
    [
      'The service auth, which says who calls, was away when the call needed it: no answer.',
      'auth',
      { error: 'no answer' },
    ],
  ],
  'media-anchored': [
    [
      'Its media went through relay 192.0.2.20:2223 (mode anchor of mapping-gateway trunk).',
      'routing-gateway carrier-a',
      { relay: '192.0.2.20:2223', policy: 'required', why: 'mode anchor of mapping-gateway trunk' },
    ],
  ],
  'media-relay-away': [
    [
      'No media relay answered, and routing gateway carrier-a may not be called without one (media.relay required; srtp sdes and none).',
      'routing-gateway carrier-a',
      { policy: 'required', why: 'srtp sdes and none' },
    ],
    [
      'No media relay answered, and routing gateway carrier-a was called without one (media.relay optional; srtp sdes and none).',
      'routing-gateway carrier-a',
      { policy: 'optional', why: 'srtp sdes and none' },
    ],
  ],
  'money-ended': [
    [
      'The money ended at 2026-11-30T10:00:01.000Z: account demo had 0.1 and an overdraft of 5, of which its calls had reserved 5.1, and another 60 s cost 0.0123.',
      'account demo',
      {
        endedAt: '2026-11-30T10:00:01.000Z',
        balance: '0.1',
        overdraft: '5',
        reserved: '5.1',
        needed: '0.0123',
        neededFor: 60,
      },
    ],
  ],
  'left-early': [
    [
      'Routing gateway a sent BYE before it had answered (127.0.0.1:5070).',
      'routing-gateway a',
      { address },
    ],
  ],
  'description-invalid': [
    [
      'The session description of routing gateway carrier-a cannot be anchored: Incomplete SDP specification.',
      'routing-gateway carrier-a',
      { error: 'Incomplete SDP specification' },
      'BadGateway',
    ],
    [
      'The session description of the caller cannot be anchored: Failed to parse SDP.',
      'caller',
      { error: 'Failed to parse SDP' },
      'DescriptionInvalid',
    ],
  ],
  forked: [
    [
      'Routing gateway a answered 183 for a second callee, so that the caller had an early dialog with each (127.0.0.1:5070).',
      'routing-gateway a',
      { code: 183, address },
    ],
  ],
  overloaded: overloadedCases,
  adopted: [
    [
      'Edge edge-2 took the call over from 3.77, which had gone; a sweep found it.',
      'edge edge-2',
      { from: '3.77', cause: 'sweep' },
    ],
    [
      'Edge edge-2 took the call over from 3.77, which had gone when a message of the call came.',
      'edge edge-2',
      { from: '3.77', cause: 'message' },
    ],
    [
      'Edge edge-2 took the call over from 3.77, which was being shut down and offered it.',
      'edge edge-2',
      { from: '3.77', cause: 'offer' },
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
