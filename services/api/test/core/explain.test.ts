import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusals } from '@tandem/domain';
import type { DecisionRecord } from '@tandem/domain';
import { CdrCorrection, CdrLevel } from '@tandem/proto/billing';
import type { Cdr } from '@tandem/proto/billing';
import { Call } from '@tandem/proto/edge';
import { explain, type Explanation } from '../../src/core/explain.ts';
import { answeredCdr, attempt, failedCdr, foreign, made, refusedCdr } from '../calls.ts';

function explained(cdr: Cdr): Explanation {
  return explain({ kind: 'cdr', cdr });
}

test('OPS-09 every refusal of the table has a sentence and what would change it', () => {
  for (const [reason, { code }] of Object.entries(refusals)) {
    const { summary, change, outcome } = explained(refusedCdr(reason, code, []));
    assert.match(
      summary,
      new RegExp(`^(Refused|Cancelled) with ${String(code)}.*: .+\\.$`),
      reason,
    );
    assert.ok(change !== null && change.length > 10, reason);
    assert.match(change, /[.]$/, reason);
    assert.equal(outcome, reason === 'CallerCancelled' ? 'cancelled' : 'refused');
    assert.doesNotMatch(`${summary} ${change}`, /undefined|null|NaN/, reason);
  }
});

/** Termination reason, the decision behind it, and what must be said. */
const cases: readonly {
  readonly id: string;
  readonly reason: keyof typeof refusals;
  readonly deciding: DecisionRecord;
  readonly summary: string;
  readonly change: RegExp;
}[] = [
  {
    id: 'DENY-01',
    reason: 'AccountLocked',
    deciding: made('account-locked', 'account demo', { status: 'locked' }),
    summary: 'Refused with 403 Forbidden: account demo is locked.',
    change: /Set status: active for account demo/,
  },
  {
    id: 'DENY-02',
    reason: 'AccountExpired',
    deciding: made('account-expired', 'account demo', { validUntil: '2020-01-01T00:00:00Z' }),
    summary:
      'Refused with 403 Account expired: account demo is past its validity date, which was 2020-01-01T00:00:00Z.',
    change: /later validUntil for account demo/,
  },
  {
    id: 'DENY-03',
    reason: 'IpNotAllowed',
    deciding: made('address-foreign', 'mapping-gateway demo-trunk', {
      mode: 'ip',
      source: '192.0.2.9:5060',
      allowed: '127.0.0.2/32',
    }),
    summary:
      'Refused with 403 Forbidden: the request came from 192.0.2.9:5060, which is not in the list of mapping gateway demo-trunk (127.0.0.2/32).',
    change: /Add 192.0.2.9 to authentication.addresses of mapping gateway demo-trunk/,
  },
  {
    id: 'CALL-07',
    reason: 'IpNotAllowed',
    deciding: made('address-hidden', 'mapping-gateway demo-trunk', {
      mode: 'ip',
      source: '10.0.0.1:61000',
      'source-hidden': 'yes',
      allowed: '127.0.0.2/32',
    }),
    summary:
      'Refused with 403 Forbidden: the network in front of the switch hides where clients send from, so the address 10.0.0.1:61000 does not prove that it is mapping gateway demo-trunk (mode ip).',
    change: /docs\/networking\.md.*mode: password/,
  },
  {
    id: 'DENY-04',
    reason: 'CallNotPermitted',
    deciding: made('origin-unknown', 'phone 1001', {
      account: 'demo',
      configuration: 'not known',
    }),
    summary:
      'Refused with 403 Forbidden: phone 1001 of account demo is not in the configuration that routing has.',
    change: /Apply a configuration that has it/,
  },
  {
    id: 'DENY-05',
    reason: 'InsufficientBalance',
    deciding: made('balance-used-up', 'account demo', {
      status: 'active',
      balance: '0.0041',
      overdraft: '0',
    }),
    summary:
      'Refused with 403 Insufficient balance: account demo has 0.0041 and an overdraft of 0.',
    change: /tandem accounts pay demo AMOUNT/,
  },
  {
    id: 'DENY-05',
    reason: 'InsufficientBalance',
    deciding: made('price-not-covered', 'account demo', {
      status: 'active',
      balance: '0.01',
      overdraft: '0',
      costsAtLeast: '0.150833333',
      connectionFee: '0.15',
      firstIncrement: 1,
      pricePerMinute: '0.05',
    }),
    summary:
      'Refused with 403 Insufficient balance: account demo has 0.01 and an overdraft of 0, and the call costs at least 0.150833333 (connection fee 0.15, first 1 s at 0.05 a minute).',
    change: /tandem accounts pay demo AMOUNT/,
  },
  {
    id: 'DENY-09',
    reason: 'UserNotFound',
    deciding: made('number-not-callable', 'callee 77;phone-context=a.example', {
      cause: 'it is a number within phone-context a.example, which is no country',
    }),
    summary:
      'Refused with 404 Not Found: 77;phone-context=a.example cannot be called: it is a number within phone-context a.example, which is no country.',
    change: /Correct the called number/,
  },
  {
    id: 'CALL-10',
    reason: 'BadRequest',
    deciding: made('number-malformed', 'callee 44%00', { cause: 'it holds control characters' }),
    summary:
      'Refused with 400 Bad Request: the request was malformed (callee 44%00): it holds control characters.',
    change: /Correct the sender/,
  },
  {
    id: 'DENY-06',
    reason: 'NoRate',
    deciding: made('rate-missing', 'account demo', { callee: '3312345', rateGroup: 'standard' }),
    summary: 'Refused with 403 Forbidden: rate group standard has no rate for 3312345.',
    change: /Add a rate to rate group standard whose prefix is the beginning of 3312345/,
  },
  {
    id: 'DENY-07',
    reason: 'LineLimitExceeded',
    deciding: made('lines-in-use', 'account demo', {
      limit: 1,
      limitOf: 'account demo',
      inUse: 1,
      holders: 'call-7',
    }),
    summary:
      'Refused with 403 Forbidden: account demo has a line limit of 1 and all of these lines are in use (by call-7).',
    change: /Raise lineLimit of account demo/,
  },
  {
    id: 'DENY-08',
    reason: 'AuthenticationFailed',
    deciding: made('password-not-proved', 'phone 1001', {
      'decided-by': 'SS_SIP_AUTHENTICATION_RETRY',
      cause: 'wrong password',
      source: '192.0.2.9:5060',
      'wrong-answers': 6,
      SS_SIP_AUTHENTICATION_RETRY: 6,
      SS_SIP_AUTHENTICATION_TIMEOUT: '10 s',
      failures: 6,
      SS_AUTHENTICATION_MAX_RETRY: 0,
    }),
    summary:
      'Refused with 403 Forbidden: phone 1001 did not prove who it is: wrong password, 6 wrong answers; the limit is SS_SIP_AUTHENTICATION_RETRY 6.',
    change: /^Write the same password at the side of phone 1001/,
  },
  {
    id: 'DENY-08',
    reason: 'Suspended',
    deciding: made('terminal-suspended', 'mapping-gateway demo-trunk', {
      SS_AUTHENTICATION_MAX_RETRY: 6,
      failures: 7,
      SS_AUTHENTICATION_FAILED_SUSPEND: '180 s',
      'suspended-since': '2026-11-21T10:00:00.000Z',
      'suspended-until': '2026-11-21T10:03:00.000Z',
      cause: 'wrong password',
      'last-source': '192.0.2.9:5060',
    }),
    summary:
      'Refused with 403 Forbidden: mapping gateway demo-trunk is suspended from 2026-11-21T10:00:00.000Z until 2026-11-21T10:03:00.000Z after 7 failures (SS_AUTHENTICATION_MAX_RETRY 6), the last one from 192.0.2.9:5060: wrong password.',
    change: /tandem suspensions lift "mapping-gateway demo-trunk"/,
  },
  {
    id: 'DENY-10',
    reason: 'NotRegistered',
    deciding: made('no-gateway', 'callee 1002', { matchingGateways: 0 }, 'NotRegistered'),
    summary:
      'Refused with 480 Temporarily Unavailable: 1002 registers here, but is not registered now, and no gateway takes it.',
    change: /register/,
  },
  {
    id: 'DENY-11',
    reason: 'NoAvailableRouter',
    deciding: made('no-gateway', 'callee 3312345', { matchingGateways: 0 }, 'NoAvailableRouter'),
    summary:
      'Refused with 503 Service Unavailable: no routing gateway has a prefix that matches 3312345.',
    change: /Add a prefix that is the beginning of 3312345 to a routing gateway/,
  },
  {
    id: 'DENY-19',
    reason: 'ServiceUnavailable',
    deciding: made('part-away', 'routing', { error: 'no answer' }),
    summary:
      'Refused with 503 Service Unavailable: the service routing, which finds gateways, was away when the call needed it: no answer.',
    change: /Bring it back/,
  },
  {
    id: 'DENY-19',
    reason: 'ServiceUnavailable',
    deciding: made('balance-unknown', 'account demo', {
      status: 'active',
      balance: 'not known yet',
      overdraft: '0',
    }),
    summary:
      'Refused with 503 Service Unavailable: the live balance of account demo is not known yet.',
    change: /billing/,
  },
];

