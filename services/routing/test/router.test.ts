import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMoney } from '@tandem/domain';
import { Origin } from '@tandem/proto/auth';
import { Terms } from '@tandem/proto/billing';
import { NextCandidateRequest, RouteRequest } from '@tandem/proto/routing';
import { Router } from '../src/router.ts';
import {
  configure,
  factsAbout,
  gateway,
  namesOf,
  NOON,
  openRouter,
  phone,
  reasonOf,
  request,
  routedOf,
} from './routing-fixture.ts';

test('ROUTE-01 a number that is no phone here goes to routing gateways by prefix', async () => {
  const { router } = await openRouter();
  const routed = routedOf(await router.route(request('c1')));
  assert.deepEqual(
    routed.candidates.map((candidate) => [candidate.gateway, candidate.targets[0]?.uri]),
    [
      ['carrier-a', 'sip:442079460000@127.0.0.1:5070'],
      ['carrier-b', 'sip:442079460000@127.0.0.1:5071'],
    ],
  );
  assert.equal(routed.chosen, 0);
  assert.deepEqual(routed.lines, [
    'mapping-gateway:demo-trunk',
    'account:demo',
    'routing-gateway:carrier-a',
  ]);
  assert.equal(routed.candidates[0]?.caller, '1001');
  assert.equal(routed.candidates[0].callee, '442079460000');
  assert.equal(Terms.decode(routed.customerTerms).pricePerMinute, '0.0123');
  // 100 at 0.0123 a minute, in full minutes.
  assert.equal(routed.maxDurationSeconds, 8130 * 60);
});

test('ROUTE-02 each address of a gateway is a target of its own, with it and the number as sent in the URI', async () => {
  const addresses = ['192.0.2.1', '192.0.2.1:5080', '[2001:db8::1]'];
  const routingGateways = [gateway('a', ['44'], { addresses, transport: 'tcp' })];
  const { router } = await openRouter(configure({ routingGateways }));
  const [candidate] = routedOf(await router.route(request('c1'))).candidates;
  const told = { transport: 'tcp', flow: '', path: [] };
  assert.deepEqual(
    candidate?.targets,
    ['192.0.2.1:5060', '192.0.2.1:5080', '[2001:db8::1]:5060'].map((address) => ({
      ...told,
      uri: `sip:442079460000@${address}`,
      addresses: [address],
    })),
  );
  // For edges of the version before.
  assert.deepEqual(candidate.addresses, ['192.0.2.1:5060', '192.0.2.1:5080', '[2001:db8::1]:5060']);
});

test('ROUTE-01 a call of a phone holds the line of the phone', async () => {
  const { router } = await openRouter();
  const routed = routedOf(await router.route(request('c1', { origin: phone })));
  assert.equal(routed.lines[0], 'phone:1001');
});

test('ROUTE-01 a called phone that no gateway takes is not registered: 480', async () => {
  const { router } = await openRouter();
  const response = await router.route(request('c1', { callee: '1002' }));
  assert.equal(reasonOf(response), 'NotRegistered');
});

test('ROUTE-01 a called phone that a gateway takes goes there', async () => {
  const { router } = await openRouter(
    configure({
      rateGroups: [
        { name: 'standard', currency: 'USD', rates: [{ prefix: '', pricePerMinute: '0' }] },
      ],
      routingGateways: [gateway('pbx', ['100'])],
    }),
  );
  assert.deepEqual(namesOf(await router.route(request('c1', { callee: '1002' }))), ['pbx']);
});

test('OPS-09 a call that is routed is explained in three decisions', async () => {
  const { router } = await openRouter();
  const { decisions } = await router.route(request('c1'));
  assert.deepEqual(
    decisions.map(({ service, check, result, subject, atMs }) => [
      service,
      check,
      result,
      subject,
      atMs,
    ]),
    [
      ['routing', 'rate', 'passed', 'account demo', NOON],
      ['routing', 'balance', 'passed', 'account demo', NOON],
      ['routing', 'candidate', 'chosen', 'routing-gateway carrier-a', NOON],
    ],
  );
  assert.deepEqual(factsAbout(decisions, 'account demo', 'rate'), {
    price: '0.0123 USD a minute, 60/60, prefix 44, rate group standard',
  });
  assert.deepEqual(factsAbout(decisions, 'account demo', 'balance'), {
    status: 'active',
    balance: '100',
    overdraft: '0',
  });
  assert.deepEqual(factsAbout(decisions, 'routing-gateway carrier-a'), {
    prefix: '44',
    priority: '1',
    candidates: 'carrier-a carrier-b',
  });
});

