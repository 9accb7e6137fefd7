import assert from 'node:assert/strict';
import test from 'node:test';
import type { TransportName } from '@tandem/sip';
import fc from 'fast-check';
import { formatMark } from '../../../src/core/marks/call-mark.ts';
import {
  decodeToken,
  encodeToken,
  issueToken,
  openToken,
  sealToken,
} from '../../../src/core/dialog/dialog-token.ts';
import type { DialogToken } from '../../../src/core/dialog/dialog-token.ts';
import type { PeerAddress } from '../../../src/core/network/peer-address.ts';
import { Sealer } from '../../../src/core/marks/seal.ts';
import { plainTerms } from '../../../src/core/dialog/token-terms.ts';
import type { TokenTerms } from '../../../src/core/dialog/token-terms.ts';
import { CALL_ID, sealer } from '../../support/messages.ts';

const mark = formatMark(sealer, { slot: 3, epoch: 77, callId: CALL_ID, sequence: 0 });

/** A token as a caller of the usual kind holds it. */
const tokenA: DialogToken = {
  callId: CALL_ID,
  holder: 'a',
  holderAddresses: ['192.0.2.10'],
  callerAddresses: [],
  target: 'sip:gw@203.0.113.5:5071',
  nextHop: { address: '203.0.113.5', port: 5071 },
  routes: [],
  callIdHeader: CALL_ID,
  localUri: '<sip:1001@198.51.100.1>',
  remoteUri: '<sip:442079460000@203.0.113.5:5070>',
  localTag: 'alice',
  remoteTag: 'carrier',
  cseqOffset: 0,
  firstCseq: 17,
  isRouted: false,
  isStored: false,
  terms: {
    sessionSeconds: 600,
    speaksFromS: 1_795_262_985,
    hasCallerTimer: false,
    relaysRefer: false,
    contactForm: 'user',
    mayChallenge: false,
    identityA: 0,
    identityB: 0,
  },
};
const tokenB: DialogToken = {
  ...tokenA,
  holder: 'b',
  holderAddresses: ['203.0.113.5', '2001:db8::5'],
  target: 'sip:1001@192.0.2.10:5062',
  callIdHeader: 'call@office.example',
  remoteUri: '<sip:1001@192.0.2.10:5062>',
  localTag: mark,
  cseqOffset: 2,
  firstCseq: 0,
};

const overTcp: DialogToken = {
  ...tokenB,
  nextHop: {
    ...tokenB.nextHop,
    transport: 'tcp',
    flow: { gate: '10.0.0.7:7000', connection: 2 ** 40 },
  },
};

const word = fc.stringMatching(/^[A-Za-z0-9._~-]{1,24}$/);
const uri = fc.oneof(
  fc.tuple(word, word).map(([user, host]) => `sip:${user}@${host}:5060;transport=udp`),
  fc.tuple(word, word).map(([user, host]) => `sips:${user}@${host}`),
  word.map((user) => `tel:${user}`),
);
const address = fc.oneof(fc.ipV4(), fc.ipV6());
const place = fc.oneof(
  address,
  fc.tuple(fc.ipV4(), fc.nat(32)).map(([first, bits]) => `${first}/${String(bits)}`),
  fc.tuple(fc.ipV6(), fc.nat(128)).map(([first, bits]) => `${first}/${String(bits)}`),
);
const port = fc.integer({ min: 1, max: 65_535 });
const gate = fc.oneof(
  fc.tuple(fc.ipV4(), port).map(([host, at]) => `${host}:${String(at)}`),
  fc.constantFrom('', '[2001:db8::1]:7000', 'gate-1'),
);
const byConnection = fc.constantFrom<TransportName>('tcp', 'tls', 'ws', 'wss');
const anyPeer: fc.Arbitrary<PeerAddress> = fc.oneof(
  fc.record({ address, port }, { noNullPrototype: true }),
  fc.record({ address, port, transport: byConnection }, { noNullPrototype: true }),
  fc.record(
    {
      address,
      port,
      transport: byConnection,
      flow: fc.record(
        { gate, connection: fc.nat({ max: 2 ** 48 - 1 }) },
        { noNullPrototype: true },
      ),
    },
    { noNullPrototype: true },
  ),
);
const anyTerms: fc.Arbitrary<TokenTerms> = fc.record(
  {
    sessionSeconds: fc.nat(65_535).map((half) => half * 2),
    speaksFromS: fc.oneof(fc.constant(0), fc.nat(0x7fff_ffff)),
    hasCallerTimer: fc.boolean(),
    relaysRefer: fc.boolean(),
    contactForm: fc.constantFrom('user', 'param'),
    mayChallenge: fc.boolean(),
    identityA: fc.nat(511),
    identityB: fc.nat(511),
  },
  { noNullPrototype: true },
);
const anyToken: fc.Arbitrary<DialogToken> = fc.record(
  {
    callId: fc
      .uint8Array({ minLength: 12, maxLength: 12 })
      .map((bytes) => Buffer.from(bytes).toString('base64url')),
    holder: fc.constantFrom('a', 'b'),
    holderAddresses: fc.array(place, { minLength: 1, maxLength: 3 }),
    callerAddresses: fc.array(place, { maxLength: 3 }),
    target: uri,
    nextHop: anyPeer,
    routes: fc.array(
      uri.map((each) => `<${each};lr>`),
      { maxLength: 3 },
    ),
    callIdHeader: word,
    localUri: fc.oneof(
      uri.map((each) => `<${each}>`),
      uri.map((each) => `"A, \\"B\\"" <${each}>`),
    ),
    remoteUri: uri.map((each) => `<${each}>`),
    localTag: fc.oneof(word, fc.constant(mark)),
    remoteTag: fc.oneof(word, fc.constant('')),
    cseqOffset: fc.nat(255),
    firstCseq: fc.nat(0x7fff_ffff),
    isRouted: fc.boolean(),
    isStored: fc.boolean(),
    terms: anyTerms,
  },
  { noNullPrototype: true },
);