for (const { id, reason, deciding, summary, change } of cases) {
  test(`${id} explain names the value that decided ${reason} of ${deciding.subject}`, () => {
    const passed = made('rate-found', 'account demo', { price: '0.0123 USD a minute' });
    const explanation = explained(refusedCdr(reason, refusals[reason].code, [passed, deciding]));
    assert.equal(explanation.summary, summary);
    assert.match(explanation.change ?? '', change);
    assert.equal(explanation.steps.length, 2);
  });
}

test('DENY-12 explain names why each gateway was passed over', () => {
  const { summary } = explained(
    refusedCdr('AllGatewayBusy', 503, [
      made('gateway-locked', 'routing-gateway carrier-a', { prefix: '44', lock: 'bar-all' }),
      made('gateway-full', 'routing-gateway carrier-b', {
        limit: 1,
        limitOf: 'group g1',
        inUse: 1,
        holders: 'call-7',
      }),
    ]),
  );
  assert.equal(
    summary,
    'Refused with 503 Service Unavailable: every routing gateway for the called number was passed over: carrier-a, because it is locked (lock: bar-all); carrier-b, because the line limit 1 of group g1 is reached by call-7.',
  );
});

test('DENY-13 explain names the vendors that are locked or expired', () => {
  const reason = 'AccountBalanceNotEnough';
  const { summary, steps } = explained(
    refusedCdr(reason, 503, [
      made('vendor-locked', 'routing-gateway a', { account: 'vendor-x', status: 'locked' }),
      made('vendor-expired', 'routing-gateway b', {
        account: 'vendor-y',
        validUntil: '2020-01-01T00:00:00Z',
      }),
      foreign({ check: 'candidate', result: 'skipped', subject: 'routing-gateway c', reason }),
      made('no-gateway', 'callee 4420', { matchingGateways: 3 }, reason),
    ]),
  );
  assert.match(
    summary,
    /a, because its vendor vendor-x is locked; b, because its vendor vendor-y is past its validity date, which was 2020-01-01T00:00:00Z; c, because AccountBalanceNotEnough\./,
  );
  assert.equal(steps[0]?.text, 'Routing gateway a was left out: its vendor vendor-x is locked.');
});

