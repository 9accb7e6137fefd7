import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configurationSchema } from '../src/document.ts';
import { mistakesOf, rightDocument } from './configurations.ts';

const gateway = { name: 'a', addresses: ['127.0.0.1:5070'], prefixes: ['44'] };

/** Fields of a routing gateway that are wrong, and what is said of each. */
const wrongGateways: readonly (readonly [Record<string, unknown>, RegExp])[] = [
  [{ name: 'carrier a' }, /name: is "carrier a", must be a name of letters/],
  [{ addresses: [] }, /addresses: is missing: a static gateway has at least one address/],
  [{ addresses: ['300.1.1.1:5060'] }, /addresses\[0\]: "300.1.1.1:5060" is no address/],
  [{ addresses: ['[2001:db8::1:5060'] }, /addresses\[0\].*is no address/],
  [{ addresses: ['127.0.0.1:99999'] }, /addresses\[0\].*port that is not from 0 to 65535/],
  [{ addresses: ['sip_example.org:5060'] }, /addresses\[0\]: .*is no address/],
  [{ addresses: ['sip.example.org:0'] }, /addresses\[0\]: .*has port 0/],
  [{ addresses: '127.0.0.1:5060' }, /addresses: is "127.0.0.1:5060", must be a list/],
  [{ prefixes: ['44a'] }, /prefixes\[0\]: is "44a", must be leading digits/],
  [{ prefixes: undefined }, /prefixes: is missing: it must be a list/],
  [{ prefixMode: 'extensoin' }, /prefixMode.*extension or expiration; did you mean "extension"\?/],
  [{ priority: 1.5 }, /priority: is 1.5, must be a whole number from 0 to 9999/],
  [{ priority: -1 }, /priority: is -1, must be from 0 to 9999/],
  [{ transport: 'ws' }, /transport: is "ws", must be auto or udp or tcp or tls/],
  [{ switchUntilConnect: 'yes' }, /switchUntilConnect: is "yes", must be true or false/],
  [{ certificate: {} }, /certificate: has no effect without transport: tls/],
  [
    { transport: 'tls', certificate: { name: '*.carrier.example' } },
    /certificate\.name: is "\*\.carrier\.example", must be a name that a certificate is for/,
  ],
  [{ stopCodes: [200] }, /stopCodes\[0\]: is 200, must be from 400 to 699/],
  [{ timers: { ringing: 0 } }, /timers.ringing: is 0, must be from 1 to 600/],
  [{ timers: { ring: 5 } }, /timers.ring: is not known/],
  [{ timers: 5 }, /timers: is 5, must be a block/],
  [{ protocol: 'h323' }, /protocol: is "h323": only SIP is spoken here/],
  [{ username: 'u' }, /password: is missing: username and password are set together/],
  [{ password: 'p' }, /username: is missing: username and password are set together/],
  [{ group: 'nix' }, /group: names gateway group "nix", which does not exist/],
  [{ account: 'demo' }, /account: names account "demo", which is no vendor account/],
  [{ addresses: ['10.0.0.1:5060', '10.0.0.1:5060'] }, /addresses\[1\]: .*is there already/],
  [{ prefixes: ['44', '44'] }, /prefixes\[1\]: "44" is there already/],
  [{ prefixes: ['44', '+44'] }, /prefixes\[1\]: "\+44" is there already/],
  [{ media: { srtp: 'sdes' } }, /media.srtp: is what a media relay does: set mode to anchor/],
  [
    { media: { mode: 'anchor', srtp: 'zrtp' } },
    /media.srtp: is "zrtp", must be none or sdes or dtls/,
  ],
  [{ media: { mode: 'anchor', silence: 5 } }, /media.silence: is 5, must be from 10 to 3600/],
  [{ media: { mode: 'anchor', codecs: { strip: ['a b'] } } }, /media.codecs.strip\[0\]/],
  [
    { media: { mode: 'anchor', codecs: { offer: Array.from({ length: 17 }, () => 'PCMA') } } },
    /media.codecs.offer: must have at most 16 entries/,
  ],
  [{ media: { mode: 'all' } }, /media.mode: is "all", must be pass or anchor or needed/],
  [{ prefixes: ['+'] }, /prefixes\[0\]: is "\+", must be leading digits/],
];

