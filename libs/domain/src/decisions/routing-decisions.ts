import type { KindTable } from './kind.ts';

const money = { status: ['active', 'locked'], balance: 'text', overdraft: 'text' } as const;
/** What calls have reserved of the balance, and up to five of them (BILL-05); where the account's money is not reserved: 0 and ''. */
const reserved = { reserved: 'text', holders: 'text' } as const;
const validity = { validUntil: 'text' } as const;
/** Set where it is not the account that calls, but a reseller above it (BILL-01): of whom. */
const resold = { resellerOf: 'text' } as const;

/** Which limit was reached, and who holds it. */
const line = { limit: 'number', limitOf: 'text', inUse: 'number', holders: 'text' } as const;

/** Which limit of calls per second was reached, and by which calls. */
const callsPerSecond = { callsPerSecond: 'number', limitOf: 'text', calls: 'text' } as const;

/** The prefix of a gateway that matched; not looked at again once a call is under way (ROUTE-06). */
const prefix = { prefix: 'text' } as const;
const route = { prefix: 'text', priority: 'number' } as const;
/** What its place among others is due to, where that is not its cost alone (ROUTE-04). */
const place = {
  cost: 'text',
  weight: 'number',
  protect: ['on'],
  quality: 'text',
  // ROUTE-16: the share of its calls that it gets.
  throttled: 'text',
} as const;

/** What the call costs at least, and what that is made of. */
const least = {
  costsAtLeast: 'text',
  connectionFee: 'text',
  firstIncrement: 'number',
  pricePerMinute: 'text',
} as const;

