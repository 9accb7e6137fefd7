import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPublicAddress, unusableAddress } from '../src/usable-address.ts';
import { mistakesOf, rightDocument, trunk } from './configurations.ts';

/** Addresses of a routing gateway that nothing can be sent to, and what is said of them. */
const wrongGateways: readonly (readonly [string, RegExp])[] = [
  ['0.0.0.0:5060', /is no address, but what a socket listens on for all: write an address of a/],
  ['0.1.2.3', /is of "this network"/],
  ['[::]:5060', /is no address, but what a socket listens on/],
  ['224.0.1.75:5060', /is a multicast address/],
  ['239.255.255.255', /is a multicast address/],
  ['[ff02::1]:5060', /is a multicast address/],
  ['255.255.255.255:5060', /is the broadcast address/],
  ['240.0.0.1:5060', /is reserved/],
  ['192.0.2.1:0', /has port 0, where nobody listens: write 192\.0\.2\.1:5060/],
  ['[2001:db8::1]:0', /has port 0, where nobody listens: write \[2001:db8::1\]:5060/],
  ['[fe80::1]:5060', /is link-local, which leads nowhere without a zone/],
  ['[fe80::1%eth0]:5060', /has the zone "%eth0", which holds on one machine alone/],
  ['[2001:db8::1%2]', /has the zone "%2"/],
  ['[::ffff:192.0.2.1]:5070', /is an IPv4 address written as IPv6: write 192\.0\.2\.1:5070/],
  ['[::ffff:c000:201]', /is an IPv4 address written as IPv6: write 192\.0\.2\.1:5060/],
  ['192.0.2.0/24', /is no address/],
];

for (const [address, message] of wrongGateways) {
  test(`CALL-07 a routing gateway at ${address} is refused`, () => {
    const routingGateways = [{ name: 'a', addresses: [address], prefixes: ['44'] }];
    const mistakes = mistakesOf(rightDocument({ routingGateways }));
    assert.equal(mistakes.length, 1, mistakes.join('\n'));
    assert.match(mistakes[0] ?? '', message);
    assert.match(mistakes[0] ?? '', /^routingGateways\[0\]\.addresses\[0\]: "/);
  });
}

test('CALL-07 one address of a routing gateway in two spellings is there already', () => {
  const spellings = [
    ['192.0.2.1', '192.0.2.1:5060'],
    ['[2001:db8::1]:5060', '[2001:0DB8:0::1]'],
  ];
  for (const addresses of spellings) {
    const routingGateways = [{ name: 'a', addresses, prefixes: ['44'] }];
    const mistakes = mistakesOf(rightDocument({ routingGateways }));
    assert.match(mistakes.join(), /addresses\[1\]: .* is there already/);
  }
});

/** Blocks that no packet comes from. */
const wrongSources: readonly (readonly [string, RegExp])[] = [
  ['0.0.0.0', /is no address/],
  ['224.0.0.0/8', /is a multicast address: write the block that the peers' packets come from/],
  ['ff00::/16', /is a multicast address/],
  ['255.255.255.255/32', /is the broadcast address/],
  ['10.0.0.1/24', /has bits set behind its prefix length: write 10\.0\.0\.1\/32/],
  ['2001:db8::1/64', /has bits set behind its prefix length/],
  ['fe80::1%eth0', /has the zone "%eth0"/],
  ['10.0.0.0/33', /has a prefix length that is not from 0 to 32/],
];

for (const [block, message] of wrongSources) {
  test(`AUTH-01 a mapping gateway that calls from ${block} is refused`, () => {
    const mistakes = mistakesOf(rightDocument({ mappingGateways: [trunk('a', block)] }));
    assert.equal(mistakes.length, 1, mistakes.join('\n'));
    assert.match(mistakes[0] ?? '', message);
  });
}

test('AUTH-01 a mapping gateway by address and port needs an address and a port', () => {
  const withSocket = (address: string): string => {
    const authentication = { mode: 'ip-port', addresses: [address] };
    const mappingGateways = [{ name: 'a', account: 'demo', authentication }];
    return mistakesOf(rightDocument({ mappingGateways })).join();
  };
  assert.match(withSocket('192.0.2.1:0'), /has port 0, where nobody listens: write 192.0.2.1:5060/);
  assert.match(withSocket('pbx.example.org:5060'), /is a name, which no packet comes from/);
  assert.match(withSocket('224.0.0.1:5060'), /is a multicast address/);
  assert.match(withSocket('[fe80::1%2]:5060'), /has the zone "%2"/);
  assert.equal(withSocket('192.0.2.1:5060'), '');
  assert.equal(withSocket('[2001:db8::1]:5060'), '');
});

test('AUTH-01 blocks that hold more than such addresses are right', () => {
  const blocks = ['0.0.0.0/0', '::/0', '10.0.0.0/8', 'fd00::/8', '198.51.100.7', '127.0.0.0/8'];
  for (const block of blocks) {
    assert.deepEqual(
      mistakesOf(rightDocument({ mappingGateways: [trunk('a', block)] })),
      [],
      block,
    );
  }
});

test('CALL-07 what is reached from everywhere is told from what is not', () => {
  const inside = [
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '127.0.0.1',
    'fd00::1',
    '::1',
  ];
  for (const host of inside) assert.equal(isPublicAddress(host), false, host);
  const outside = ['203.0.113.1', '172.32.0.1', '2001:db8::1', 'sip.example.org'];
  for (const host of outside) assert.equal(isPublicAddress(host), true, host);
  for (const host of [...inside, ...outside]) assert.equal(unusableAddress(host), undefined, host);
});