for (const [change, message] of wrongGateways) {
  test(`ROUTE-02 a routing gateway with ${JSON.stringify(change)} is refused`, () => {
    const mistakes = mistakesOf(rightDocument({ routingGateways: [{ ...gateway, ...change }] }));
    assert.equal(mistakes.length, 1, mistakes.join('\n'));
    assert.match(mistakes[0] ?? '', message);
    assert.match(mistakes[0] ?? '', /^routingGateways\[0\]\./);
  });
}

test('CALL-08 the media of a phone is read as that of a gateway; nothing is kept of phones that say nothing', () => {
  const phone = { username: '1001', password: 'p', account: 'demo' };
  const phones = [{ ...phone, media: { srtp: 'dtls' } }];
  assert.deepEqual(mistakesOf(rightDocument({ phones })), [
    'phones[0].media.srtp: is what a media relay does: set mode to anchor, or to needed, or leave it out',
  ]);
  const [silent, anchored] = configurationSchema.parse(
    rightDocument({ phones: [phone, { ...phone, username: '1002', media: { mode: 'anchor' } }] }),
  ).phones;
  assert.equal(silent?.media, undefined);
  assert.equal(anchored?.media?.nat, 'symmetric');
});

test('ROUTE-02 gateways by IPv4 and IPv6 address, by name and without a port are right', () => {
  const addresses = [
    ...['192.0.2.7:5062', '[2001:db8::1]:5060', '192.0.2.1'],
    ...['carrier.example', 'sip.carrier.example:5070'],
  ];
  const routingGateways = [{ ...gateway, addresses, account: 'vendor-x', group: 'g1' }];
  assert.deepEqual(mistakesOf(rightDocument({ routingGateways })), []);
});

test('BILL-02 money is a decimal with at most nine digits, in quotes', () => {
  const wrong = ['1e3', '', ' 1', '0.0000000001', '-1', 'x'];
  for (const pricePerMinute of wrong) {
    const rates = [{ prefix: '44', pricePerMinute }];
    const rateGroups = [{ name: 'standard', currency: 'USD', rates }];
    const mistakes = mistakesOf(rightDocument({ rateGroups }));
    assert.equal(mistakes.length, 1);
    assert.match(mistakes[0] ?? '', /pricePerMinute: is/);
  }
});

test('BILL-02 one prefix twice in a rate group is refused', () => {
  const rates = [
    { prefix: '44', pricePerMinute: '1' },
    { prefix: '4420', pricePerMinute: '1' },
    { prefix: '44', pricePerMinute: '2' },
  ];
  const rateGroups = [{ name: 'standard', currency: 'USD', rates }];
  assert.deepEqual(mistakesOf(rightDocument({ rateGroups })), [
    'rateGroups[0].rates[2].prefix: "44" is there already, at rateGroups[0].rates[0].prefix',
  ]);
});

test('BILL-02 a prefix may have several rates, of which one is in effect at any time', () => {
  const [may, june, july] = [
    '2026-05-01T00:00:00Z',
    '2026-06-01T00:00:00Z',
    '2026-07-01T00:00:00Z',
  ];
  const mistakes = (...times: object[]) => {
    const rates = times.map((each) => ({ prefix: '44', pricePerMinute: '1', ...each }));
    return mistakesOf(
      rightDocument({ rateGroups: [{ name: 'standard', currency: 'USD', rates }] }),
    );
  };
  const inJune = { effectiveFrom: june, effectiveUntil: july };
  assert.deepEqual(mistakes({ effectiveUntil: june }, inJune, { effectiveFrom: july }), []);
  assert.deepEqual(mistakes(inJune, { effectiveFrom: may }), [
    'rateGroups[0].rates[1].prefix: "44" has another rate in effect at the same time, at rateGroups[0].rates[0].prefix: see effectiveFrom and effectiveUntil',
  ]);
  assert.deepEqual(mistakes({ effectiveUntil: may }, inJune, {}), [
    'rateGroups[0].rates[2].prefix: "44" is there already, at rateGroups[0].rates[0].prefix',
  ]);
  assert.deepEqual(mistakes({ effectiveFrom: july, effectiveUntil: june }), [
    'rateGroups[0].rates[0].effectiveUntil: must be later than effectiveFrom',
  ]);
});