/** What routing decides. */
export const routingDecisions = {
  // CALL-12: a number that was written otherwise than it is compared.
  'number-read': {
    service: 'routing',
    check: 'number',
    result: 'passed',
    facts: { received: 'text' },
  },
  // CALL-12: the call goes on without a caller's number.
  'caller-left-out': {
    service: 'routing',
    check: 'number',
    result: 'skipped',
    facts: { cause: 'text' },
  },
  // CALL-12: who the caller is, by what its side says or by the configuration.
  'caller-asserted': {
    service: 'routing',
    check: 'identity',
    result: 'passed',
    facts: { by: ['pai', 'rpid', 'ppi', 'from', 'callerId'], from: 'text', privacy: 'text' },
  },
  // CALL-12: what the caller's side says of it does not count.
  'identity-not-taken': {
    service: 'routing',
    check: 'identity',
    result: 'skipped',
    facts: { header: 'text', cause: 'text' },
  },
  // CALL-12, RFC 5079
  'anonymity-refused': {
    service: 'routing',
    check: 'identity',
    result: 'refused',
    reason: 'AnonymityDisallowed',
    facts: { anonymous: ['asserted', 'refuse'], privacy: 'text' },
  },
  // DENY-09
  'number-not-callable': {
    service: 'routing',
    check: 'number',
    result: 'refused',
    reason: 'UserNotFound',
    facts: { cause: 'text' },
  },
  // CALL-10
  'number-malformed': {
    service: 'routing',
    check: 'number',
    result: 'refused',
    reason: 'BadRequest',
    facts: { cause: 'text' },
  },
  // DENY-04
  'origin-unknown': {
    service: 'routing',
    check: 'account-status',
    result: 'refused',
    reason: 'CallNotPermitted',
    facts: { account: 'text', configuration: ['not known'] },
  },
  // DENY-04
  'call-not-permitted': {
    service: 'routing',
    check: 'call-type',
    result: 'refused',
    reason: 'CallNotPermitted',
    facts: { callee: 'text', type: 'text', prefix: 'text', permitted: 'text' },
  },
  // DENY-01
  'account-locked': {
    service: 'routing',
    check: 'account-status',
    result: 'refused',
    reason: 'AccountLocked',
    facts: { status: ['locked'] },
    optional: resold,
  },
  // DENY-02
  'account-expired': {
    service: 'routing',
    check: 'validity',
    result: 'refused',
    reason: 'AccountExpired',
    facts: validity,
    optional: resold,
  },
  'rate-found': {
    service: 'routing',
    check: 'rate',
    result: 'passed',
    facts: { price: 'text' },
    optional: resold,
  },
  // DENY-06
  'rate-missing': {
    service: 'routing',
    check: 'rate',
    result: 'refused',
    reason: 'NoRate',
    facts: { callee: 'text', rateGroup: 'text' },
    optional: resold,
  },
  'balance-enough': {
    service: 'routing',
    check: 'balance',
    result: 'passed',
    facts: money,
    optional: { ...validity, ...resold },
  },
  // DENY-05
  'balance-used-up': {
    service: 'routing',
    check: 'balance',
    result: 'refused',
    reason: 'InsufficientBalance',
    facts: money,
    optional: { ...validity, ...reserved, ...resold },
  },
  // DENY-05
  'price-not-covered': {
    service: 'routing',
    check: 'balance',
    result: 'refused',
    reason: 'InsufficientBalance',
    facts: { ...money, ...least },
    // Not told by earlier versions.
    optional: { ...validity, ...reserved, ...resold },
  },
  // DENY-19
  'balance-unknown': {
    service: 'routing',
    check: 'balance',
    result: 'failed',
    reason: 'ServiceUnavailable',
    facts: { ...money, balance: ['not known yet'] },
    optional: { ...validity, ...resold },
  },
  // DENY-07
  'lines-in-use': {
    service: 'routing',
    check: 'lines',
    result: 'refused',
    reason: 'LineLimitExceeded',
    facts: line,
  },
  // ROUTE-15
  'cps-limit-reached': {
    service: 'routing',
    check: 'calls-per-second',
    result: 'refused',
    reason: 'CpsLimitExceeded',
    facts: callsPerSecond,
  },
  'gateway-chosen': {
    service: 'routing',
    check: 'candidate',
    result: 'chosen',
    facts: { ...route, candidates: 'text' },
    optional: { ...place, policy: 'text' },
  },
  // ROUTE-01
  'phone-located': {
    service: 'routing',
    check: 'registration',
    result: 'chosen',
    facts: { bindings: 'number', contact: 'text', source: 'text' },
    // REG-03: where there are several.
    optional: { order: 'text' },
  },
  // DENY-09, DENY-10, RFC 5627 §5.4
  'device-missing': {
    service: 'routing',
    check: 'registration',
    result: 'refused',
    reason: ['NotRegistered', 'UserNotFound'],
    facts: { cause: ['no phone', 'not registered', 'ended'], instance: 'text' },
  },
  // ROUTE-12
  'gateway-free': {
    service: 'routing',
    check: 'candidate',
    result: 'passed',
    facts: route,
    optional: place,
  },
  // ROUTE-03
  'gateway-for-longest-prefix': {
    service: 'routing',
    check: 'candidate',
    result: 'skipped',
    reason: 'NoAvailableRouter',
    facts: { prefixMode: ['expiration'], longestPrefix: 'text' },
    optional: prefix,
  },
  // DENY-12
  'gateway-locked': {
    service: 'routing',
    check: 'candidate',
    result: 'skipped',
    reason: 'AllGatewayBusy',
    facts: { lock: ['bar-all'] },
    optional: prefix,
  },
  // ROUTE-06: it has answered 503 with Retry-After.
  'gateway-resting': {
    service: 'routing',
    check: 'candidate',
    result: 'skipped',
    reason: 'AllGatewayBusy',
    facts: { retryAfter: 'number', secondsLeft: 'number', callId: 'text' },
    optional: prefix,
  },
  // ROUTE-07, DENY-12: none of its addresses answers OPTIONS.
  'gateway-offline': {
    service: 'routing',
    check: 'options-check',
    result: 'skipped',
    reason: 'AllGatewayBusy',
    facts: { since: 'text', last: 'text', addresses: 'text' },
    optional: prefix,
  },
  // ROUTE-07: some addresses of the chosen gateway do not answer OPTIONS, and others are called.
  'addresses-offline': {
    service: 'routing',
    check: 'options-check',
    result: 'passed',
    facts: { since: 'text', last: 'text', addresses: 'text' },
  },
  // ROUTE-02, DENY-12: it is dynamic, and nowhere. Without `since` it never was; with `fault` nobody could say.
  'gateway-not-registered': {
    service: 'routing',
    check: 'registration',
    result: 'skipped',
    reason: 'AllGatewayBusy',
    facts: {},
    optional: { ...prefix, since: 'text', fault: 'text' },
  },
  // REG-08, DENY-12: the carrier does not have our registration, and gets calls only while it has.
  'registration-lacking': {
    service: 'routing',
    check: 'outbound-registration',
    result: 'skipped',
    reason: 'AllGatewayBusy',
    facts: { state: 'text', since: 'text' },
    optional: { ...prefix, last: 'text' },
  },
  // DENY-12
  'gateway-full': {
    service: 'routing',
    check: 'candidate',
    result: 'skipped',
    reason: 'AllGatewayBusy',
    facts: line,
    optional: prefix,
  },
  // ROUTE-11, BILL-08: prices are by the minute.
  'profit-too-low': {
    service: 'routing',
    check: 'profit',
    result: 'skipped',
    reason: 'NoAvailableRouter',
    facts: { price: 'text', cost: 'text', profit: 'text', lowestProfit: 'text' },
    optional: prefix,
  },
  // BILL-08
  'cost-too-high': {
    service: 'routing',
    check: 'profit',
    result: 'skipped',
    reason: 'NoAvailableRouter',
    facts: { cost: 'text', highest: 'text' },
    optional: prefix,
  },
  // BILL-08
  'price-too-high': {
    service: 'routing',
    check: 'profit',
    result: 'refused',
    reason: 'CallNotPermitted',
    facts: { price: 'text', highest: 'text' },
  },
  // ROUTE-09, DENY-13
  'vendor-out-of-funds': {
    service: 'routing',
    check: 'candidate',
    result: 'skipped',
    reason: 'AccountBalanceNotEnough',
    facts: { account: 'text', balance: 'text', overdraft: 'text' },
    optional: prefix,
  },
  // ROUTE-08, DENY-12: it, or its group, has a schedule that is not open. `zonesVersion`: the data by which local time was found.
  'schedule-shut': {
    service: 'routing',
    check: 'candidate',
    result: 'skipped',
    reason: 'AllGatewayBusy',
    facts: {
      schedule: 'text',
      of: 'text',
      localTime: 'text',
      timeZone: 'text',
      zonesVersion: 'text',
    },
    optional: prefix,
  },
  // ROUTE-05, DENY-12: it leaves lines of its group to others.
  'lines-reserved': {
    service: 'routing',
    check: 'candidate',
    result: 'skipped',
    reason: 'AllGatewayBusy',
    facts: { reservedLines: 'number', ...line },
    optional: prefix,
  },
  // ROUTE-16: of `attempts` so many had failed, and it gets `share` of its calls. Of this one it is the last resort, or none.
  'gateway-throttled': {
    service: 'routing',
    check: 'throttle',
    result: 'skipped',
    reason: 'AllGatewayBusy',
    facts: {
      share: 'text',
      attempts: 'number',
      failed: 'number',
      since: 'text',
      then: ['out', 'last'],
    },
    optional: prefix,
  },
  // ROUTE-15, DENY-12
  'gateway-cps-reached': {
    service: 'routing',
    check: 'calls-per-second',
    result: 'skipped',
    reason: 'AllGatewayBusy',
    facts: callsPerSecond,
    optional: prefix,
  },
  // CALL-02, DENY-11
  'name-unresolved': {
    service: 'routing',
    check: 'name',
    result: 'skipped',
    reason: 'NoAvailableRouter',
    facts: { name: 'text', cause: 'text' },
    optional: prefix,
  },
  // CALL-02: what the names of the chosen gateway stood for.
  'name-resolved': {
    service: 'routing',
    check: 'name',
    result: 'passed',
    facts: { name: 'text', addresses: 'text', records: 'text', stale: ['no', 'yes'] },
    // `until`: how long the answer says that it holds.
    optional: { failure: 'text', until: 'text' },
  },
  // DENY-13
  'vendor-locked': {
    service: 'routing',
    check: 'candidate',
    result: 'skipped',
    reason: 'AccountBalanceNotEnough',
    facts: { account: 'text', status: ['locked'] },
    optional: prefix,
  },
  // DENY-13
  'vendor-expired': {
    service: 'routing',
    check: 'candidate',
    result: 'skipped',
    reason: 'AccountBalanceNotEnough',
    facts: { account: 'text', ...validity },
    optional: prefix,
  },
  // ROUTE-02, AUTH-13: one of the two sides says that they do not go together.
  'gateway-not-for-caller': {
    service: 'routing',
    check: 'candidate',
    result: 'skipped',
    reason: 'NoAvailableRouter',
    facts: {
      origin: 'text',
      list: ['allowedMappingGateways', 'forbiddenMappingGateways', 'allowedRoutingGateways'],
    },
    optional: prefix,
  },
  // CALL-12, RFC 3323 §5
  'gateway-not-trusted': {
    service: 'routing',
    check: 'candidate',
    result: 'skipped',
    reason: 'PrivacyNotProvided',
    facts: { privacy: 'text' },
    optional: prefix,
  },
  // CALL-02, RFC 5630 §5.3: the call is to a sips URI; `reached`: how it is called instead.
  'gateway-not-secure': {
    service: 'routing',
    check: 'candidate',
    result: 'skipped',
    reason: 'SipsNotAllowed',
    facts: { reached: 'text' },
    optional: prefix,
  },
  // DENY-10, DENY-11, DENY-12, DENY-13, CALL-02, CALL-12
  'no-gateway': {
    service: 'routing',
    check: 'candidate',
    result: 'refused',
    reason: [
      'NotRegistered',
      'NoAvailableRouter',
      'AllGatewayBusy',
      'AccountBalanceNotEnough',
      'PrivacyNotProvided',
      'SipsNotAllowed',
      'NumberBarred',
    ],
    facts: { matchingGateways: 'number' },
  },
  // ROUTE-06
  'next-gateway-chosen': {
    service: 'routing',
    check: 'candidate',
    result: 'chosen',
    facts: { after: 'text' },
  },
  // ROUTE-06: the configuration has changed since the call began.
  'gateway-removed': {
    service: 'routing',
    check: 'candidate',
    result: 'skipped',
    reason: 'NoAvailableRouter',
    facts: { configuration: ['not known'] },
  },
  // ROUTE-06
  'no-next-gateway': {
    service: 'routing',
    check: 'candidate',
    result: 'refused',
    reason: ['NoAvailableRouter', 'AllGatewayBusy', 'AccountBalanceNotEnough'],
    facts: { after: 'text', left: 'number' },
  },
} as const satisfies KindTable;