test('DENY-01 a locked account is refused before anything else', async () => {
  const { router } = await openRouter(
    configure({
      accounts: [{ name: 'demo', status: 'locked', validUntil: '2020-01-01T00:00:00Z' }],
    }),
  );
  const response = await router.route(request('c1', { callee: '33' }));
  assert.equal(reasonOf(response), 'AccountLocked');
  assert.deepEqual(factsAbout(response.decisions, 'account demo'), { status: 'locked' });
});

test('DENY-01 a locked phone is refused like its account', async () => {
  const { router } = await openRouter(
    configure({
      phones: [{ username: '1001', password: 'p', account: 'demo', status: 'locked' }],
    }),
  );
  const response = await router.route(request('c1', { origin: phone }));
  assert.equal(reasonOf(response), 'AccountLocked');
  assert.deepEqual(factsAbout(response.decisions, 'phone 1001'), { status: 'locked' });
});

test('DENY-02 an account is expired from the second of its validity date', async () => {
  const { router, clock } = await openRouter(
    configure({
      accounts: [{ name: 'demo', rateGroup: 'standard', validUntil: '2026-06-01T12:00:00Z' }],
    }),
  );
  clock.nowMs = NOON - 1;
  const before = await router.route(request('c1'));
  assert.equal(
    factsAbout(before.decisions, 'account demo', 'balance')['validUntil'],
    '2026-06-01T12:00:00Z',
  );
  clock.nowMs = NOON;
  const response = await router.route(request('c2'));
  assert.equal(reasonOf(response), 'AccountExpired');
  assert.deepEqual(factsAbout(response.decisions, 'account demo'), {
    validUntil: '2026-06-01T12:00:00Z',
  });
});

test('DENY-04 an origin that the configuration does not know (any more) may not call', async () => {
  const { router } = await openRouter();
  const gone = Origin.create({ kind: 'phone', name: '9', account: 'demo' });
  assert.equal(reasonOf(await router.route(request('c1', { origin: gone }))), 'CallNotPermitted');
  const nobody = RouteRequest.create({ callId: 'c2', callee: '44' });
  assert.equal(reasonOf(await router.route(nobody)), 'CallNotPermitted');
});

test('DENY-05 a balance used up is refused, with balance and overdraft', async () => {
  const { router, limits } = await openRouter(
    configure({ accounts: [{ name: 'demo', rateGroup: 'standard', overdraft: '5' }] }),
  );
  await limits.balances.set(new Map([['demo', parseMoney('-5')]]));
  const response = await router.route(request('c1'));
  assert.equal(reasonOf(response), 'InsufficientBalance');
  const facts = factsAbout(response.decisions, 'account demo', 'balance');
  assert.deepEqual(facts, {
    status: 'active',
    balance: '-5',
    overdraft: '5',
    costsAtLeast: '0.0123',
    connectionFee: '0',
    firstIncrement: '60',
    pricePerMinute: '0.0123',
  });
  await limits.balances.set(new Map([['demo', parseMoney('-4.9877')]]));
  assert.equal(routedOf(await router.route(request('c2'))).maxDurationSeconds, 60);
});

function withRate(rate: Record<string, unknown>, overdraft = '0') {
  const rates = [{ prefix: '44', firstIncrement: 1, nextIncrement: 1, ...rate }];
  return configure({
    rateGroups: [{ name: 'standard', currency: 'USD', rates }],
    accounts: [{ name: 'demo', rateGroup: 'standard', overdraft }],
  });
}

test('DENY-05 less money than the call costs at least is refused, with what it costs', async () => {
  const { router, limits } = await openRouter(
    withRate({ pricePerMinute: '0.05', connectionFee: '0.15' }),
  );
  await limits.balances.set(new Map([['demo', parseMoney('0.150833332')]]));
  const response = await router.route(request('c1'));
  assert.equal(reasonOf(response), 'InsufficientBalance');
  assert.deepEqual(await limits.lines.count(['account:demo']), [0]);
  const facts = factsAbout(response.decisions, 'account demo', 'balance');
  assert.equal(facts['costsAtLeast'], '0.150833333');
  assert.equal(facts['connectionFee'], '0.15');
  await limits.balances.set(new Map([['demo', parseMoney('0.150833333')]]));
  assert.equal(routedOf(await router.route(request('c2'))).maxDurationSeconds, 1);
});

