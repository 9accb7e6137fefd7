import assert from 'node:assert/strict';
import test from 'node:test';
import { formatMark, parseBranch, parseMark, markIn } from '../../../src/core/marks/call-mark.ts';
import { attemptTag, forkTag, isForkTag } from '../../../src/core/marks/dialog-tag.ts';
import { Sealer } from '../../../src/core/marks/seal.ts';
import { CALL_ID, sealer } from '../../support/messages.ts';

const place = { slot: 3, epoch: 77, callId: CALL_ID };
const toTag = formatMark(sealer, { ...place, sequence: 0 });

test('CALL-02 the first attempt has the tag of the call, each other one a mark of its own that is no branch', () => {
  assert.equal(attemptTag(sealer, toTag, 0), toTag);
  const tags = Array.from({ length: 127 }, (_, at) => attemptTag(sealer, toTag, at));
  assert.equal(new Set(tags).size, 127);
  const branches = new Set(
    Array.from({ length: 127 }, (_, at) => formatMark(sealer, { ...place, sequence: at + 1 })),
  );
  for (const tag of tags) {
    assert.equal(tag.length, toTag.length);
    assert.equal(parseMark(sealer, tag)?.callId, CALL_ID);
    assert.ok(!branches.has(tag));
  }
});

test('CALL-02 further dialogs have tags that differ by INVITE and callee, and name the call as its own does', () => {
  const opened = [
    { sequence: 1, farTag: 'one' },
    { sequence: 1, farTag: 'two' },
    { sequence: 2, farTag: 'one' },
  ];
  const tags = opened.map((each) => forkTag(sealer, toTag, each));
  assert.equal(new Set(tags).size, opened.length);
  for (const tag of tags) {
    assert.ok(isForkTag(tag));
    assert.ok(/^[\w\-~]+$/.test(tag));
    assert.deepEqual(parseMark(sealer, tag), { ...place, sequence: 0 });
    assert.equal(markIn(tag)?.callId, CALL_ID);
    assert.equal(parseBranch(sealer, `z9hG4bK${tag}`), undefined);
  }
  assert.ok(!isForkTag(toTag));
  assert.equal(parseMark(sealer, `${toTag.slice(0, -1)}A~x`), undefined);
  assert.equal(markIn(`${toTag}xabcdefgh`), undefined);
});

test('CALL-06 the tags of a call are the same on pods that change keys one after the other', () => {
  const [old, young] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  const before = new Sealer([old, young]);
  const after = new Sealer([young, old]);
  const tag = formatMark(before, { ...place, sequence: 0 });
  const opened = { sequence: 1, farTag: 'one' };
  assert.equal(attemptTag(after, tag, 2), attemptTag(before, tag, 2));
  assert.equal(forkTag(after, tag, opened), forkTag(before, tag, opened));
});

test('CALL-06 a tag that is no mark, as in the record of another version, is left as it is', () => {
  assert.equal(attemptTag(sealer, 'plain', 3), 'plain');
  assert.equal(forkTag(sealer, 'plain', { sequence: 1, farTag: 'one' }), 'plain');
});