test('BILL-02 a currency is one of ISO 4217', () => {
  const rateGroups = [{ name: 'standard', currency: 'XTS', rates: [] }];
  const accounts = [{ name: 'demo', rateGroup: 'standard', currency: 'XTS' }];
  assert.deepEqual(
    mistakesOf(rightDocument({ rateGroups, accounts })).filter((each) => each.includes('ISO')),
    [
      'rateGroups[0].currency: is XTS, which is no currency of ISO 4217',
      'accounts[0].currency: is XTS, which is no currency of ISO 4217',
    ],
  );
});

test('BILL-02 prefixes are compared as they are used: without +, which is none alone', () => {
  const prefixes = ['44', '1', '+44', '+', '+2', '+#'];
  const rates = prefixes.map((prefix) => ({ prefix, pricePerMinute: '1' }));
  const rateGroups = [{ name: 'standard', currency: 'USD', rates }];
  const [first = '', second = '', ...more] = mistakesOf(rightDocument({ rateGroups })).toSorted();
  assert.deepEqual(more, []);
  assert.match(
    first,
    /^rateGroups\[0\]\.rates\[2\]\.prefix: "\+44" is there already, at .*rates\[0\]/,
  );
  assert.match(second, /^rateGroups\[0\]\.rates\[3\]\.prefix: is "\+", must be leading digits/);
});

test('BILL-01 a customer without rate group, and two currencies, are refused', () => {
  const accounts = [{ name: 'demo' }, { name: 'other', rateGroup: 'standard', currency: 'EUR' }];
  assert.deepEqual(mistakesOf(rightDocument({ accounts })), [
    'accounts[0].rateGroup: is missing: a customer is charged by a rate group',
    'accounts[1].currency: is EUR, but rate group "standard" has USD: both must have the same currency',
  ]);
});

test('BILL-01 a validity date that is no time is refused', () => {
  const accounts = [{ name: 'demo', rateGroup: 'standard', validUntil: '2030-02-31' }];
  assert.match(
    mistakesOf(rightDocument({ accounts }))[0] ?? '',
    /validUntil: is "2030-02-31", must be a time/,
  );
});

test('OPS-01 a duplicate name in each list is refused with the place of the first', () => {
  const twice = <T>(entry: T): T[] => [entry, entry];
  const lists = {
    rateGroups: twice({ name: 'standard', currency: 'USD' }),
    accounts: twice({ name: 'demo', rateGroup: 'standard' }),
    gatewayGroups: twice({ name: 'g1' }),
    routingGateways: twice(gateway),
  };
  for (const [list, entries] of Object.entries(lists)) {
    assert.deepEqual(
      mistakesOf(rightDocument({ [list]: entries })).filter((text) => text.includes('already')),
      [`${list}[1].name: "${entries[0]?.name ?? ''}" is there already, at ${list}[0].name`],
    );
  }
});

test('OPS-01 unknown keys are named, with the known ones where none is near', () => {
  const mistakes = mistakesOf(rightDocument({ phone: [], zebra: 1 }));
  assert.match(mistakes[0] ?? '', /^phone: is not known; did you mean "phones"\?/);
  assert.match(mistakes[1] ?? '', /^zebra: is not known; known here: parameters, realm/);
});

test('OPS-01 entries of the wrong kind are named and the rest is still checked', () => {
  const mistakes = mistakesOf(
    rightDocument({
      phones: [5, { username: '1001', password: 'x', account: 'nix' }],
      gatewayGroups: 'g',
    }),
  );
  assert.equal(mistakes.length, 3);
  assert.match(mistakes.join('\n'), /phones\[0\]: is 5, must be a block/);
  assert.match(mistakes.join('\n'), /gatewayGroups: is "g", must be a list/);
  assert.match(mistakes.join('\n'), /phones\[1\].account: names customer account "nix"/);
});
