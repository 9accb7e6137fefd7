import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { formatMark } from '../../src/core/call-mark.ts';
import { decodeToken, encodeToken, openToken, sealToken } from '../../src/core/dialog-token.ts';
import type { DialogToken } from '../../src/core/dialog-token.ts';
import { CALL_ID, sealer } from '../support/messages.ts';

const mark = formatMark(sealer, { slot: 3, epoch: 77, callId: CALL_ID, sequence: 0 });

/** A token as a caller of the usual kind holds it. */
const tokenA: DialogToken = {
  callId: CALL_ID,
  holder: 'a',
  holderAddresses: ['192.0.2.10'],
  target: 'sip:gw@203.0.113.5:5071',
  nextHop: { address: '203.0.113.5', port: 5071 },
  routes: [],
  callIdHeader: CALL_ID,
  localUri: '<sip:1001@198.51.100.1>',
  remoteUri: '<sip:442079460000@203.0.113.5:5070>',
  localTag: 'alice',
  remoteTag: 'carrier',
  cseqOffset: 0,
  isStored: false,
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
};

const word = fc.stringMatching(/^[A-Za-z0-9._~-]{1,24}$/);
const uri = fc.oneof(
  fc.tuple(word, word).map(([user, host]) => `sip:${user}@${host}:5060;transport=udp`),
  fc.tuple(word, word).map(([user, host]) => `sips:${user}@${host}`),
  word.map((user) => `tel:${user}`),
);
const address = fc.oneof(fc.ipV4(), fc.ipV6());
const anyToken: fc.Arbitrary<DialogToken> = fc.record(
  {
    callId: fc
      .uint8Array({ minLength: 12, maxLength: 12 })
      .map((bytes) => Buffer.from(bytes).toString('base64url')),
    holder: fc.constantFrom('a', 'b'),
    holderAddresses: fc.array(address, { minLength: 1, maxLength: 3 }),
    target: uri,
    nextHop: fc.record(
      { address, port: fc.integer({ min: 1, max: 65_535 }) },
      { noNullPrototype: true },
    ),
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
    isStored: fc.boolean(),
  },
  { noNullPrototype: true },
);

test('CALL-06 any token comes back from its bytes', () => {
  fc.assert(
    fc.property(anyToken, (token) => {
      assert.deepEqual(decodeToken(encodeToken(token)), token);
    }),
  );
});

test('CALL-06 the target as remote URI, the call id as Call-ID and a mark as tag come back too', () => {
  for (const token of [tokenA, tokenB]) assert.deepEqual(decodeToken(encodeToken(token)), token);
  assert.ok(
    encodeToken(tokenB).length < encodeToken({ ...tokenB, remoteUri: '<sip:x@y>' }).length + 30,
  );
});

test('CALL-06 a usual token is sealed inline and within 220 characters', () => {
  for (const token of [tokenA, tokenB]) {
    const text = sealToken(sealer, token);
    assert.ok(text.length <= 220, String(text.length));
    assert.match(text, /^[\w-]+$/);
    assert.deepEqual(openToken(sealer, text), { kind: 'inline', token });
  }
});

test('CALL-06 a token over 220 characters, or for a gateway that cannot bear it, is a reference', () => {
  const long = { ...tokenB, routes: Array.from({ length: 4 }, () => `<sip:${'r'.repeat(60)};lr>`) };
  const expected = { kind: 'stored', callId: CALL_ID, holder: 'b' };
  assert.deepEqual(openToken(sealer, sealToken(sealer, long)), expected);
  assert.deepEqual(openToken(sealer, sealToken(sealer, { ...tokenB, isStored: true })), expected);
  assert.deepEqual(openToken(sealer, sealToken(sealer, { ...tokenA, isStored: true })), {
    ...expected,
    holder: 'a',
  });
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
