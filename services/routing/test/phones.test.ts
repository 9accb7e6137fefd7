import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SwitchError } from '@tandem/domain';
import { Origin } from '@tandem/proto/auth';
import { LocatedBinding } from '@tandem/proto/registrar';
import {
  configure,
  factsAbout,
  openRouter,
  reasonOf,
  request,
  routedOf,
} from './routing-fixture.ts';

const rateGroups = [
  {
    name: 'standard',
    currency: 'USD',
    rates: [
      { prefix: '44', pricePerMinute: '0.0123' },
      { prefix: '10', pricePerMinute: '0' },
    ],
  },
];

const target = {
  uri: 'sip:1002@10.0.0.7:5060;ob',
  transport: 'tcp',
  addresses: ['192.0.2.7:40312'],
  flow: '10.0.0.3:7000;17',
  path: ['<sip:192.0.2.99;lr>'],
};

/** A router that finds 1002 where it is told to. */
async function open(
  bindings: readonly LocatedBinding[] | Error,
  changes: Readonly<Record<string, unknown>> = {},
) {
  const asked: string[] = [];
  const { router } = await openRouter(configure({ rateGroups, ...changes }), {
    locate: ({ device, phone }) => {
      asked.push(device === undefined ? phone : `${phone} ${device.instance}`);
      return bindings instanceof Error
        ? Promise.reject(bindings)
        : Promise.resolve({ bindings: [...bindings], goneMs: 0 });
    },
  });
  return { router, asked };
}

function phoneNamed(name: string): Origin {
  return Origin.create({ kind: 'phone', name, account: 'demo' });
}

const registered = [
  LocatedBinding.fromPartial({
    target,
    q: 1000,
    contact: target.uri,
    source: '192.0.2.7:40312',
  }),
];

test('ROUTE-01 a called number that is a registered phone goes where it is, and to no gateway', async () => {
  const { router } = await open(registered, {
    routingGateways: [{ name: 'a', addresses: ['192.0.2.1'], prefixes: [''] }],
  });
  const routed = routedOf(await router.route(request('c1', { callee: '1002' })));
  assert.deepEqual(
    routed.candidates.map(({ gateway, account }) => [gateway, account]),
    [['phone 1002', '']],
  );
  const [candidate] = routed.candidates;
  assert.deepEqual(candidate?.targets.map(({ uri, addresses, flow, path, transport }) => ({ uri, addresses, flow, path, transport })), [target]); // prettier-ignore
  assert.deepEqual(
    [candidate.switchUntilConnect, candidate.callee, candidate.timers?.inviteMs],
    [false, '1002', 10_000],
  );
});

test('ROUTE-05 a call to a phone takes the caller’s lines and the called phone’s own', async () => {
  const { router } = await open(registered, {
    phones: [
      { username: '1001', password: 'p', account: 'demo' },
      { username: '1002', password: 'p', account: 'demo', lineLimit: 1 },
    ],
  });
  const first = routedOf(
    await router.route(request('c1', { origin: phoneNamed('1001'), callee: '1002' })),
  );
  assert.deepEqual(first.lines, ['phone:1001', 'account:demo', 'phone:1002']);
  const second = await router.route(request('c2', { callee: '1002' }));
  assert.equal(reasonOf(second), 'LineLimitExceeded');
  const itself = await router.route(request('c1', { origin: phoneNamed('1002'), callee: '1002' }));
  assert.deepEqual(routedOf(itself).lines, ['phone:1002', 'account:demo']);
});

test('DENY-10 a phone that is not registered, and that no gateway takes, is not there', async () => {
  const { router } = await open([]);
  assert.equal(reasonOf(await router.route(request('c1', { callee: '1002' }))), 'NotRegistered');
});

test('DENY-10 while a phone is not registered, gateways that match its number are tried', async () => {
  const { router } = await open([], {
    routingGateways: [{ name: 'mobile', addresses: ['192.0.2.1'], prefixes: ['1002'] }],
  });
  const routed = routedOf(await router.route(request('c1', { callee: '1002' })));
  assert.deepEqual(
    routed.candidates.map(({ gateway }) => gateway),
    ['mobile'],
  );
});

test('DENY-06 a call to a phone is charged as any other: without a rate there is none', async () => {
  const { router } = await open(registered, {
    rateGroups: [{ name: 'standard', currency: 'USD', rates: [] }],
  });
  assert.equal(reasonOf(await router.route(request('c1', { callee: '1002' }))), 'NoRate');
});

test('ROUTE-01 only phones are asked for, by their username', async () => {
  const { router, asked } = await open([], {
    phones: [{ username: '10-03', password: 'p', account: 'demo' }],
  });
  await router.route(request('c1'));
  assert.deepEqual(asked, []);
  await router.route(request('c2', { callee: '+1003' }));
  assert.deepEqual(asked, ['10-03']);
});

test('ROUTE-12 OPS-09 an analysis says where the phone is', async () => {
  const { router } = await open(registered);
  const { route } = await router.analyse({ origin: phoneNamed('1001'), caller: '', callee: '1002', atMs: 0, isSips: false, seconds: 0 }); // prettier-ignore
  assert.ok(route !== undefined);
  assert.deepEqual(factsAbout(route.decisions, 'phone 1002'), {
    bindings: '1',
    contact: target.uri,
    source: '192.0.2.7:40312',
  });
});