test('DENY-14 explain names the timer and the gateway that was silent', () => {
  const silent = made('nothing-received', 'routing-gateway carrier-a', {
    timer: 'SS_SIP_TIMEOUT_INVITE',
    'waited-ms': 10_012,
    address: '127.0.0.1:5070',
  });
  const cdr = failedCdr(
    { reason: 'InviteTimeout', code: 408 },
    [attempt({ code: 408, reason: 'InviteTimeout' })],
    [silent],
  );
  const explanation = explained(cdr);
  assert.equal(
    explanation.summary,
    'Failed with 408 Request Timeout: routing gateway carrier-a sent nothing at all within 10 s (SS_SIP_TIMEOUT_INVITE) from 127.0.0.1:5070.',
  );
  assert.equal(explanation.outcome, 'failed');
  assert.match(
    explanation.change ?? '',
    /127.0.0.1:5070 is its address and port, whether it is up.*firewall.*SS_SIP_TIMEOUT_INVITE/,
  );
});

test('DENY-15 explain names the later timer', () => {
  const silent = made('no-final-response', 'routing-gateway carrier-a', {
    timer: 'SS_SIP_TIMEOUT_RINGING',
    'waited-ms': 120_000,
    address: '127.0.0.1:5070',
  });
  const { summary } = explained(
    failedCdr(
      { reason: 'GatewayTimeout', code: 408 },
      [attempt({ reason: 'GatewayTimeout' })],
      [silent],
    ),
  );
  assert.match(
    summary,
    /answered provisionally and then nothing more came within 120 s \(SS_SIP_TIMEOUT_RINGING\)/,
  );
});