test('DENY-05 overdraft counts for what the call costs at least; free seconds do not', async () => {
  const rate = { pricePerMinute: '6', connectionFee: '0.9', freeSeconds: 10 };
  const { router, limits } = await openRouter(withRate(rate, '0.5'));
  const ask = async (balance: string) => {
    await limits.balances.set(new Map([['demo', parseMoney(balance)]]));
    return router.route(request('c1'));
  };
  assert.equal(reasonOf(await ask('0.499999999')), 'InsufficientBalance');
  assert.equal(routedOf(await ask('0.5')).maxDurationSeconds, 11);
});

test('DENY-05 a call that costs its fee alone needs the fee, and one that costs nothing some money', async () => {
  const ask = async (connectionFee: string, balance: string) => {
    const { router, limits } = await openRouter(withRate({ pricePerMinute: '0', connectionFee }));
    await limits.balances.set(new Map([['demo', parseMoney(balance)]]));
    return router.route(request('c1'));
  };
  assert.equal(reasonOf(await ask('0.1', '0.099999999')), 'InsufficientBalance');
  assert.equal(routedOf(await ask('0.1', '0.1')).maxDurationSeconds, 0);
  assert.equal(reasonOf(await ask('0', '0')), 'InsufficientBalance');
  assert.equal(routedOf(await ask('0', '0.000000001')).maxDurationSeconds, 0);
});

test('DENY-05 money for the call is asked for before its routes are', async () => {
  const { router, limits } = await openRouter(
    configure({ routingGateways: [gateway('a', ['44'], { lock: 'bar-all' })] }),
  );
  await limits.balances.set(new Map([['demo', parseMoney('0.0122')]]));
  assert.equal(reasonOf(await router.route(request('c1'))), 'InsufficientBalance');
});

test('DENY-05 the balance is looked at before the routes', async () => {
  const { router, limits } = await openRouter(
    configure({ routingGateways: [gateway('a', ['44'], { lock: 'bar-all' })] }),
  );
  await limits.balances.set(new Map([['demo', 0n]]));
  assert.equal(reasonOf(await router.route(request('c1'))), 'InsufficientBalance');
});

test('DENY-06 no rate in the account’s group: NoRate, with number and group', async () => {
  const { router } = await openRouter();
  const response = await router.route(request('c1', { callee: '33123' }));
  assert.equal(reasonOf(response), 'NoRate');
  assert.deepEqual(factsAbout(response.decisions, 'account demo'), {
    callee: '33123',
    rateGroup: 'standard',
  });
});

test('DENY-09 a name that nobody has is unknown, where no rate or no gateway is there for every number', async () => {
  const called = async (rate: string, prefix: string) => {
    const { router } = await openRouter(
      configure({
        rateGroups: [
          { name: 'standard', currency: 'USD', rates: [{ prefix: rate, pricePerMinute: '1' }] },
        ],
        routingGateways: [gateway('a', [prefix])],
      }),
    );
    return router.route(request('c1', { callee: 'bob' }));
  };
  for (const [rate, prefix] of [
    ['44', ''],
    ['', '44'],
    ['44', '44'],
  ] as const) {
    const response = await called(rate, prefix);
    assert.equal(reasonOf(response), 'UserNotFound', `rate ${rate}, gateway ${prefix}`);
    assert.match(
      factsAbout(response.decisions, 'callee bob')['cause'] ?? '',
      /no phone has that name/,
    );
  }
  assert.deepEqual(namesOf(await called('', '')), ['a']);
});

test('DENY-06 an account without a rate group has no rate', async () => {
  const { router } = await openRouter(configure({ accounts: [{ name: 'demo' }] }));
  const response = await router.route(request('c1'));
  assert.equal(reasonOf(response), 'NoRate');
  assert.equal(factsAbout(response.decisions, 'account demo')['rateGroup'], 'none');
});

test('DENY-07 a line limit of the calling side names its holders', async () => {
  const { router } = await openRouter(
    configure({ accounts: [{ name: 'demo', rateGroup: 'standard', lineLimit: 2 }] }),
  );
  await router.route(request('c1'));
  await router.route(request('c2', { origin: phone }));
  const response = await router.route(request('c3'));
  assert.equal(reasonOf(response), 'LineLimitExceeded');
  assert.deepEqual(factsAbout(response.decisions, 'account demo', 'lines'), {
    limit: '2',
    limitOf: 'account demo',
    inUse: '2',
    holders: 'c1 c2',
  });
});

