import assert from 'node:assert/strict';
import test from 'node:test';
import { branchPrefixes, useOfBranch } from '../../../src/core/marks/branch-use.ts';
import { formatMark, markedBranch } from '../../../src/core/marks/call-mark.ts';
import { CALL_ID, sealer } from '../../support/messages.ts';

test('edge.md §2: a branch of ours says what its request was for; that of an INVITE has a mark instead', () => {
  for (const [use, prefix] of Object.entries(branchPrefixes)) {
    assert.equal(useOfBranch(`${prefix}rest`), use);
    assert.equal(useOfBranch(prefix), use);
  }
  const mark = { slot: 1, epoch: 7, callId: CALL_ID, sequence: 1 };
  assert.equal(useOfBranch(markedBranch(formatMark(sealer, mark))), 'invite');
  for (const foreign of ['', 'z9hG4bK', 'z9hG4bK-', 'z9hG4bK-x', 'Z9HG4BK-s']) {
    assert.equal(useOfBranch(foreign), 'invite', foreign);
  }
});
