import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sortBatch } from '../../src/core/cdr-batch.ts';
import { readCursor, writeCursor } from '../../src/core/cdr-cursor.ts';
import { answeredEvent, endedEvent, terms, received } from '../support/call-events.ts';
import { Terms } from '@tandem/proto/billing';

test('BILL-04 doubled events of one batch count once, an answer beside its end not at all', () => {
  const batch = sortBatch(
    [
      endedEvent('b'),
      answeredEvent('b'),
      answeredEvent('c'),
      answeredEvent('c'),
      endedEvent('a'),
      endedEvent('b'),
      endedEvent('b', { type: 'interim' }),
    ].map(received),
  );
  assert.deepEqual(batch.ended.map(({ callId }) => callId), ['a', 'b']); // prettier-ignore
  assert.deepEqual(batch.answered.map(({ head }) => head.callId), ['c']); // prettier-ignore
  assert.equal(batch.duplicates, 2);
  assert.deepEqual(batch.dead, []);
});

test('BILL-04 what is unusable is put aside once, beside the rest', () => {
  const batch = sortBatch(
    [
      endedEvent('bad', { startedMs: 0 }),
      endedEvent('bad', { startedMs: 0 }),
      answeredEvent('worse', { answeredMs: 0 }),
      endedEvent('good'),
    ].map(received),
  );
  assert.deepEqual(batch.ended.map(({ callId }) => callId), ['good']); // prettier-ignore
  assert.deepEqual(batch.dead.map(({ position }) => position), ['event bad.ended.1', 'event worse.answered.1']); // prettier-ignore
});

test('BILL-04 a call that cannot be charged has its CDR and is put aside for a look as well', () => {
  const customerTerms = Terms.encode(terms({ pricePerMinute: 'x' })).finish();
  const batch = sortBatch([endedEvent('call-1', { customerTerms })].map(received));
  assert.equal(batch.ended.length, 1);
  assert.equal(batch.dead.length, 1);
});

test('BILL-06 a cursor is read back, and nothing else is taken for one', () => {
  const cursor = { startedMs: 1_763_722_800_123, callId: 'a:b-ü' };
  assert.deepEqual(readCursor(writeCursor(cursor)), cursor);
  for (const text of ['', 'nonsense', Buffer.from('x:y').toString('base64url')]) {
    assert.equal(readCursor(text), undefined);
  }
});