test('DENY-11 a rate but no gateway: NoAvailableRouter', async () => {
  const { router } = await openRouter(configure({ routingGateways: [gateway('a', ['33'])] }));
  const response = await router.route(request('c1'));
  assert.equal(reasonOf(response), 'NoAvailableRouter');
  assert.deepEqual(factsAbout(response.decisions, 'callee 442079460000'), {
    matchingGateways: '0',
  });
});

test('DENY-12 all gateways at their limits: AllGatewayBusy, with each limit and its holders', async () => {
  const { router, limits } = await openRouter(
    configure({
      gatewayGroups: [{ name: 'g1', lineLimit: 1 }],
      routingGateways: [
        gateway('a', ['44'], { lineLimit: 1 }),
        gateway('b', ['44'], { group: 'g1' }),
        gateway('c', ['44'], { lock: 'bar-all' }),
      ],
    }),
  );
  assert.equal(routedOf(await router.route(request('c1'))).chosen, 0);
  const second = await router.route(request('c2'));
  assert.equal(routedOf(second).chosen, 1);
  assert.deepEqual(factsAbout(second.decisions, 'routing-gateway a'), {
    prefix: '44',
    limit: '1',
    limitOf: 'routing-gateway a',
    inUse: '1',
    holders: 'c1',
  });
  const third = await router.route(request('c3'));
  assert.equal(reasonOf(third), 'AllGatewayBusy');
  assert.equal(factsAbout(third.decisions, 'routing-gateway b')['limitOf'], 'group g1');
  assert.equal(factsAbout(third.decisions, 'routing-gateway c')['lock'], 'bar-all');
  assert.deepEqual(await limits.lines.count(['account:demo']), [2]);
});

test('DENY-12 all gateways locked: AllGatewayBusy and nothing is held', async () => {
  const { router, limits } = await openRouter(
    configure({ routingGateways: [gateway('a', ['44'], { lock: 'bar-all' })] }),
  );
  assert.equal(reasonOf(await router.route(request('c1'))), 'AllGatewayBusy');
  assert.deepEqual(await limits.lines.list(), []);
});

test('DENY-13 every vendor locked: AccountBalanceNotEnough, with the vendor', async () => {
  const { router } = await openRouter(
    configure({
      accounts: [
        { name: 'demo', rateGroup: 'standard' },
        { name: 'vendor-x', type: 'vendor', status: 'locked' },
      ],
      routingGateways: [gateway('a', ['44'], { account: 'vendor-x' })],
    }),
  );
  const response = await router.route(request('c1'));
  assert.equal(reasonOf(response), 'AccountBalanceNotEnough');
  assert.deepEqual(factsAbout(response.decisions, 'routing-gateway a'), {
    prefix: '44',
    account: 'vendor-x',
    status: 'locked',
  });
});

test('DENY-19 a balance that is not known yet is the switch’s trouble: 503 with Retry-After', async () => {
  const { router } = await openRouter(
    configure({
      accounts: [{ name: 'new', rateGroup: 'standard' }],
      phones: [{ username: '1001', password: 'p', account: 'new' }],
    }),
  );
  const origin = Origin.create({ kind: 'phone', name: '1001', account: 'new' });
  const response = await router.route(request('c1', { origin }));
  assert.equal(reasonOf(response), 'ServiceUnavailable');
  assert.equal(response.outcome?.$case === 'deny' && response.outcome.value.retryAfterSeconds, 5);
  assert.equal(
    factsAbout(response.decisions, 'account new', 'balance')['balance'],
    'not known yet',
  );
});

test('DENY-19 before the first configuration routing is unavailable', async () => {
  const { limits } = await openRouter();
  const router = new Router({
    tables: () => undefined,
    lines: limits.lines,
    rests: {
      current: new Map(),
      begin: () => Promise.resolve(),
      end: () => Promise.resolve(false),
      list: () => Promise.resolve([]),
    },
    now: () => NOON,
  });
  await assert.rejects(router.route(request('c1')), { code: 'SWITCH_SERVICE_UNAVAILABLE' });
});