test('AUTH-11 explain says that the carrier refused our credentials', () => {
  const refused = made('credentials-refused', 'routing-gateway carrier-a', {
    code: 401,
    username: 'u',
    'challenges-answered': 1,
    cause: 'the gateway refused our username or password',
  });
  const { summary, change } = explained(
    failedCdr({ reason: 'BadGateway', code: 502 }, [attempt({ reason: 'BadGateway' })], [refused]),
  );
  assert.match(
    summary,
    /carrier-a could not be used: the gateway refused our username or password/,
  );
  assert.match(change ?? '', /Make username and password of routing gateway carrier-a/);
});

test('DENY-16 explain tells a broken connection and an unusable answer', () => {
  const broken = (decision: DecisionRecord) =>
    explained(
      failedCdr(
        { reason: 'BadGateway', code: 502 },
        [attempt({ reason: 'BadGateway' })],
        [decision],
      ),
    );
  const [subject, address] = ['routing-gateway carrier-a', '127.0.0.1:5070'];
  assert.match(
    broken(made('unreachable', subject, { address })).summary,
    /the connection broke \(127.0.0.1:5070\)/,
  );
  const moved = { code: 302, phrase: 'Moved Temporarily', address };
  const { summary, change } = broken(made('final-response', subject, moved, 'BadGateway'));
  assert.match(summary, /it answered 302 Moved Temporarily/);
  assert.match(change ?? '', /Set redirects: follow for routing gateway carrier-a/);
  const refused = { address, transport: 'tcp', network: 'its host refuses the connection' };
  assert.match(
    broken(made('unreachable', subject, refused)).change ?? '',
    /carrier-a is up and speaks SIP at 127.0.0.1:5070 by tcp/,
  );
});

test('DENY-17 explain says when the caller gave up', () => {
  const cancel = (rang: 'yes' | 'no') => made('cancelled', 'caller', { 'after-ms': 4200, rang });
  const cdr = failedCdr(
    { reason: 'CallerCancelled', code: 487 },
    [attempt({ reason: 'CallerCancelled', code: 487 })],
    [cancel('yes')],
  );
  const { summary, outcome } = explained(cdr);
  assert.equal(summary, 'Cancelled with 487: the caller gave up after 4.2 s while it was ringing.');
  assert.equal(outcome, 'cancelled');
  assert.match(
    explained(refusedCdr('CallerCancelled', 487, [cancel('no')])).summary,
    /before it rang/,
  );
});

test('DENY-18 explain gives the answer of the callee from its decision', () => {
  const busy = made(
    'final-response',
    'routing-gateway carrier-b',
    { code: 486, phrase: 'Busy Here', address: '127.0.0.1:5071' },
    'Rejected',
  );
  const attempts = [attempt(), attempt({ gateway: 'carrier-b', code: 486, text: 'Busy Here' })];
  const {
    summary,
    change,
    attempts: told,
  } = explained(failedCdr({ reason: 'Rejected', code: 486, text: 'Busy Here' }, attempts, [busy]));
  assert.equal(
    summary,
    'Failed with 486 Busy Here: routing gateway carrier-b answered 486 Busy Here: the callee is busy (2 attempts; besides, carrier-a failed with 503 Service Unavailable).',
  );
  assert.match(change ?? '', /Nothing on this side: the callee is in a call/);
  assert.equal(
    told[0]?.text,
    'carrier-a at 127.0.0.1:5070 failed after 2 s with 503 Service Unavailable.',
  );
});