test('REG-03 the devices of a phone are the targets of one candidate, which takes one line; the decision says in what order they ring', async () => {
  const at = (user: string, device: number, rank: number) =>
    LocatedBinding.fromPartial({
      target: { ...target, uri: `sip:${user}`, device, rank },
      contact: `sip:${user}`,
      source: '192.0.2.7:1',
    });
  const { router } = await open([at('a', 0, 0), at('a2', 0, 0), at('b', 1, 0), at('c', 2, 1)], {
    phones: [
      { username: '1001', password: 'p', account: 'demo' },
      { username: '1002', password: 'p', account: 'demo', lineLimit: 1 },
    ],
  });
  const response = await router.route(
    request('c1', { origin: phoneNamed('1001'), callee: '1002' }),
  );
  const { candidates, lines } = routedOf(response);
  assert.equal(candidates.length, 1);
  assert.deepEqual(
    candidates[0]?.targets.map(({ uri, device, rank }) => [uri, device, rank]),
    [
      ['sip:a', 0, 0],
      ['sip:a2', 0, 0],
      ['sip:b', 1, 0],
      ['sip:c', 2, 1],
    ],
  );
  assert.deepEqual(lines, ['phone:1001', 'account:demo', 'phone:1002']);
  assert.equal(
    factsAbout(response.decisions, 'phone 1002')['order'],
    'sip:a or sip:a2 and sip:b at once, then sip:c',
  );
});

test('DENY-19 while the registrar is away calls to phones cannot be decided, others can', async () => {
  const away = new SwitchError('SWITCH_SERVICE_UNAVAILABLE', 'registrar is away');
  const { router } = await open(away);
  await assert.rejects(router.route(request('c1', { callee: '1002' })), away);
  assert.equal(routedOf(await router.route(request('c2'))).candidates.length, 2);
});

test('CALL-08 a phone says how its media goes, as gateways do: called, calling, and to a phone that says nothing', async () => {
  const browser = { mode: 'needed', srtp: 'dtls', ice: 'force' };
  const { router } = await open(registered, {
    phones: [
      { username: '1001', password: 'p', account: 'demo' },
      { username: '1002', password: 'p', account: 'demo', media: browser },
      { username: '1003', password: 'p', account: 'demo', media: browser },
    ],
  });
  let calls = 0;
  const planOf = async (from: string, callee: string) => {
    const asked = request(`m${String(++calls)}`, { origin: phoneNamed(from), callee });
    const [candidate] = routedOf(await router.route(asked)).candidates;
    const { a, b, why } = candidate?.media ?? {};
    return { a: [a?.srtp, a?.ice], b: [b?.srtp, b?.ice], why };
  };
  // What the caller is shows in its offer.
  assert.deepEqual(await planOf('1001', '1002'), {
    a: ['', ''],
    b: ['dtls', 'force'],
    why: 'srtp none and dtls, ice none and force',
  });
  assert.deepEqual(await planOf('1002', '1001'), {
    a: ['dtls', 'force'],
    b: ['none', 'remove'],
    why: 'srtp dtls and none, ice force and none',
  });
  assert.equal((await planOf('1003', '1002')).why, undefined);
});

test('CALL-08 what has a called phone anchored names it', async () => {
  const phones = [
    { username: '1001', password: 'p', account: 'demo' },
    { username: '1002', password: 'p', account: 'demo', media: { mode: 'anchor' } },
  ];
  const { router } = await open(registered, { phones });
  const [candidate] = routedOf(await router.route(request('n1', { callee: '1002' }))).candidates;
  assert.equal(candidate?.media?.why, 'mode anchor of phone 1002');
});

test('DENY-09 DENY-10 RFC 5627 where one device is called the registrar is asked for it alone; it gets 480 while it is not registered, and an ended or unknown one 404', async () => {
  const gateways = {
    routingGateways: [{ name: 'mobile', addresses: ['192.0.2.1'], prefixes: [''] }],
  };
  const device = { instance: 'urn:uuid:AB', session: 0 };
  const { router, asked } = await open(registered, gateways);
  const routed = routedOf(await router.route(request('c1', { callee: '1002', device })));
  assert.deepEqual(routed.candidates[0]?.targets[0]?.uri, target.uri);
  assert.deepEqual(asked, ['1002 urn:uuid:AB']);
  const { router: away } = await open([], gateways);
  for (const [callee, session, reason, cause] of [
    ['1002', 0, 'NotRegistered', 'not registered'],
    ['1002', 7, 'UserNotFound', 'ended'],
    ['442079460000', 0, 'UserNotFound', 'no phone'],
  ] as const) {
    const answer = await away.route(request('c2', { callee, device: { ...device, session } }));
    assert.equal(reasonOf(answer), reason);
    assert.deepEqual(factsAbout(answer.decisions, `callee ${callee}`), {
      cause,
      instance: 'urn:uuid:AB',
    });
  }
});