test('ROUTE-04 a vendor’s terms travel with the candidate', async () => {
  const { router } = await openRouter(
    configure({
      accounts: [
        { name: 'demo', rateGroup: 'standard' },
        { name: 'vendor-x', type: 'vendor', rateGroup: 'standard' },
        { name: 'vendor-y', type: 'vendor' },
      ],
      routingGateways: [
        gateway('a', ['44'], { account: 'vendor-x', priority: 0 }),
        gateway('b', ['44'], { account: 'vendor-y' }),
      ],
    }),
  );
  const response = await router.route(request('c1'));
  const [a, b] = routedOf(response).candidates;
  assert.equal(a?.account, 'vendor-x');
  assert.equal(Terms.decode(a.vendorTerms).account, 'vendor-x');
  assert.equal(b?.account, 'vendor-y');
  assert.equal(b.vendorTerms.length, 0);
  assert.match(factsAbout(response.decisions, 'routing-gateway a')['cost'] ?? '', /0\.0123 USD/);
});

test('ROUTE-05 a repeated request holds each line once', async () => {
  const { router, limits } = await openRouter(
    configure({ accounts: [{ name: 'demo', rateGroup: 'standard', lineLimit: 1 }] }),
  );
  await router.route(request('c1'));
  assert.deepEqual(namesOf(await router.route(request('c1'))), ['carrier-a', 'carrier-b']);
  assert.deepEqual(await limits.lines.count(['account:demo']), [1]);
});

test('ROUTE-05 a call that nobody renews frees its lines', async () => {
  const { router, limits, clock } = await openRouter();
  await router.route(request('c1'));
  clock.nowMs += 239_999;
  assert.deepEqual(await limits.lines.count(['account:demo']), [1]);
  clock.nowMs += 1;
  assert.deepEqual(await limits.lines.count(['account:demo']), [0]);
});

test('ROUTE-05 a free gateway is found behind more full ones than one question holds', async () => {
  const full = Array.from({ length: 70 }, (_, index) =>
    gateway(`g${String(100 + index)}`, ['44'], { lineLimit: 1 }),
  );
  const { router } = await openRouter(
    configure({ routingGateways: [...full, gateway('last', ['44'])] }),
  );
  for (let call = 0; call < 70; call++) {
    assert.equal(namesOf(await router.route(request(`c${String(call)}`))).length <= 32, true);
  }
  const response = await router.route(request('one-more'));
  const routed = routedOf(response);
  assert.equal(routed.candidates[routed.chosen]?.gateway, 'last');
  assert.ok(response.decisions.length < 16, 'the record of a call stays small');
});

function next(callId: string, changes: Partial<NextCandidateRequest> = {}): NextCandidateRequest {
  return NextCandidateRequest.create({
    callId,
    failedGateway: 'carrier-a',
    gateways: ['carrier-b'],
    lines: ['mapping-gateway:demo-trunk', 'account:demo', 'routing-gateway:carrier-a'],
    ...changes,
  });
}

test('ROUTE-06 the next candidate takes its lines and the failed one gives its back', async () => {
  const { router, limits } = await openRouter();
  await router.route(request('c1'));
  const response = await router.nextCandidate(next('c1'));
  assert.equal(response.gateway, 'carrier-b');
  assert.deepEqual(response.lines, [
    'mapping-gateway:demo-trunk',
    'account:demo',
    'routing-gateway:carrier-b',
  ]);
  assert.deepEqual(
    await limits.lines.count([
      'account:demo',
      'routing-gateway:carrier-a',
      'routing-gateway:carrier-b',
    ]),
    [1, 0, 1],
  );
  assert.deepEqual(
    response.decisions.map(({ result, subject }) => [result, subject]),
    [['chosen', 'routing-gateway carrier-b']],
  );
});

test('ROUTE-06 a gateway that was locked or removed meanwhile is passed over, with the reason', async () => {
  const under = await openRouter();
  await under.router.route(request('c1'));
  under.use(
    configure({
      routingGateways: [
        gateway('carrier-b', ['44'], { lock: 'bar-all' }),
        gateway('carrier-c', ['44'], { lineLimit: 1 }),
        gateway('carrier-d', ['44']),
      ],
    }),
  );
  await under.limits.lines.acquire({
    callId: 'other',
    fixed: [{ key: 'routing-gateway:carrier-c', limit: 1 }],
    choices: [],
    leaseMs: 1000,
  });
  const gateways = ['gone', 'carrier-b', 'carrier-c', 'carrier-d'];
  const response = await under.router.nextCandidate(next('c1', { gateways }));
  assert.equal(response.gateway, 'carrier-d');
  assert.deepEqual(
    response.decisions.map(({ result, subject, reason }) => [result, subject, reason]),
    [
      ['skipped', 'routing-gateway gone', 'NoAvailableRouter'],
      ['skipped', 'routing-gateway carrier-b', 'AllGatewayBusy'],
      ['skipped', 'routing-gateway carrier-c', 'AllGatewayBusy'],
      ['chosen', 'routing-gateway carrier-d', ''],
    ],
  );
});