test('DENY-18 explain takes the answer from the attempt where no decision has it', () => {
  const { summary } = explained(
    failedCdr({ reason: 'Rejected', code: 603, text: 'Decline' }, [
      attempt({ code: 603, text: 'Decline' }),
    ]),
  );
  assert.equal(
    summary,
    'Failed with 603 Decline: routing gateway carrier-a answered 603 Decline: the callee declined.',
  );
});

test('ROUTE-06 explain says why no gateway came after the one that failed', () => {
  const failed = made('unreachable', 'routing-gateway carrier-a', { address: '127.0.0.1:5070' });
  const none = made(
    'no-next-gateway',
    'candidates',
    { after: 'carrier-a', left: 1 },
    'AllGatewayBusy',
  );
  const { summary, steps } = explained(
    failedCdr(
      { reason: 'BadGateway', code: 502 },
      [attempt({ reason: 'BadGateway' })],
      [failed, none],
    ),
  );
  assert.match(summary, /carrier-a could not be used: the connection broke/);
  assert.equal(
    steps[1]?.text,
    'None of the gateways that were left after carrier-a had failed could be used.',
  );
});

test('OPS-09 what another version has recorded decides too, in its own words', () => {
  const older = foreign(
    { check: 'lines', subject: 'account demo', reason: 'LineLimitExceeded' },
    { limit: '1', 'held-by': 'call-7', note: '' },
  );
  const { summary, change, steps } = explained(refusedCdr('LineLimitExceeded', 403, [older]));
  assert.equal(
    summary,
    'Refused with 403 Forbidden: a line limit of the calling side is reached (account demo: limit 1, held-by call-7).',
  );
  assert.match(change ?? '', /Raise the line limit/);
  assert.equal(
    steps[0]?.text,
    'Account demo: lines refused (LineLimitExceeded); limit 1, held-by call-7.',
  );
  const bare = explained(refusedCdr('Overload', 503, [foreign({ reason: 'Overload' })]));
  assert.match(bare.summary, /: the switch was past its capacity\.$/);
});

test('BILL-03 explain says of an answered call who ended it, and how it was charged', () => {
  const { summary, price, outcome, change } = explained(answeredCdr());
  assert.equal(
    summary,
    'Answered by carrier-a after 3 s and ended after 61.5 s by the caller, who hung up; charged 0.0246 USD for 120 s (0.0123 a minute, 60/60, prefix 44, rate group standard).',
  );
  assert.match(price ?? '', /^charged 0.0246 USD/);
  assert.equal(outcome, 'answered');
  assert.equal(change, null);
});

test('CALL-05 T2-27 explain says of a call that the switch ended to when it was charged', () => {
  const termination = { reason: 'SessionExpired', code: 200, by: 'switch', text: '' };
  const answeredMs = Date.UTC(2026, 10, 21, 10, 0, 3);
  const endedMs = answeredMs + 90_000;
  const ended = { termination, answeredMs, endedMs, chargedToAlive: true };
  const gone = explained(answeredCdr({ ...ended, aliveMs: answeredMs + 12_300 }));
  assert.match(
    gone.summary,
    /ended after 90 s by the switch, since neither side refreshed its session timer in time .*; the last sign of life came 12.3 s after the answer, and the call is charged until then; charged/,
  );
  const there = explained(answeredCdr({ ...ended, aliveMs: endedMs }));
  assert.match(
    there.summary,
    /the last sign of life came 90 s after the answer, and the call is charged until then; charged/,
  );
});

test('ROUTE-06 explain says of an answered call which gateways failed before', () => {
  const attempts = [attempt(), attempt({ gateway: 'carrier-b', code: 200, reason: '' })];
  const { summary } = explained(answeredCdr({ attempts }));
  assert.match(
    summary,
    /^Answered by carrier-b after 3 s, after carrier-a failed with 503 Service Unavailable, and ended/,
  );
});

