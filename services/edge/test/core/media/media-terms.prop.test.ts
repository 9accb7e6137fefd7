import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  mediaTerms,
  readMediaTerms,
  writeMediaTerms,
} from '../../../src/core/media/media-terms.ts';
import type { MediaTerms, SideTerms } from '../../../src/core/media/media-terms.ts';
import { ByteReader, ByteWriter } from '../../../src/core/network/byte-codec.ts';
import { anchoredPlan } from '../../support/simulated-relays.ts';

const plain = { noNullPrototype: true };
const codecs = fc.array(fc.constantFrom('PCMA', 'PCMU', 'opus/48000/2', 'telephone-event'), {
  maxLength: 3,
});
const side: fc.Arbitrary<SideTerms> = fc.record(
  {
    srtp: fc.constantFrom('', 'none', 'sdes', 'dtls'),
    ice: fc.constantFrom('', 'remove', 'force'),
    addressFamily: fc.constantFrom('', 'ipv4', 'ipv6'),
    nat: fc.constantFrom('symmetric', 'sip-source', 'none'),
    dtmf: fc.constantFrom('pass', 'rfc4733'),
    interface: fc.constantFrom('', 'access', 'core-1'),
    codecsStripped: codecs,
    codecsOffered: codecs,
  },
  plain,
);
const terms: fc.Arbitrary<MediaTerms> = fc.record(
  {
    relay: fc.integer({ min: 1, max: 0xffff_ffff }),
    attempt: fc.integer({ min: 1, max: 255 }),
    isRequired: fc.boolean(),
    isRecorded: fc.boolean(),
    isLateOffer: fc.boolean(),
    silenceSeconds: fc.oneof(fc.constant(0), fc.integer({ min: 10, max: 3600 })),
    a: side,
    b: side,
  },
  plain,
);

test('CALL-08 how media is anchored is read from a token as it was packed', () => {
  fc.assert(
    fc.property(terms, (value) => {
      const writer = new ByteWriter();
      writeMediaTerms(writer, value);
      const reader = new ByteReader(writer.finish());
      assert.deepEqual(readMediaTerms(reader), value);
      assert.ok(reader.isAtEnd);
    }),
  );
});

test('CALL-08 terms without anything special take eight bytes', () => {
  const value = mediaTerms(anchoredPlan(), {
    relay: 7,
    attempt: 1,
    isLateOffer: false,
    offer: () => '',
  });
  assert.ok(value !== undefined);
  const writer = new ByteWriter();
  writeMediaTerms(writer, value);
  assert.equal(writer.finish().length, 8);
});

test('CALL-08 an attempt without a relay, or without a plan, has no terms', () => {
  const place = { relay: 0, attempt: 1, isLateOffer: false, offer: () => undefined };
  assert.equal(mediaTerms(anchoredPlan(), place), undefined);
  assert.equal(mediaTerms(undefined, { ...place, relay: 7 }), undefined);
});
