import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sortBatch } from '../../src/core/cdr-batch.ts';
import { readCursor, writeCursor } from '../../src/core/cdr-cursor.ts';
import { answeredEvent, endedEvent, noonMs, terms, received } from '../support/call-events.ts';
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
      endedEvent('b', { eventId: 'b.interim.1', type: 'interim' }),
    ].map(received),
  );
  assert.deepEqual(batch.ended.map(({ callId }) => callId), ['a', 'b']); // prettier-ignore
  assert.deepEqual(batch.answered.map(({ event }) => event.head.callId), ['c']); // prettier-ignore
  assert.equal(batch.duplicates, 2);
  assert.deepEqual(batch.dead, []);
});

test('BILL-09 signs of life are kept with the answer, the latest one counts; an interim event may stand for the answer', () => {
  const interim = (callId: string, number: number, aliveMs: number) =>
    answeredEvent(callId, {
      eventId: `${callId}.interim.${String(number)}`,
      type: 'interim',
      aliveMs,
    });
  const { answered } = sortBatch(
    [
      interim('a', 2, noonMs + 600_000),
      answeredEvent('a'),
      interim('a', 1, noonMs + 300_000),
      interim('b', 1, noonMs + 300_000),
    ].map(received),
  );
  assert.deepEqual(
    answered.map(({ event, aliveMs }) => [event.head.callId, aliveMs - noonMs]),
    [['a', 600_000], ['b', 300_000]], // prettier-ignore
  );
});

test('BILL-04 an end without facts is kept apart, unless a whole one came before', () => {
  const partial = (callId: string, changes = {}) =>
    endedEvent(callId, { startedMs: 0, answeredMs: 0, partial: true, ...changes });
  const batch = sortBatch(
    [
      partial('a'),
      partial('a'),
      endedEvent('b'),
      partial('b'),
      partial('d'),
      endedEvent('d'),
      partial('c', { endedMs: 0 }),
      answeredEvent('a'),
    ].map(received),
  );
  assert.deepEqual(batch.partial.map(({ head }) => head.callId), ['a', 'd']); // prettier-ignore
  assert.deepEqual(batch.ended.map(({ callId }) => callId), ['b', 'd']); // prettier-ignore
  assert.deepEqual(batch.answered.map(({ event }) => event.head.callId), ['a']); // prettier-ignore
  assert.deepEqual(batch.dead.map(({ cause }) => cause), ['ended at 0']); // prettier-ignore
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
