import type { JournalMessage } from '@tandem/events';
import type { JournalEntry } from '@tandem/proto/journal';
import { TallyRow } from '@tandem/proto/journal';

/** A moment of no particular day. */
export const NOON = Date.parse('2026-06-15T12:00:00Z');
export const DAY_MS = 86_400_000;

export function entryOf(changes: Partial<JournalEntry> = {}): JournalEntry {
  return {
    id: 'life.1',
    firstMs: NOON,
    lastMs: NOON,
    count: 1,
    cause: 'expiry-too-short',
    terminal: '1001',
    account: 'demo',
    source: '192.0.2.7:5060',
    userAgent: 'baresip v1.0.0',
    facts: [
      { name: 'asked', value: '10' },
      { name: 'SS_ENDPOINT_EXPIRE_MIN', value: '60' },
    ],
    writer: 'pod-1',
    callIds: [],
    caller: '',
    callee: '',
    ...changes,
  };
}

export function entryMessage(changes: Partial<JournalEntry> = {}): JournalMessage {
  return { content: { $case: 'entry', value: entryOf(changes) } };
}

export function tallyMessage(
  seconds: 60 | 3600,
  rows: readonly Partial<TallyRow>[],
  { startMs = NOON, writer = 'life' } = {},
): JournalMessage {
  const value = { writer, startMs, seconds, rows: rows.map((row) => TallyRow.create(row)) };
  return { content: { $case: 'tally', value } };
}
