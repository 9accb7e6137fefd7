import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusals } from '@tandem/domain';
import { LocatedBinding } from '@tandem/proto/registrar';
import { AnalyseRequest } from '@tandem/proto/routing';
import type { RouteResponse } from '@tandem/proto/routing';
import {
  configure,
  factsAbout,
  gateway,
  openRouter,
  reasonOf,
  request,
  routedOf,
} from '../routing-fixture.ts';

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

/** Where 1002 is: by this contact, over this transport. */
function bound(contact: string, transport: string): LocatedBinding {
  const target = { uri: contact, transport, addresses: ['192.0.2.7:40312'] };
  return LocatedBinding.fromPartial({ target, contact, source: '192.0.2.7:40312' });
}

async function call(
  world: { readonly bindings?: readonly LocatedBinding[]; readonly gateways?: readonly unknown[] },
  asked: { readonly callee?: string; readonly isSips: boolean },
): Promise<RouteResponse> {
  const { bindings = [], gateways: routingGateways = [] } = world;
  const { router } = await openRouter(configure({ rateGroups, routingGateways }), {
    locate: () => Promise.resolve({ bindings: [...bindings], goneMs: 0 }),
  });
  return router.route(request('c1', asked));
}

function targetsIn(response: RouteResponse): string[][] {
  return routedOf(response).candidates.map(({ targets }) =>
    targets.map(({ uri, transport }) => `${uri} ${transport}`),
  );
}

test('CALL-02 a call to a sips URI goes to gateways over TLS alone, by their sips URIs (RFC 5630 §5.3)', async () => {
  const gateways = [
    gateway('plain', ['44']),
    gateway('tcp', ['44'], { transport: 'tcp' }),
    gateway('secure', ['44'], { transport: 'tls', addresses: ['192.0.2.9:5061'], priority: 2 }),
  ];
  const response = await call({ gateways }, { isSips: true });
  assert.deepEqual(targetsIn(response), [['sips:442079460000@192.0.2.9:5061 tls']]);
  for (const [name, reached] of [
    ['plain', 'udp'],
    ['tcp', 'tcp'],
  ] as const) {
    assert.equal(factsAbout(response.decisions, `routing-gateway ${name}`)['reached'], reached);
  }
  const usual = await call({ gateways }, { isSips: false });
  assert.equal(routedOf(usual).candidates.length, 3);
  assert.deepEqual(targetsIn(usual).at(-1), ['sip:442079460000@192.0.2.9:5061 tls']);
});

test('CALL-02 ROUTE-12 an analysis of a sips URI says which gateways a call to one leaves out', async () => {
  const routingGateways = [gateway('plain', ['44'])];
  const { router } = await openRouter(configure({ rateGroups, routingGateways }));
  const asked = AnalyseRequest.fromPartial({ ...request('c1'), isSips: true });
  const { route } = await router.analyse(asked);
  assert.ok(route !== undefined);
  assert.equal(reasonOf(route), 'SipsNotAllowed');
  assert.equal(factsAbout(route.decisions, 'routing-gateway plain')['reached'], 'udp');
});

test('CALL-02 where nobody is reached by a sips URI the call is 480 with Warning 380 (RFC 5630 §5.3)', async () => {
  const refused = await call({ gateways: [gateway('plain', ['44'])] }, { isSips: true });
  assert.equal(reasonOf(refused), 'SipsNotAllowed');
  const { code, warnCode, warning } = refusals.SipsNotAllowed;
  assert.deepEqual([code, warnCode, warning], [480, 380, 'SIPS Not Allowed']);
  assert.equal(factsAbout(refused.decisions, 'callee 442079460000')['matchingGateways'], '1');
});

test('CALL-02 a sips URI leads to the devices that registered a sips Contact over TLS or wss, and to no other', async () => {
  const bindings = [
    bound('sips:1002@10.0.0.7', 'tls'),
    bound('sip:1002@10.0.0.8;transport=tls', 'tls'),
    bound('SIPS:1002@df7jal23ls0d.invalid;transport=ws', 'wss'),
    // Registered by a version that took it.
    bound('sips:1002@10.0.0.9', 'udp'),
  ];
  const sips = await call({ bindings }, { callee: '1002', isSips: true });
  assert.deepEqual(targetsIn(sips), [
    ['sips:1002@10.0.0.7 tls', 'SIPS:1002@df7jal23ls0d.invalid;transport=ws wss'],
  ]);
  assert.equal(factsAbout(sips.decisions, 'phone 1002')['bindings'], '2');
  const refused = await call({ bindings: bindings.slice(1, 2) }, { callee: '1002', isSips: true });
  assert.equal(reasonOf(refused), 'SipsNotAllowed');
  assert.equal(
    factsAbout(refused.decisions, 'phone 1002')['reached'],
    'sip:1002@10.0.0.8;transport=tls over tls',
  );
});

test('CALL-02 a call to a sip URI is none to a sips URI, whatever the phone registered (RFC 5630 §5.3)', async () => {
  const bindings = [bound('sips:1002@10.0.0.7', 'tls')];
  const usual = await call({ bindings }, { callee: '1002', isSips: false });
  assert.deepEqual(targetsIn(usual), [['sip:1002@10.0.0.7 tls']]);
});
