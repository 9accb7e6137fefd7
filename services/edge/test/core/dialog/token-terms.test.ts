import assert from 'node:assert/strict';
import test from 'node:test';
import { plainTerms, readTerms, writeTerms } from '../../../src/core/dialog/token-terms.ts';
import type { TokenTerms } from '../../../src/core/dialog/token-terms.ts';
import { ByteReader, ByteWriter } from '../../../src/core/network/byte-codec.ts';

function packed(terms: TokenTerms): Buffer {
  const writer = new ByteWriter();
  writeTerms(writer, terms);
  return writer.finish();
}

test('CALL-12 how identities are dealt with on both sides is in the terms of a token, where there is anything to say', () => {
  for (const [identityA, identityB] of [
    [27, 0],
    [0, 511],
    [27, 27],
  ] as const) {
    const terms = { ...plainTerms, sessionSeconds: 600, relaysRefer: true, identityA, identityB };
    assert.deepEqual(readTerms(new ByteReader(packed(terms))), terms);
  }
  assert.equal(packed(plainTerms).length, 1);
  // As the version before wrote them.
  assert.deepEqual(readTerms(new ByteReader(Buffer.from([0]))), plainTerms);
});

test('CALL-07 CALL-12 where the caller takes answers is in the terms beside identities, and a mode of a later version is none', () => {
  for (const replyMode of ['via', 'via-port'] as const) {
    for (const identityB of [0, 511]) {
      for (const mayChallenge of [false, true]) {
        const terms = { ...plainTerms, speaksFromS: 7, mayChallenge, identityB, replyMode };
        assert.deepEqual(readTerms(new ByteReader(packed(terms))), terms);
      }
    }
    assert.equal(packed({ ...plainTerms, replyMode }).length, 2);
  }
  assert.equal(packed({ ...plainTerms, replyMode: 'socket' }).length, 1);
  assert.deepEqual(readTerms(new ByteReader(Buffer.from([64, 200]))), plainTerms);
});