test('CALL-06 any token comes back from its bytes', () => {
  fc.assert(
    fc.property(anyToken, (token) => {
      const expected = token.holder === 'a' ? token : { ...token, firstCseq: 0 };
      assert.deepEqual(decodeToken(encodeToken(token)), expected);
    }),
  );
});

test('CALL-06 the target as remote URI, the call id as Call-ID and a mark as tag come back too', () => {
  for (const token of [tokenA, tokenB]) assert.deepEqual(decodeToken(encodeToken(token)), token);
  assert.ok(
    encodeToken(tokenB).length < encodeToken({ ...tokenB, remoteUri: '<sip:x@y>' }).length + 30,
  );
});

test('CALL-06 a usual token is sealed inline and within 240 characters', () => {
  for (const token of [tokenA, tokenB, overTcp, { ...tokenA, terms: plainTerms }]) {
    const text = sealToken(sealer, token);
    assert.ok(text.length <= 240, String(text.length));
    assert.match(text, /^[\w-]+$/);
    assert.deepEqual(openToken(sealer, text), { kind: 'inline', token });
  }
});

test('CALL-06 a token over 240 characters, or for a gateway that cannot bear it, is a reference', () => {
  const long = { ...tokenB, routes: Array.from({ length: 4 }, () => `<sip:${'r'.repeat(60)};lr>`) };
  const expected = { kind: 'stored', callId: CALL_ID, holder: 'b' };
  assert.deepEqual(openToken(sealer, sealToken(sealer, long)), expected);
  assert.deepEqual(openToken(sealer, sealToken(sealer, { ...tokenB, isStored: true })), expected);
  assert.deepEqual(openToken(sealer, sealToken(sealer, { ...tokenA, isStored: true })), {
    ...expected,
    holder: 'a',
  });
});

test('edge.md §2: a token of a call that has one already gets the same key, whatever key is current by now', () => {
  const [old, young] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  const before = new Sealer([old]);
  const after = new Sealer([young, old]);
  const { text } = issueToken(before, tokenA);
  assert.equal(issueToken(after, tokenA, text).text, text);
  assert.notEqual(issueToken(after, tokenA).text, text);
  assert.deepEqual(openToken(after, text), { kind: 'inline', token: tokenA });
});

test('CALL-06 whether a token is a reference is said, so that it is stored before it leaves', () => {
  assert.equal(issueToken(sealer, tokenB).isReference, false);
  assert.equal(issueToken(sealer, { ...tokenB, isStored: true }).isReference, true);
});

test('CALL-06 no change to a sealed token gives another token', () => {
  const text = sealToken(sealer, tokenA);
  fc.assert(
    fc.property(
      fc.nat(text.length - 1),
      fc.constantFrom('a', 'b', 'Z', '0', '9', '-', '_'),
      (at, character) => {
        const changed = text.slice(0, at) + character + text.slice(at + 1);
        const opened = openToken(sealer, changed);
        if (opened !== undefined) assert.deepEqual(opened, { kind: 'inline', token: tokenA });
      },
    ),
  );
});

test('CALL-10 texts that are no token open as nothing, cut tokens throw RangeError at most', () => {
  for (const text of ['', '1001', '442079460000', 'a'.repeat(200)]) {
    assert.equal(openToken(sealer, text), undefined);
  }
  const bytes = encodeToken(tokenB);
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(() => decodeToken(bytes.subarray(0, length)), RangeError);
  }
});

test('AUTH-01 a token with a long list keeps what counts most of it rather than become a reference', () => {
  const list = Array.from(
    { length: 300 },
    (_, at) => `10.0.${String(at >> 8)}.${String(at & 255)}`,
  );
  const wide = { ...tokenA, holderAddresses: ['192.0.2.0/24', '198.51.100.9', ...list] };
  assert.deepEqual(decodeToken(encodeToken(wide)), wide);
  const { text, bytes, isReference } = issueToken(sealer, wide);
  assert.equal(isReference, false);
  assert.deepEqual(decodeToken(bytes), wide, 'the record has them all');
  const opened = openToken(sealer, text);
  assert.ok(opened?.kind === 'inline' && text.length <= 240);
  const kept = opened.token.holderAddresses;
  assert.deepEqual(kept, wide.holderAddresses.slice(0, kept.length));
  assert.ok(kept.length >= 2, String(kept.length));
});

test('CALL-07 a token keeps the listener of the leg and where its caller takes answers, and costs nothing without', () => {
  const { length } = encodeToken(tokenA);
  const peers: readonly PeerAddress[] = [
    { address: '203.0.113.5', port: 5071, listener: 4_000_000_000 },
    { address: '2001:db8::5', port: 5071, transport: 'tcp', listener: 1 },
    {
      address: '203.0.113.5',
      port: 5071,
      transport: 'tcp',
      flow: { gate: '10.0.0.3:7000', connection: 17 },
      listener: 7,
    },
  ];
  for (const nextHop of peers) {
    const token = { ...tokenA, nextHop };
    assert.deepEqual(decodeToken(encodeToken(token)), token);
  }
  for (const replyMode of ['via', 'via-port'] as const) {
    for (const mayChallenge of [false, true]) {
      const token = { ...tokenA, terms: { ...tokenA.terms, mayChallenge, replyMode } };
      assert.equal(encodeToken(token).length, length + 1);
      assert.deepEqual(decodeToken(encodeToken(token)), token);
    }
  }
});