test('REG-03 explain names each device that was called, the one that answered, those that failed and those that rang too', () => {
  const device = (contact: string, parts: Parameters<typeof attempt>[0]) =>
    attempt({ gateway: 'phone 1002', contact, ...parts });
  const given = { code: 487, reason: '', text: 'answered on another branch' };
  const attempts = [
    device('sip:1002@a', { code: 486, text: 'Busy Here' }),
    device('sip:1002@b', given),
    device('sip:1002@c', { code: 200, reason: '', text: '' }),
  ];
  const answered = explained(answeredCdr({ attempts }));
  assert.match(
    answered.summary,
    /^Answered by phone 1002 \(sip:1002@c\) after 3 s, after phone 1002 \(sip:1002@a\) failed with 486 Busy Here, while phone 1002 \(sip:1002@b\) rang too, and ended/,
  );
  assert.match(
    answered.attempts[1]?.text ?? '',
    /^phone 1002 \(sip:1002@b\) at \S+ was given up after \S+ s \(answered on another branch\)\.$/,
  );
  const failed = explained(
    failedCdr({ reason: 'Rejected', code: 486, text: 'Busy Here' }, attempts.slice(0, 2), []),
  );
  assert.match(failed.summary, /\(2 devices called\)\.$/);
});

test('CALL-09 explain says why the switch ended a call', () => {
  const cdr = answeredCdr({
    attempts: [],
    termination: { reason: 'Lost', code: 200, by: 'switch', text: '' },
  });
  const { summary, change } = explained({ ...cdr, price: '', priceExplanation: '' });
  assert.match(
    summary,
    /^Answered after 3 s and has no end that anybody told: the pods that held it were gone; the last sign of life came 0 s after the answer; charged 0 USD for 120 s\.$/,
  );
  assert.match(change ?? '', /edges/);
});

test('OPS-09 a CDR without event, and a reason of a newer release, are told as far as possible', () => {
  const bare = { ...answeredCdr(), event: undefined };
  assert.equal(explained(bare).summary, 'The CDR holds no event.');
  assert.equal(explained(refusedCdr('Haunted', 418, [])).summary, 'Refused with 418: Haunted.');
  assert.equal(
    explained(refusedCdr('', 500, [])).summary,
    'Refused with 500 Server Internal Error: no reason is known.',
  );
});

test('OPS-09 a call in progress says where it stands and what failed before', () => {
  const call = Call.create({
    callId: 'call-1',
    state: 'ringing',
    gateway: 'carrier-b',
    attempts: [attempt(), attempt({ gateway: 'carrier-b', code: 0, reason: '', endedMs: 0 })],
    decisions: [foreign({ check: 'lines', result: 'passed', subject: 'account demo' })],
  });
  const { summary, outcome, attempts, steps } = explain({ kind: 'call', call });
  assert.equal(
    summary,
    'In progress: ringing at carrier-b, after carrier-a failed with 503 Service Unavailable.',
  );
  assert.equal(outcome, 'in-progress');
  assert.equal(attempts[1]?.text, 'carrier-b at 127.0.0.1:5070 is being tried.');
  assert.equal(steps[0]?.text, 'Account demo: lines passed.');
  const young = explain({ kind: 'call', call: Call.create({ callId: 'x', state: 'routing' }) });
  assert.equal(young.summary, 'In progress: routing.');
});

test('BILL-06 BILL-01 explain says what a re-rating has made of the price of one level, and of its margin', () => {
  const level = (account: string, price: string, currentMargin: string, currentPrice = price): CdrLevel =>
    CdrLevel.create({ account, price, margin: '0.01', currency: 'USD', currentPrice, currentMargin }); // prettier-ignore
  const correction = CdrCorrection.create({ rerating: 7, side: 'level', account: 'north', difference: '-0.005', note: '0.0075 a minute, 60/60' }); // prettier-ignore
  const levels = [level('north', '0.02', '0.0096', '0.015'), level('owner', '0.01', '0.005')];
  const { price } = explained({ ...answeredCdr(), levels, corrections: [correction], currentPrice: '0.0246' }); // prettier-ignore
  assert.equal(
    price,
    'charged 0.0246 USD for 120 s (0.0123 a minute, 60/60, prefix 44, rate group standard); reseller north owes 0.02 (margin 0.01); reseller owner owes 0.01 (margin 0.01); re-rating 7 made the price of reseller north 0.015 USD, margin 0.0096 (0.0075 a minute, 60/60)',
  );
});
