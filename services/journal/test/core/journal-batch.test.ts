import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCursor, writeCursor } from '../../src/core/entry-cursor.ts';
import { batchOf } from '../../src/core/journal-batch.ts';
import { cutoffAt, daysBetween, keptAt } from '../../src/core/retention.ts';
import { DAY_MS, NOON, entryMessage, entryOf, tallyMessage } from '../messages.ts';

const kept = keptAt(NOON, { days: 2, historyDays: 10 });

test('OPS-10 of an entry that comes several times in a batch the highest count is kept', () => {
  const grown = { count: 5, lastMs: NOON + 1000 };
  const messages = [entryMessage(), entryMessage(grown), entryMessage({ count: 2 })];
  assert.deepEqual(batchOf(messages, kept).entries, [entryOf(grown)]);
});

test('REG-06 of a count that comes several times the highest is kept, each writer by itself', () => {
  const row = { name: 'refreshed', count: 3 };
  const messages = [
    tallyMessage(60, [row]),
    tallyMessage(60, [{ ...row, count: 2 }]),
    tallyMessage(60, [row], { writer: 'other' }),
    tallyMessage(3600, [{ ...row, network: '192.0.2.0/24' }]),
  ];
  const { hours, minutes } = batchOf(messages, kept);
  assert.deepEqual(minutes.map(({ count, writer }) => [writer, count]), [['life', 3], ['other', 3]]); // prettier-ignore
  assert.deepEqual(hours.map(({ count, network }) => [network, count]), [['192.0.2.0/24', 3]]); // prettier-ignore
});

test('OPS-10 what is of a time that is not kept, or has not come, is counted as stray', () => {
  const messages = [
    entryMessage({ firstMs: NOON - 3 * DAY_MS }),
    entryMessage({ firstMs: NOON + 2 * DAY_MS }),
    tallyMessage(60, [{ name: 'refreshed', count: 1 }], { startMs: NOON - 3 * DAY_MS }),
    tallyMessage(3600, [{ name: 'refreshed', count: 1 }], { startMs: NOON - 3 * DAY_MS }),
    tallyMessage(3600, [{ name: 'refreshed', count: 1 }], { startMs: NOON - 12 * DAY_MS }),
  ];
  const batch = batchOf(messages, kept);
  assert.deepEqual([batch.entries.length, batch.minutes.length, batch.hours.length, batch.strays], [0, 0, 1, 4]); // prettier-ignore
});

test('OPS-10 days are whole, UTC', () => {
  const { entriesMs } = cutoffAt(NOON, { days: 2, historyDays: 2 });
  assert.equal(new Date(entriesMs).toISOString(), '2026-06-13T00:00:00.000Z');
  assert.equal(daysBetween(NOON, NOON + DAY_MS).length, 2);
});

test('OPS-10 a cursor is read as it was written, and anything else is none', () => {
  const cursor = { firstMs: NOON, id: 'a:b.1' };
  assert.deepEqual(readCursor(writeCursor(cursor)), cursor);
  for (const text of ['', 'x', Buffer.from('1:').toString('base64url')]) {
    assert.equal(readCursor(text), undefined);
  }
});