test('ROUTE-06 nothing left: the gateway’s lines are free, the caller’s are kept', async () => {
  const { router, limits } = await openRouter();
  await router.route(request('c1'));
  const none = await router.nextCandidate(next('c1', { gateways: [] }));
  assert.equal(none.gateway, '');
  const facts = [
    { name: 'after', value: 'carrier-a' },
    { name: 'left', value: '0' },
  ];
  const [why, ...others] = none.decisions;
  assert.deepEqual([why?.result, why?.reason, why?.facts], ['refused', 'NoAvailableRouter', facts]);
  assert.deepEqual(others, []);
  assert.deepEqual(none.lines, ['mapping-gateway:demo-trunk', 'account:demo']);
  assert.deepEqual(await limits.lines.count(['account:demo', 'routing-gateway:carrier-a']), [1, 0]);
});

test('ROUTE-06 all that are left are full: AllGatewayBusy', async () => {
  const { router } = await openRouter(
    configure({
      routingGateways: [
        gateway('carrier-a', ['44']),
        gateway('carrier-b', ['44'], { lineLimit: 1, priority: 0 }),
      ],
    }),
  );
  await router.route(request('holder'));
  await router.route(request('c1'));
  const response = await router.nextCandidate(next('c1'));
  assert.equal(response.decisions.at(-1)?.reason, 'AllGatewayBusy');
  assert.equal(factsAbout(response.decisions, 'routing-gateway carrier-b')['holders'], 'holder');
});

test('ROUTE-06 the parameters of failover travel with the answer', async () => {
  const { router, use } = await openRouter();
  const byDefault = routedOf(await router.route(request('c1')));
  assert.equal(byDefault.attemptLimit, 0);
  assert.equal(byDefault.stopSwitchAfterSdp, true);
  use(
    configure({ parameters: { SS_GATEWAY_SWITCH_LIMIT: 2, SS_SIP_STOP_SWITCH_AFTER_SDP: 'Off' } }),
  );
  const changed = routedOf(await router.route(request('c2')));
  assert.equal(changed.attemptLimit, 2);
  assert.equal(changed.stopSwitchAfterSdp, false);
});

test('ROUTE-13 the next call is decided by the new configuration', async () => {
  const { router, use } = await openRouter();
  assert.deepEqual(namesOf(await router.route(request('c1'))), ['carrier-a', 'carrier-b']);
  use(configure({ routingGateways: [gateway('carrier-z', ['44'])] }));
  const response = await router.route(request('c2'));
  assert.deepEqual(namesOf(response), ['carrier-z']);
  assert.equal(Terms.decode(routedOf(response).customerTerms).configurationVersion, 2);
});

test('CALL-07 a gateway’s local address goes with each of its targets, with its port', async () => {
  const addresses = ['192.0.2.1', '192.0.2.2'];
  const localAddress = '203.0.113.7';
  const routingGateways = [gateway('a', ['44'], { addresses, localAddress })];
  const { router } = await openRouter(configure({ routingGateways }));
  const [candidate] = routedOf(await router.route(request('c1'))).candidates;
  assert.deepEqual(
    candidate?.targets.map(({ local }) => local),
    ['203.0.113.7:5060', '203.0.113.7:5060'],
  );
});

test('CALL-04 a message is routed as a call is, and holds no line, nor minds that all are taken', async () => {
  const gateways = [gateway('a', ['44'], { lineLimit: 1 })];
  const { router, limits } = await openRouter(configure({ routingGateways: gateways }));
  await router.route(request('c1'));
  const message = await router.route(request('m1', { takesNoLines: true }));
  assert.deepEqual(namesOf(message), ['a']);
  assert.deepEqual(await limits.lines.count(['account:demo', 'routing-gateway:a']), [1, 1]);
  await limits.balances.set(new Map([['demo', 0n]]));
  const poor = await router.route(request('m2', { takesNoLines: true }));
  assert.equal(reasonOf(poor), 'InsufficientBalance');
});
