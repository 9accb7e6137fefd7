import assert from 'node:assert/strict';
import { test } from 'node:test';
import { orderServers, targetsOfPlaces, unresolvedName } from '../src/places.ts';
import type { NamedServer, Place, SipName } from '../src/places.ts';

function server(
  address: string,
  priority: number,
  weight = 0,
  more: Partial<NamedServer> = {},
): NamedServer {
  return { priority, weight, transport: 'udp', addresses: [address], record: 'SRV', ...more };
}

function name(servers: readonly NamedServer[] | undefined): SipName {
  return { text: 'carrier.example', servers, isAsked: true, isStale: false, failure: '' };
}

/** Draws evenly, and the same each time. */
function even(): () => number {
  let at = 0;
  return () => (at = (at + 7919) % 10_007) / 10_007;
}

test('CALL-02 lower priorities are tried first, and equals as often as their weights say (RFC 2782)', () => {
  const servers = [
    server('c', 20, 1),
    server('a', 10, 60),
    server('b', 10, 20),
    server('z', 10, 0),
  ];
  const random = even();
  const firsts = new Map<string, number>();
  for (let call = 0; call < 10_000; call++) {
    const order = orderServers(servers, random).map(({ addresses }) => addresses[0] ?? '');
    assert.equal(order.length, 4);
    assert.equal(order[3], 'c');
    firsts.set(order[0] ?? '', (firsts.get(order[0] ?? '') ?? 0) + 1);
  }
  const share = (at: string): number => (firsts.get(at) ?? 0) / 10_000;
  assert.ok(Math.abs(share('a') - 0.74) < 0.03, String(share('a')));
  assert.ok(Math.abs(share('b') - 0.25) < 0.03, String(share('b')));
  assert.ok(share('z') > 0 && share('z') < 0.03, String(share('z')));
});

test('CALL-02 servers of no weight are tried in some order, all of them', () => {
  const servers = [server('a', 1), server('b', 1), server('c', 1)];
  const order = orderServers(servers, even()).map(({ addresses }) => addresses[0]);
  assert.deepEqual(order.toSorted(), ['a', 'b', 'c']);
});

test('CALL-02 all addresses of a name are tried with the name in the Request-URI, a target for each transport', () => {
  const servers = [
    server('192.0.2.1:5060', 1, 0, { addresses: ['[2001:db8::1]:5060', '192.0.2.1:5060'] }),
    server('192.0.2.2:5062', 2),
    server('192.0.2.3:5060', 3, 0, { transport: 'tcp' }),
  ];
  const places = [
    { kind: 'name', name: name(servers) },
    { kind: 'address', address: '192.0.2.9:5060', transport: 'udp' },
  ] as const;
  const call = { callee: '+442079460000', local: '203.0.113.1:5060' };
  assert.deepEqual(
    targetsOfPlaces(places, call, even()).map(({ uri, transport, addresses, local }) => [
      uri,
      transport,
      addresses,
      local,
    ]),
    [
      [
        'sip:+442079460000@carrier.example',
        'udp',
        ['[2001:db8::1]:5060', '192.0.2.1:5060', '192.0.2.2:5062'],
        '203.0.113.1:5060',
      ],
      ['sip:+442079460000@carrier.example', 'tcp', ['192.0.2.3:5060'], '203.0.113.1:5060'],
      ['sip:+442079460000@192.0.2.9:5060', 'udp', ['192.0.2.9:5060'], '203.0.113.1:5060'],
    ],
  );
});

test('CALL-02 a gateway without any address is named by its name; one address is enough', () => {
  const gone = { kind: 'name', name: name([]) } as const;
  const unknown = { kind: 'name', name: name(undefined) } as const;
  const there = { kind: 'name', name: name([server('192.0.2.1:5060', 1)]) } as const;
  assert.equal(unresolvedName([unknown, gone]), unknown.name);
  assert.equal(unresolvedName([gone, there]), undefined);
  assert.equal(unresolvedName([there]), undefined);
});

test('CALL-12 CALL-02 user=phone stands in the Request-URI of a number at names as at addresses, and of nothing else', () => {
  const places = [
    { kind: 'name', name: name([server('192.0.2.1:5060', 1)]) },
    { kind: 'address', address: '192.0.2.9:5060', transport: 'udp' },
  ] as const;
  const uris = (callee: string): readonly string[] =>
    targetsOfPlaces(places, { callee, local: '', isPhone: true }, even()).map(({ uri }) => uri);
  assert.deepEqual(uris('+442079460000'), [
    'sip:+442079460000@carrier.example;user=phone',
    'sip:+442079460000@192.0.2.9:5060;user=phone',
  ]);
  assert.deepEqual(uris('44*1'), ['sip:44*1@carrier.example', 'sip:44*1@192.0.2.9:5060']);
});

test('CALL-02 a target over TLS says what its certificate must prove: its name, what is set, or nothing', () => {
  const call = { callee: '44', local: '' };
  const secure = (address: string): Place => ({ kind: 'address', address, transport: 'tls' });
  const named: Place = {
    kind: 'name',
    name: {
      text: 'Carrier.example:5071',
      servers: [
        { priority: 0, weight: 0, transport: 'tls', addresses: ['192.0.2.1:5071'], record: '' },
        { priority: 1, weight: 0, transport: 'udp', addresses: ['192.0.2.2:5071'], record: '' },
      ],
      isAsked: true,
      isStale: false,
      failure: '',
    },
  };
  const asked = (places: readonly Place[], certificate?: string) =>
    targetsOfPlaces(places, { ...call, certificate }, () => 0).map((each) => each.certificate);
  assert.deepEqual(asked([secure('192.0.2.1:5061'), secure('[2001:db8::1]:5061')]), [
    '192.0.2.1',
    '2001:db8::1',
  ]);
  assert.deepEqual(asked([named]), ['Carrier.example', undefined]);
  assert.deepEqual(asked([named], 'other.example'), ['other.example', undefined]);
  assert.deepEqual(asked([named], ''), ['', undefined]);
});
