import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  markedBranch,
  formatMark,
  MARK_BYTES,
  parseBranch,
  parseMark,
} from '../../../src/core/marks/call-mark.ts';
import { Sealer } from '../../../src/core/marks/seal.ts';
import { CALL_ID, sealer } from '../../support/messages.ts';

const mark = { slot: 3, epoch: 77, callId: CALL_ID, sequence: 2 };
const anyMark = fc.record(
  {
    slot: fc.nat(255),
    epoch: fc.nat(0xff_ffff),
    sequence: fc.nat(255),
    callId: fc
      .uint8Array({ minLength: 12, maxLength: 12 })
      .map((bytes) => Buffer.from(bytes).toString('base64url')),
  },
  { noNullPrototype: true },
);

test('CALL-06 a branch is 35 characters, begins with the magic cookie and is the same each time', () => {
  const branch = markedBranch(formatMark(sealer, mark));
  assert.match(branch, /^z9hG4bK[\w-]{28}$/);
  assert.equal(markedBranch(formatMark(sealer, mark)), branch);
});

test('CALL-06 any mark comes back from branch and tag', () => {
  fc.assert(
    fc.property(anyMark, (each) => {
      assert.deepEqual(parseBranch(sealer, markedBranch(formatMark(sealer, each))), each);
      assert.deepEqual(parseMark(sealer, formatMark(sealer, each)), each);
    }),
  );
});

test('CALL-06 a mark with any one bit changed is none of ours', () => {
  const bytes = Buffer.from(formatMark(sealer, mark), 'base64url');
  assert.equal(bytes.length, MARK_BYTES);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    assert.equal(parseMark(sealer, changed.toString('base64url')), undefined);
  }
});

test('CALL-10 texts of another length, kind or alphabet are none of ours', () => {
  for (const text of ['', 'z9hG4bK', 'z9hG4bK776asdhds', `z9hG4bK${'!'.repeat(28)}`]) {
    assert.equal(parseBranch(sealer, text), undefined);
  }
  assert.equal(parseMark(sealer, '!'.repeat(28)), undefined);
  assert.equal(parseMark(sealer, markedBranch(formatMark(sealer, mark))), undefined);
});

test('CALL-06 a mark of another deployment is none of ours, one of our former key still is', () => {
  const old = Buffer.alloc(32, 9);
  const other = new Sealer([old]);
  const rotated = new Sealer([Buffer.alloc(32, 7), old]);
  const branch = markedBranch(formatMark(other, mark));
  assert.equal(parseBranch(sealer, branch), undefined);
  assert.deepEqual(parseBranch(rotated, branch), mark);
});
