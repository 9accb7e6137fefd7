import assert from 'node:assert/strict';
import test from 'node:test';
import { RecentMarks } from '../../../src/core/overload/recent-marks.ts';

const now = 1_000_000;

test('CALL-11 what was marked is known for its time, and for no longer', () => {
  const marks = new RecentMarks(1024, 32_000);
  assert.equal(marks.has('a', now), false);
  marks.add('a', now);
  assert.equal(marks.has('a', now), true);
  assert.equal(marks.has('b', now), false);
  assert.equal(marks.has('a', now + 31_000), true);
  assert.equal(marks.has('a', now + 33_000), false);
});

test('CALL-11 a mark that is taken is gone', () => {
  const marks = new RecentMarks(1024, 32_000);
  assert.equal(marks.take('a', now), false);
  marks.add('a', now);
  assert.equal(marks.take('a', now), true);
  assert.equal(marks.take('a', now), false);
  assert.equal(marks.has('a', now), false);
});

test('CALL-11 half of what a table holds is all there, and nothing else is', () => {
  const marks = new RecentMarks(16_384, 32_000);
  for (let at = 0; at < 8192; at++) marks.add(`z9hG4bK${String(at)}|10.0.0.1:5060|INVITE`, now);
  let missing = 0;
  let wrong = 0;
  for (let at = 0; at < 8192; at++) {
    missing += marks.has(`z9hG4bK${String(at)}|10.0.0.1:5060|INVITE`, now) ? 0 : 1;
    wrong += marks.has(`z9hG4bKx${String(at)}|10.0.0.1:5060|INVITE`, now) ? 1 : 0;
  }
  assert.ok(missing < 8192 * 0.06, `${String(missing)} are missing`);
  assert.equal(wrong, 0);
});
